"""Retention, and the names an erasure still needs."""

revision = "state_0011"
down_revision = "state_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
