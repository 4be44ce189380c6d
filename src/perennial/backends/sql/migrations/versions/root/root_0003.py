"""Currency and other settings of a workspace."""

revision = "root_0003"
down_revision = "root_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
