"""An upgrade of the event store that was killed goes on at the next start, wherever that was."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow as pa
import pytest

from perennial.backends.clickhouse import EmbeddedClickHouse, prepare_database
from perennial.backends.clickhouse.parameters import Parameter, Sql, sql
from perennial.backends.clickhouse.statements import migrations
from perennial.backends.clickhouse.transport import NO_PARAMETERS, Table, Transport
from perennial.collect.events.columns import to_table
from perennial.kernel.ids import ProfileId
from perennial.testing import PersonHistory, an_event, rows_of

ROWS = to_table(rows_of(PersonHistory(profile_id=ProfileId(1), events=(an_event(),))))
_FIRST = 2 + len(migrations()[1]) + 1
"""The commands until the first schema stands."""
_MORE = 2 + sum(len(steps) + 1 for version, steps in migrations().items() if version > 1)
"""The commands of a start that brings the first schema to the last one; the first two look what there is."""


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """A database whose process is killed after so many commands (`Transport`)."""

    def __init__(self, transport: Transport, lifetime: int) -> None:
        self._transport = transport
        self._left = lifetime

    @property
    def shards(self) -> Sequence[Transport]:
        return [self]

    def command(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> None:
        if self._left == 0:
            raise Killed
        self._left -= 1
        self._transport.command(statement, parameters)

    def query(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> pa.Table:
        return self._transport.query(statement, parameters)

    def stream(
        self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS
    ) -> AbstractContextManager[Iterator[pa.RecordBatch]]:
        return self._transport.stream(statement, parameters)

    def unite(self) -> None:
        self._transport.unite()

    def drop(self) -> None:
        self._transport.drop()

    def insert(self, table: Table, rows: pa.Table, *, token: str) -> None:
        self._transport.insert(table, rows, token=token)


def test_an_upgrade_that_was_killed_after_any_statement_is_finished_and_counts_everything_once(
    tmp_path: Path,
) -> None:
    with EmbeddedClickHouse(tmp_path) as engine:
        for lifetime in range(3, _MORE + 1):
            transport = engine.database(f"ws_{lifetime}")
            with pytest.raises(Killed):
                prepare_database(Mortal(transport, _FIRST))
            transport.insert("events", ROWS, token="t")
            _start(transport, lifetime)
            prepare_database(transport)
            assert _counted(transport) == (1, 1, max(migrations())), f"killed after {lifetime} commands"


def _start(transport: Transport, lifetime: int) -> None:
    """One start that is killed, or comes to its end just in time."""
    try:
        prepare_database(Mortal(transport, lifetime))
    except Killed:
        return


def _counted(transport: Transport) -> tuple[int, int, int]:
    """Rows of the log, events in the cells of the rollup, and the schema's version."""
    asked = sql(
        "SELECT (SELECT count() FROM {database:Identifier}.events) AS rows,"
        " (SELECT sum(events) FROM {database:Identifier}.rollup) AS cells,"
        " (SELECT max(version) FROM {database:Identifier}.schema_versions) AS version"
    )
    [row] = transport.query(asked).to_pylist()
    return int(row["rows"]), int(row["cells"]), int(row["version"])
