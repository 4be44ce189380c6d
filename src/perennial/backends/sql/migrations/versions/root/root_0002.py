"""Limits of each source."""

import sqlalchemy as sa
from alembic import op

revision = "root_0002"
down_revision = "root_0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Ordered by code point on every engine.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "source_limits",
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("events_per_second", BIG, nullable=False),
        sa.Column("burst", BIG, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "source"),
    )
