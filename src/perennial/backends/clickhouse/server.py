"""ClickHouse as a server over HTTP, or as a cluster of shards: clickhouse-connect.

Nothing of a request is kept between two: no session, settings with every statement, so that any thread
may use any connection.
"""

import logging
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from hashlib import sha256
from types import TracebackType
from typing import Self

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver import httputil
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error, OperationalError

from perennial.backends.clickhouse.address import Address, Host
from perennial.backends.clickhouse.parameters import (
    Parameter,
    Sql,
    inlined,
    placeholders,
    render,
    render_all,
)
from perennial.backends.clickhouse.shards import ShardedDatabase, in_cluster_order
from perennial.backends.clickhouse.statements import statement as named
from perennial.backends.clickhouse.transport import (
    NO_PARAMETERS,
    SETTINGS,
    EventStoreUnavailable,
    Table,
    Transport,
    failure,
)

_FIELD_LIMIT = 100_000
"""Characters of a statement or a value; a server refuses a form's field above 128 KB."""
_CONNECTIONS = 64
"""Kept open to each server; more are opened where more statements run at once."""
_ANSWER_WITHIN = 3_600
"""Seconds: the longest pass over everyone."""
_HTTP_SETTINGS = {
    # An error halfway through an answer is an error, not a shorter answer.
    "wait_end_of_query": "1",
    # Durable on return, and under its own token: never gathered with other inserts first.
    "async_insert": "0",
    "output_format_arrow_string_as_string": "1",
    "distributed_product_mode": "local",
    # A question about one person goes to that person's shard.
    "optimize_skip_unused_shards": "1",
    # A server's log of queries has every value in place of its parameter: whoever is erased would stay in it.
    "log_queries": "0",
}
_COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")
_WRONG_CREDENTIALS = (192, 193, 194, 516)
"""Codes of ClickHouse for an unknown user, a wrong or missing password, and a login that failed."""
# What the driver logs of a failure, our error says.
logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
_URL = re.compile(r"\s*\(for url [^)]*\)")


