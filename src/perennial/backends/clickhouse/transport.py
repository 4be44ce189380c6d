"""What the back-end needs of a ClickHouse: statements in, Arrow tables out.

The embedded engine, a server and a cluster of shards differ here and nowhere else.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import LiteralString, Protocol

import pyarrow as pa

from perennial.backends.clickhouse.parameters import Parameter, Sql
from perennial.kernel.errors import DiskFull, PerennialError, Unavailable

# The one place that says how our ClickHouse behaves. Strings, as both transports take them.
SETTINGS: Mapping[LiteralString, LiteralString] = {
    # Missing is NULL, as everywhere else; the defaults would make it 0 and ''.
    "join_use_nulls": "1",
    "aggregate_functions_null_for_empty": "1",
    "session_timezone": "'UTC'",
    "date_time_input_format": "'basic'",
    "precise_float_parsing": "1",
    # The log lies in order of person: bounded memory for questions about everyone.
    "optimize_aggregation_in_order": "1",
    # Hundreds of conditions in one pass are a long statement.
    "max_query_size": "104857600",
    "max_ast_elements": "5000000",
    "max_expanded_ast_elements": "5000000",
    "max_ast_depth": "20000",
    "max_parser_depth": "20000",
    # An import of many years is one insert over many monthly partitions.
    "max_partitions_per_insert_block": "0",
    # One thread makes the same blocks of the same rows, so that a repeated insert is recognised.
    "max_insert_threads": "1",
    # A repeated insert goes on to the rollup, which may lack it: its own window drops what it has.
    "deduplicate_blocks_in_dependent_materialized_views": "1",
}

# Room is reserved before a part is written; what is written past that meets the system's own refusal.
_NO_ROOM = ("(NOT_ENOUGH_SPACE)", "No space left on device")

STREAMED_ROWS = 65_536
"""Rows that are held at once of an answer that is not held whole."""
Table = LiteralString
NO_PARAMETERS: Mapping[str, Parameter] = {}


class Transport(Protocol):
    """One workspace's database in a ClickHouse; `{database:Identifier}` in statements is its name.

    Safe to use from several threads. Failures raise `EventStoreFailed`, and `EventStoreUnavailable` where
    the store could not be reached.
    """

    @property
    def shards(self) -> "Sequence[Transport]":
        """The parts of the log, each with all rows of its profiles; the whole where there is one part."""
        ...

    def query(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> pa.Table:
        """The rows a statement gives over the whole log."""
        ...

    def stream(
        self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS
    ) -> AbstractContextManager[Iterator[pa.RecordBatch]]:
        """The rows a statement gives over the log as it was when asked, never all held at once."""
        ...

    def command(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> None:
        """Carry out a statement that gives no rows; on every shard, over its own part."""
        ...

    def unite(self) -> None:
        """Make the tables of the shards readable as one; needed after the schema changed. Idempotent."""
        ...

    def drop(self) -> None:
        """Take the whole database away, for good. Idempotent."""
        ...

    def insert(self, table: Table, rows: pa.Table, *, token: str) -> None:
        """Add rows, durably; the same token again adds nothing."""
        ...


class EventStoreFailed(PerennialError):
    """The event store could not answer."""

    code = "event_store_failed"
    is_our_fault = True


class EventStoreUnavailable(Unavailable):
    """The event store does not answer; nothing was lost, try again."""

    code = "event_store_unavailable"


def failure(words: str) -> PerennialError:
    """What ClickHouse said went wrong, as our error: `DiskFull` where that is it."""
    if any(mark in words for mark in _NO_ROOM):
        return DiskFull()
    return EventStoreFailed(f"The event store could not answer: {words}")
