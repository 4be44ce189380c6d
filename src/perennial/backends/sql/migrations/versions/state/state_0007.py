"""The catalogue of events and properties, and tracking plans."""

revision = "state_0007"
down_revision = "state_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
