"""ClickHouse inside this process: chDB.

One process opens a directory, and one directory is open in a process at a time; the workspaces are
databases in it. A statement has a connection to itself while it runs: chDB keeps the parameters of a
statement with its connection, and two threads that share one read each other's values.
"""

import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
from chdb import ChdbError
from chdb._chdb import query_result
from chdb.state.sqlitelike import Connection, connect

from perennial.backends.clickhouse.parameters import Parameter, Sql, joined, quoted, render_all, sql
from perennial.backends.clickhouse.statements import statement as named
from perennial.backends.clickhouse.transport import (
    NO_PARAMETERS,
    SETTINGS,
    STREAMED_ROWS,
    Table,
    Transport,
    failure,
)
from perennial.kernel.errors import Refused, Unavailable, telling_full_disk


class EmbeddedClickHouse:
    """An open directory of embedded ClickHouse; close it before another is opened.

    Raises `Unavailable` where another process has it open, `Refused` for a path the engine cannot take.
    """

    def __init__(self, path: Path) -> None:
        if "?" in str(path):
            raise Refused("The data directory's path must not contain a question mark.", path=str(path))
        path.mkdir(parents=True, exist_ok=True)
        self._connections = _Connections(path)

    def database(self, name: str) -> Transport:
        """One workspace's database; `prepare_database` makes it and brings it up to date."""
        return _Database(connections=self._connections, name=name)

    def close(self) -> None:
        """Let go of the directory; nothing may be running. Closing again does nothing."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_NOTHING = pa.table({})
"""What a statement that gives no rows answers."""


class _Connections:
    """Connections to one directory, lent to one statement at a time; as many as ever ran at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._idle: list[Connection] = [_connect(path)]
        self._open = list(self._idle)

    @contextmanager
    def lease(self) -> Generator[Connection]:
        """A connection for one statement."""
        with self._lock:
            connection = self._idle.pop() if self._idle else self._another()
        try:
            yield connection
        except BaseException:
            self._discard(connection)
            raise
        with self._lock:
            self._idle.append(connection)

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._idle.clear()

    def _discard(self, connection: Connection) -> None:
        """Close a connection whose statement failed: half an answer would stand before its next one."""
        with self._lock:
            if connection not in self._open:
                return
            # Its successor first: with its last connection closed, the engine would shut down.
            self._idle.append(self._another())
            self._open.remove(connection)
            connection.close()

    def _another(self) -> Connection:
        if not self._open:
            raise Unavailable("The event store is closed.", path=str(self._path))
        connection = _connect(self._path)
        self._open.append(connection)
        return connection


class _Database:
    """A transport to one database of the directory."""

    def __init__(self, *, connections: _Connections, name: str) -> None:
        self._connections = connections
        self._name = name

    @property
    def shards(self) -> Sequence[Transport]:
        """The whole log: a directory has no parts."""
        return (self,)

    def unite(self) -> None:
        """Nothing to do: there is one part."""

    def query(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> pa.Table:
        """The rows a statement gives."""
        rendered = {**render_all(parameters), "database": self._name}
        with self._connections.lease() as connection:
            try:
                # Arrow's bytes, read by us: chDB's own "arrowtable" loads pandas, a second at every start.
                answer = connection.query(statement, "Arrow", params=rendered)
            except (ChdbError, RuntimeError) as error:
                raise failure(str(error)) from error
        return pa.ipc.open_file(_bytes_of(answer)).read_all() if answer.size() else _NOTHING

    @contextmanager
    def stream(
        self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS
    ) -> Generator[Iterator[pa.RecordBatch]]:
        """The rows a statement gives, block by block; a connection is lent for as long as the block lasts."""
        rendered = {**render_all(parameters), "database": self._name}
        with self._connections.lease() as connection:
            try:
                with connection.send_query(statement, "Arrow", params=rendered) as answer:
                    yield iter(answer.record_batch(rows_per_batch=STREAMED_ROWS))
            except (ChdbError, RuntimeError) as error:
                raise failure(str(error)) from error

    def command(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> None:
        """Carry out a statement that gives no rows."""
        self.query(statement, parameters)

    def drop(self) -> None:
        """Take the whole database away, for good."""
        self.command(named("drop_database"))

    def insert(self, table: Table, rows: pa.Table, *, token: str) -> None:
        """Add rows by way of an Arrow file, which chDB reads without copying them through Python."""
        with tempfile.TemporaryDirectory(prefix="perennial-") as folder:
            file = Path(folder) / "rows.arrow"
            with (
                telling_full_disk(),
                pa.OSFile(str(file), "wb") as sink,
                pa.ipc.new_stream(sink, rows.schema) as writer,
            ):
                writer.write_table(rows)
            self.command(
                sql(
                    "INSERT INTO {database:Identifier}.<<table>> (<<columns>>) FROM INFILE <<file>>"
                    " SETTINGS insert_deduplication_token = <<token>> FORMAT ArrowStream",
                    table=sql(table),
                    columns=joined(", ", [Sql(name) for name in rows.schema.names]),
                    file=quoted(str(file)),
                    # A digest, because settings take no parameters and a token may hold a file's name.
                    token=quoted(sha256(token.encode()).hexdigest()),
                )
            )


def _bytes_of(answer: query_result) -> pa.Buffer:
    """An answer's bytes where the engine left them, who keeps them as long as anything refers to them."""
    view = answer.get_memview()
    address = np.frombuffer(view.view(), dtype=np.uint8).ctypes.data
    # chDB's view does not keep the answer; the buffer does.
    return pa.foreign_buffer(address, answer.size(), base=(answer, view))


def _connect(path: Path) -> Connection:
    """A connection that behaves as `SETTINGS` says."""
    try:
        connection = connect(str(path))
    except (ChdbError, RuntimeError) as error:
        raise Unavailable(
            f"The event store at {path} is open in another process, or not writable.",
            hint="Stop the other process, or let the command talk to the running server.",
            path=str(path),
        ) from error
    for name, value in SETTINGS.items():
        connection.query(sql("SET <<name>> = <<value>>", name=Sql(name), value=Sql(value)))
    return connection
