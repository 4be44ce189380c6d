"""Rules of cleaning, and refused events that are tried again."""

revision = "state_0008"
down_revision = "state_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