class ClickHouseServer:
    """A server, or every shard of a cluster, to which connections are open.

    Raises `EventStoreUnavailable` where one does not answer, `Refused` for a cluster that is not as the
    address says.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        with ExitStack() as opened:
            self._clients = [_connected(host, address, opened) for host in address.hosts]
            if address.cluster:
                places = [_Database(client=client, name="default") for client in self._clients]
                order = in_cluster_order(places, cluster=address.cluster)
                self._clients = [self._clients[place] for place in order]
            self._opened = opened.pop_all()

    def database(self, name: str) -> Transport:
        """One workspace's database; `prepare_database` makes it and brings it up to date."""
        # A point is in no workspace's name, and `all_…` is no workspace's database: no two names are equal.
        before = f"{self._address.namespace}." if self._address.namespace else ""
        own, whole = f"{before}{name}", f"{before}all_{name}"
        if not self._address.cluster:
            return _Database(client=self._clients[0], name=own)
        return ShardedDatabase(
            shards=[_Database(client=client, name=own) for client in self._clients],
            wholes=[_Database(client=client, name=whole) for client in self._clients],
            name=own,
            cluster=self._address.cluster,
        )

    def close(self) -> None:
        """Close the connections. Closing again does nothing."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Database:
    """A transport to one database of one server."""

    def __init__(self, *, client: Client, name: str) -> None:
        self._client = client
        self._name = name

    @property
    def shards(self) -> Sequence[Transport]:
        """The whole log: one server has no parts."""
        return (self,)

    def unite(self) -> None:
        """Nothing to do: there is one part."""

    def query(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> pa.Table:
        """The rows a statement gives."""
        text, bound = self._bound(statement, parameters)
        with _answering():
            answer = self._client.raw_query(text, bound or None, fmt="Arrow", use_database=False)
        return pa.ipc.open_file(answer).read_all()

    @contextmanager
    def stream(
        self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS
    ) -> Generator[Iterator[pa.RecordBatch]]:
        """The rows a statement gives, read from the connection as they come."""
        text, bound = self._bound(statement, parameters)
        with _answering():
            answer = self._client.raw_stream(text, bound or None, fmt="ArrowStream", use_database=False)
        with closing(answer), _answering(), pa.ipc.open_stream(answer) as batches:
            yield iter(batches)

    def command(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> None:
        """Carry out a statement that gives no rows."""
        text, bound = self._bound(statement, parameters)
        with _answering():
            # Not the client's own `command`, which puts every value into the address line.
            self._client.raw_query(text, bound or None, use_database=False)

    def drop(self) -> None:
        """Take the whole database away, for good."""
        self.command(named("drop_database"))

    def insert(self, table: Table, rows: pa.Table, *, token: str) -> None:
        """Add rows, sent as compressed Arrow; sent again where the connection broke, under its token."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(
            sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")
        ) as writer:
            writer.write_table(rows)
        with _answering():
            self._client.raw_insert(
                f"`{self._name}`.`{table}`",
                column_names=rows.schema.names,
                insert_block=sink.getvalue().to_pybytes(),
                settings={"insert_deduplication_token": sha256(token.encode()).hexdigest()},
                fmt="ArrowStream",
            )

    def _bound(
        self, statement: Sql, parameters: Mapping[str, Parameter]
    ) -> tuple[Sql, dict[str, str | list[str]]]:
        """The statement, and its values beside it as the client takes them; within it if they are large."""
        sizes = [len(statement), *map(len, render_all(parameters).values())]
        if max(sizes) > _FIELD_LIMIT:
            return inlined(statement, parameters, database=self._name), {}
        asked = placeholders(statement)
        values = {name: _value(it) for name, it in parameters.items() if name in asked}
        return statement, values | ({"database": self._name} if "database" in asked else {})


def _value(parameter: Parameter) -> str | list[str]:
    """A value as clickhouse-connect takes it: it writes texts as a server reads them, and we the rest."""
    value = parameter.value
    if isinstance(value, str):
        return value
    if parameter.type == "Array(String)" and isinstance(value, Sequence):
        return [str(text) for text in value]
    return render(parameter)


def _connected(host: Host, address: Address, opened: ExitStack) -> Client:
    with _answering(str(host)):
        client = clickhouse_connect.get_client(
            interface="https" if address.is_secure else "http",
            host=host.name,
            port=host.port,
            username=address.user,
            password=address.password,
            ca_cert=address.authority or None,
            settings={name: value.strip("'") for name, value in SETTINGS.items()} | _HTTP_SETTINGS,
            # A session takes one statement at a time.
            autogenerate_session_id=False,
            # Arrow compresses its own columns.
            compress=False,
            send_receive_timeout=_ANSWER_WITHIN,
            pool_mgr=httputil.get_pool_manager(
                maxsize=_CONNECTIONS, ca_cert=address.authority or None, verify=True
            ),
        )
    opened.callback(client.close)
    return client


@contextmanager
def _answering(place: str = "") -> Generator[None]:
    """Failures of the driver as ours."""
    try:
        yield
    except Error as error:
        if error.code in _WRONG_CREDENTIALS:
            raise EventStoreUnavailable(
                _sentence("The event store", place, "refuses the user or the password."),
                hint="Say both in the address: clickhouse://user:password@host:port/.",
                path="$.events",
            ) from None
        if isinstance(error, OperationalError) and error.code is None:
            raise EventStoreUnavailable(
                _sentence("The event store", place, "does not answer."),
                hint="Is the server running, is this its HTTP port, and does it speak TLS (secure=1) or not?",
                path="$.events",
            ) from error
        text = _URL.sub("", str(error)).strip()
        raise failure(text) from error


def _sentence(*parts: str) -> str:
    return " ".join(part for part in parts if part)
