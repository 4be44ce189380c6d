"""Reserved (N)."""

revision = "state_0021"
down_revision = "state_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
