"""Reserved (V)."""

revision = "state_0017"
down_revision = "state_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
