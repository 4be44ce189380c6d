"""Reserved (T)."""

revision = "state_0018"
down_revision = "state_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
