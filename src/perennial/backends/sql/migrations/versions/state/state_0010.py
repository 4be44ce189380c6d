"""Erasures and their receipts."""

import sqlalchemy as sa
from alembic import op

revision = "state_0010"
down_revision = "state_0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("erasure_id", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("allows_return", sa.Boolean(), nullable=False),
        sa.Column("requested_at", BIG, nullable=False),
        sa.Column("step", TEXT, nullable=False),
        sa.Column("profiles", TEXT, nullable=False),
        sa.Column("counts", TEXT, nullable=False),
        sa.Column("proof", TEXT, nullable=False),
        sa.Column("finished_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("erasure_id"),
    )
