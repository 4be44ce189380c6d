"""The declared schema of the state store, continued: databases that are read from and written to.

`tables` says what holds of all tables.
"""

from sqlalchemy import Column, LargeBinary, PrimaryKeyConstraint, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

schedules = Table(
    "schedules",  # an address is never here: a document names the secret that holds it
    state,
    Column("kind", TEXT, nullable=False),  # source | export
    Column("schedule_id", TEXT, nullable=False),
    Column("document", TEXT, nullable=False),
    Column("due_at", BIG, nullable=False),
    Column("ran_at", BIG),
    Column("outcome", TEXT),
    Column("problem", TEXT),
    Column("mark", TEXT),  # of a source: the last value of its cursor column that was imported
    PrimaryKeyConstraint("kind", "schedule_id"),
)

exported_rows = Table(
    "exported_rows",  # what a database export wrote: only changes are written again, only our rows deleted
    state,
    Column("export_id", TEXT, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("export_id", "key"),
    sqlite_with_rowid=False,
)
