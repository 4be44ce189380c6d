"""The declared schema of the root store: one per installation, with workspaces, keys and tokens."""

from sqlalchemy import Boolean, Column, Integer, MetaData, Table

from perennial.backends.sql.columns import BIG, TEXT

root = MetaData()

workspaces = Table(
    "workspaces",
    root,
    Column("name", TEXT, primary_key=True),
    Column("zone", TEXT, nullable=False),
    Column("week_start", Integer, nullable=False),
    Column("seed", TEXT, nullable=False),  # profile ids are derived with it
    Column("created_at", BIG, nullable=False),
    Column("is_rehearsal", Boolean, nullable=False),
)

write_keys = Table(
    "write_keys",
    root,
    Column("write_key", TEXT, primary_key=True),
    Column("workspace", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    root,
    Column("token_hash", TEXT, primary_key=True),
    Column("workspace", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
)
