"""The declared schema of the state store, continued: how segments stand, and how large they were.

`tables` says what holds of all tables.
"""

from sqlalchemy import Column, PrimaryKeyConstraint, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

segment_standings = Table(
    "segment_standings",  # of a segment, besides how far its members are up to date
    state,
    Column("segment_id", TEXT, primary_key=True),
    Column("checked_at", BIG),  # whom time alone moved was looked for until then
    Column("due_at", BIG),  # to be answered anew from then on, whatever its interval
    Column("failed_at", BIG),
    Column("problem", TEXT),  # why the last refresh failed; null where it did not
    Column("drift", BIG, nullable=False),  # people a full refresh had to correct, ever
    Column("drifted_at", BIG),
)

segment_sizes = Table(
    "segment_sizes",  # at most one point for each hour: the last
    state,
    Column("segment_id", TEXT, nullable=False),
    Column("hour", BIG, nullable=False),  # hours since 1970
    Column("at", BIG, nullable=False),
    Column("people", BIG, nullable=False),
    PrimaryKeyConstraint("segment_id", "hour"),
    sqlite_with_rowid=False,
)
