"""Alembic runs this for every command: one transaction over the connection it was given."""

from typing import cast

from alembic import context
from sqlalchemy import Connection, MetaData

from perennial.backends.sql import tables

_METADATA: dict[str, MetaData] = {"root": tables.root, "intake": tables.intake, "state": tables.state}

# Alembic hands attributes over untyped; `engine.alembic_config` put these two in.
connection = cast("Connection", context.config.attributes["connection"])
chain = cast("str", context.config.attributes["chain"])

context.configure(connection=connection, target_metadata=_METADATA[chain])
with context.begin_transaction():
    context.run_migrations()
