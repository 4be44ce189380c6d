"""Messages may be ordered by a call, and bounce."""

import sqlalchemy as sa
from alembic import op

revision = "state_0031"
down_revision = "state_0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "message_orders",
        sa.Column("message_id", TEXT, primary_key=True),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("variables", TEXT, nullable=False),
    )
    op.create_table(
        "message_bounces",
        sa.Column("message_id", TEXT, primary_key=True),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("bounced_at", BIG, nullable=False),
    )
    op.create_index("message_bounces_by_address", "message_bounces", ["address", "bounced_at"])
