"""Acquisition: channels, their codes, what they cost, and who came first by them."""

import sqlalchemy as sa
from alembic import op

revision = "state_0012"
down_revision = "state_0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("channel_id", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("channel_id"),
    )
    op.create_table(
        "channel_codes",
        sa.Column("code", TEXT, nullable=False),
        sa.Column("channel_id", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "channel_costs",
        sa.Column("channel_id", TEXT, nullable=False),
        sa.Column("campaign", TEXT, nullable=False),
        sa.Column("first_day", TEXT, nullable=False),
        sa.Column("last_day", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "campaign", "first_day", "last_day", "currency"),
    )
    op.create_table(
        "first_touches",
        sa.Column("touch_id", TEXT, nullable=False),
        sa.Column("profile_id", BIG, nullable=False),
        sa.Column("owner", BIG, nullable=False),
        sa.Column("occurred_at", BIG, nullable=False),
        sa.Column("channel_id", TEXT, nullable=False),
        sa.Column("touch", TEXT, nullable=False),
        sa.Column("told_first", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("touch_id"),
    )
    op.create_index("first_touches_by_profile", "first_touches", ["profile_id", "occurred_at"])
