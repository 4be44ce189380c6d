"""Reserved (B)."""

revision = "state_0019"
down_revision = "state_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
