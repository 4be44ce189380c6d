"""Messages say what they are expected to be worth, and the time of day they are for."""

import sqlalchemy as sa
from alembic import op

revision = "state_0025"
down_revision = "state_0021"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("messages", sa.Column("value", sa.Float(), nullable=False, server_default="0"))
    op.add_column("messages", sa.Column("at", TEXT, nullable=True))
