"""The declared schema of the stores, continued: what journeys came to over the past.

`tables` says what holds of all tables.
"""

from sqlalchemy import Column, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

backtests = Table(
    "backtests",
    state,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("backtest_id", TEXT, nullable=False, unique=True),
    Column("journey_id", TEXT, nullable=False),
    Column("starts_at", BIG, nullable=False),
    Column("ends_at", BIG, nullable=False),
    Column("ran_at", BIG, nullable=False),
    Column("report", TEXT, nullable=False),  # JSON: counts
    sqlite_autoincrement=True,
)
