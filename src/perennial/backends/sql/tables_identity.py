"""The declared schema of the state store, continued: what is recorded of who people are.

`tables` says what holds of all tables.
"""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

name_refusals = Table(
    "name_refusals",  # names that calls brought and that were not made theirs; each once
    state,
    Column("profile_id", BIG, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("value", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("other", BIG),  # whom the name led to
    Column("occurred_at", BIG, nullable=False),
    Column("message_id", TEXT, nullable=False),
    PrimaryKeyConstraint("profile_id", "kind", "value", "reason"),
    sqlite_with_rowid=False,
)
Index("name_refusals_by_name", name_refusals.c.kind, name_refusals.c.value)
Index("name_refusals_by_other", name_refusals.c.other)

quarantined_names = Table(
    "quarantined_names",  # seen with too many people: they join nobody until they are released
    state,
    Column("kind", TEXT, nullable=False),
    Column("value", TEXT, nullable=False),
    Column("people", BIG, nullable=False),
    Column("occurred_at", BIG, nullable=False),
    Column("message_id", TEXT, nullable=False),
    PrimaryKeyConstraint("kind", "value"),
    sqlite_with_rowid=False,
)

unmerges = Table(
    "unmerges",  # merges that were taken back
    state,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("lost", BIG, nullable=False),
    Column("kept", BIG, nullable=False),
    Column("merged_at", BIG, nullable=False),
    Column("cause", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("undone_at", BIG, nullable=False),
)

carried = Table(
    "carried",  # what a merge moved or wrote over, so that it can be taken back
    state,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("lost", BIG, nullable=False),
    Column("owner", BIG, nullable=False),  # whose row it was
    Column("source", TEXT, nullable=False),  # the table
    Column("row", TEXT, nullable=False),  # JSON: the key of what moved, all of what may be written over
)
Index("carried_by_lost", carried.c.lost)
