"""Reserved (R)."""

revision = "state_0020"
down_revision = "state_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
