"""The declared schema of the stores, continued: what the links of messages are signed with.

`tables` says what holds of all tables.
"""

from sqlalchemy import Column, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

signing_keys = Table(
    "signing_keys",  # the newest signs, every one of them is believed
    state,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("secret", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
)
