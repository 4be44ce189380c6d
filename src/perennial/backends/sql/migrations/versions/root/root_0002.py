"""Limits of each source."""

revision = "root_0002"
down_revision = "root_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
