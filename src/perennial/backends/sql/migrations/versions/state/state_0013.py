"""Segments in full: how each stands, and how large it was."""

import sqlalchemy as sa
from alembic import op

revision = "state_0013"
down_revision = "state_0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "segment_standings",
        sa.Column("segment_id", TEXT, nullable=False),
        sa.Column("checked_at", BIG, nullable=True),
        sa.Column("due_at", BIG, nullable=True),
        sa.Column("failed_at", BIG, nullable=True),
        sa.Column("problem", TEXT, nullable=True),
        sa.Column("drift", BIG, nullable=False),
        sa.Column("drifted_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("segment_id"),
    )
    op.create_table(
        "segment_sizes",
        sa.Column("segment_id", TEXT, nullable=False),
        sa.Column("hour", BIG, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("people", BIG, nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "hour"),
        sqlite_with_rowid=False,
    )
