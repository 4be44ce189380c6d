"""Identity: more keys, protection, un-merge, rewriting."""

revision = "state_0006"
down_revision = "state_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
