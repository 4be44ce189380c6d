"""What journeys came to over the past is kept."""

import sqlalchemy as sa
from alembic import op

revision = "state_0055"
down_revision = "state_0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "backtests",
        sa.Column("number", BIG, primary_key=True, autoincrement=True),
        sa.Column("backtest_id", TEXT, nullable=False, unique=True),
        sa.Column("journey_id", TEXT, nullable=False),
        sa.Column("starts_at", BIG, nullable=False),
        sa.Column("ends_at", BIG, nullable=False),
        sa.Column("ran_at", BIG, nullable=False),
        sa.Column("report", TEXT, nullable=False),
        sqlite_autoincrement=True,
    )
