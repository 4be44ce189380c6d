"""Refused events are searched, and noted as taken once they were tried again."""

import sqlalchemy as sa
from alembic import op

revision = "intake_0004"
down_revision = "intake_0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for name in ("event", "user_id", "anonymous_id", "message_id", "envelope"):
        op.add_column("rejects", sa.Column(name, TEXT, nullable=False, server_default=""))
    op.add_column("rejects", sa.Column("events", BIG, nullable=False, server_default="1"))
    op.add_column("rejects", sa.Column("replayed_at", BIG, nullable=True))
