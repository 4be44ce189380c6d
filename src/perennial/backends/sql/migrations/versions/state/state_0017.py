"""Retention: what was removed because it was past its period."""

import sqlalchemy as sa
from alembic import op

revision = "state_0017"
down_revision = "state_0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "removals",
        sa.Column("number", BIG, primary_key=True, autoincrement=True),
        sa.Column("version", BIG, nullable=False),
        sa.Column("cutoffs", TEXT, nullable=False),
        sa.Column("removed", TEXT, nullable=False),
        sa.Column("started_at", BIG, nullable=False),
        sa.Column("finished_at", BIG, nullable=True),
        sqlite_autoincrement=True,
    )
