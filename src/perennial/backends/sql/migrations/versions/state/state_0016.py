"""Under which shard a message is being handed over."""

import sqlalchemy as sa
from alembic import op

revision = "state_0016"
down_revision = "state_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("shard", sa.Integer(), nullable=True))
