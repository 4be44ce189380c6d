"""The declared schema of the stores, continued: what was removed because it was past its period.

`tables` says what holds of all tables.
"""

from sqlalchemy import Column, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

removals = Table(
    "removals",  # of events past their period: they name events, and nobody
    state,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("version", BIG, nullable=False),  # of the rules
    Column("cutoffs", TEXT, nullable=False),  # JSON: before when events of each name were past
    Column("removed", TEXT, nullable=False),  # JSON: how many of each name the rules have, and of all others
    Column("started_at", BIG, nullable=False),
    Column("finished_at", BIG),
    sqlite_autoincrement=True,
)
