"""The declared schema of the stores, continued: what analysts keep.

`tables` says what holds of all tables.
"""

from sqlalchemy import Boolean, Column, Index, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

kept_documents = Table(
    "kept_documents",  # insights under a name, and boards: a row for each version
    state,
    Column("kind", TEXT, primary_key=True),
    Column("id", TEXT, primary_key=True),
    Column("version", BIG, primary_key=True),
    Column("document", TEXT, nullable=False),  # JSON
    Column("owner", TEXT, nullable=False),
    Column("saved_by", TEXT, nullable=False),
    Column("saved_at", BIG, nullable=False),
    Column("is_removed", Boolean, nullable=False),
)

board_shares = Table(
    "board_shares",  # links to boards: what opens one is signed, and kept nowhere
    state,
    Column("share_id", TEXT, primary_key=True),
    Column("board_id", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("expires_at", BIG, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("revoked_at", BIG),
    Index("board_shares_by_board", "board_id"),
)
