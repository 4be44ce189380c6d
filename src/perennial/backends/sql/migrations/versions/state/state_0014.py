"""Merges written into the log."""

revision = "state_0014"
down_revision = "state_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
