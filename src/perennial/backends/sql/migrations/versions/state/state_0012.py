"""Acquisition: codes and what they cost."""

revision = "state_0012"
down_revision = "state_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
