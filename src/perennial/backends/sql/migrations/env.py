"""Alembic runs this for every command: one transaction over the connection it was given."""

from typing import cast

from alembic import context
from sqlalchemy import Connection, MetaData

from perennial.backends.sql import (
    member_tables,
    tables,
    tables_acquisition,
    tables_backtests,
    tables_boards,
    tables_finding,
    tables_identity,
    tables_messages,
    tables_packed,
    tables_privacy,
    tables_retention,
    tables_schedules,
    tables_schema,
    tables_segments,
    tables_tags,
    tables_tracking,
)

# `tables.state`, once each module that declares some of it was read.
(_STATE,) = {
    table.metadata
    for table in (
        tables_schema.descriptions,
        tables_acquisition.channels,
        tables_backtests.backtests,
        tables_boards.kept_documents,
        tables_identity.carried,
        tables_messages.message_orders,
        tables_packed.packed_columns,
        tables_privacy.erasures,
        tables_retention.removals,
        tables_schedules.schedules,
        tables_segments.segment_sizes,
        tables_tags.tag_changes,
        tables_tracking.signing_keys,
    )
}

_DECLARED_BESIDE = (tables_finding.TRAITS_BY_VALUE,)
"""Indexes that are declared beside their tables."""
_METADATA: dict[str, MetaData] = {
    "root": member_tables.members.metadata,  # that of `root_tables`, once both modules were read
    "intake": tables.intake,
    "state": _STATE,
}

# Alembic hands attributes over untyped; `engine.alembic_config` put these in.
connection = cast("Connection", context.config.attributes["connection"])
chain = cast("str", context.config.attributes["chain"])
version_table = cast("str", context.config.attributes["version_table"])

context.configure(connection=connection, target_metadata=_METADATA[chain], version_table=version_table)
with context.begin_transaction():
    context.run_migrations()
