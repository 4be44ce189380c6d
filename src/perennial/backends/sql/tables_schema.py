"""The declared schema of the state store, continued: what is expected of what clients send.

`tables` says what holds of all tables.
"""

from sqlalchemy import Boolean, Column, Integer, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

descriptions = Table(
    "descriptions",  # what people say of events and properties
    state,
    Column("event", TEXT, primary_key=True),
    Column("path", TEXT, primary_key=True),  # empty: the event itself
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("description", TEXT, nullable=False),
    Column("owner", TEXT, nullable=False),
    Column("status", TEXT),
    Column("is_pii", Boolean, nullable=False),
    Column("changed_at", BIG, nullable=False),
)

declarations = Table(
    "declarations",  # of each kind a workspace has one: its tracking plan, its rules of cleaning
    state,
    Column("kind", TEXT, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
)
