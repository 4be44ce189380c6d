"""Databases that are read from and written to on a schedule."""

import sqlalchemy as sa
from alembic import op

revision = "state_0009"
down_revision = "state_0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("schedule_id", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("due_at", BIG, nullable=False),
        sa.Column("ran_at", BIG, nullable=True),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("problem", TEXT, nullable=True),
        sa.Column("mark", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("kind", "schedule_id"),
    )
    op.create_table(
        "exported_rows",
        sa.Column("export_id", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("export_id", "key"),
        sqlite_with_rowid=False,
    )
