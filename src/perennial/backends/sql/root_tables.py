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
    Column("title", TEXT, nullable=False, server_default=""),
    Column("currency", TEXT, nullable=False, server_default="XXX"),
    Column("removed_at", BIG, nullable=True),  # nobody gets in any more; the rest is being taken away
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
    Column("name", TEXT, nullable=False, server_default=""),
    Column("scopes", TEXT, nullable=False, server_default="*"),  # words with spaces between them; "*" is all
    Column("made_by", TEXT, nullable=False, server_default=""),  # a member's id
    Column("expires_at", BIG, nullable=True),
)

source_limits = Table(
    "source_limits",  # a source that is not here may send what it likes
    root,
    Column("workspace", TEXT, primary_key=True),
    Column("source", TEXT, primary_key=True),
    Column("events_per_second", BIG, nullable=False),
    Column("burst", BIG, nullable=False),
)
