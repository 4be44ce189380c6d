"""Scheduled imports and exports, and channel codes."""

revision = "state_0009"
down_revision = "state_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
