"""Whose each call of a batch was, so that a replay gives the event store the rows it had."""

import sqlalchemy as sa
from alembic import op

revision = "state_0002"
down_revision = "state_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batches", sa.Column("people", sa.LargeBinary(), nullable=True))
