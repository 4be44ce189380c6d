"""The declared schema of the stores, continued: what became of tags' values, and what people say of them.

`tables` says what holds of all tables.
"""

from sqlalchemy import Column, Index, Integer, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

tag_changes = Table(
    "tag_changes",  # a value that became another; of a first fill nothing is kept
    state,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("profile_id", BIG, nullable=False),
    Column("tag_id", TEXT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("before", TEXT),  # JSON scalars; null where there is no value
    Column("after", TEXT),
    Column("cause", TEXT, nullable=False),
    Column("changed_at", BIG, nullable=False),
    sqlite_autoincrement=True,
)
Index("tag_changes_by_profile", tag_changes.c.profile_id, tag_changes.c.tag_id)
Index("tag_changes_by_tag", tag_changes.c.tag_id, tag_changes.c.changed_at)

tag_disputes = Table(
    "tag_disputes",  # whose value somebody says is wrong
    state,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("tag_id", TEXT, nullable=False),
    Column("profile_id", BIG, nullable=False),
    Column("value", TEXT, nullable=False),  # JSON scalar
    Column("version", Integer, nullable=False),
    Column("by", TEXT, nullable=False),
    Column("note", TEXT, nullable=False),
    Column("disputed_at", BIG, nullable=False),
    sqlite_autoincrement=True,
)
Index("tag_disputes_by_tag", tag_disputes.c.tag_id, tag_disputes.c.number)
Index("tag_disputes_by_profile", tag_disputes.c.profile_id)

tag_failures = Table(
    "tag_failures",  # of a tag whose last refresh failed
    state,
    Column("tag_id", TEXT, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("failed_at", BIG, nullable=False),
    Column("problem", TEXT, nullable=False),
)
