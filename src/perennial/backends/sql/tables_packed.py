"""The declared schema of the state store, continued: what is known of very many people, in packed columns.

`tables` says what holds of all tables.
"""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

packed_people = Table(
    "packed_people",  # who has which place: so many profile ids after the other, 0 for nobody any more
    state,
    Column("block", BIG, primary_key=True, autoincrement=False),
    Column("people", LargeBinary, nullable=False),
)

packed_columns = Table(
    "packed_columns",  # what is packed: the members of a segment, the values of a tag; and "" for the places
    state,
    Column("name", TEXT, primary_key=True),
    Column("kind", TEXT, nullable=False),  # codes | numbers
    Column("palette", TEXT, nullable=False),  # JSON list of what codes stand for, from 1 on
    Column("version", BIG, nullable=False),  # another after each change
)

packed_values = Table(
    "packed_values",  # a column's blocks: what is so of the person at each place, and since when
    state,
    Column("name", TEXT, nullable=False),
    Column("block", BIG, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("since", LargeBinary, nullable=False),
    PrimaryKeyConstraint("name", "block"),
)

packed_loose = Table(
    "packed_loose",  # whose places count for nothing any more: what is so of them is in rows
    state,
    Column("profile_id", BIG, primary_key=True, autoincrement=False),
)

segment_gone = Table(
    "segment_gone",  # who left a packed segment since it was packed
    state,
    Column("segment_id", TEXT, nullable=False),
    Column("profile_id", BIG, nullable=False),
    PrimaryKeyConstraint("segment_id", "profile_id"),
    sqlite_with_rowid=False,
)
Index("segment_gone_by_profile", segment_gone.c.profile_id)
