"""What a ClickHouse server adds to the contract: addresses, broken connections, large statements."""

import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from threading import Thread

import pytest
from tests.services.clickhouse import running, within

from perennial.backends.clickhouse import (
    ClickHouseEventStore,
    ClickHouseServer,
    EventStoreUnavailable,
    open_event_store,
    parse_address,
    prepare_database,
)
from perennial.backends.clickhouse.parameters import Parameter, Sql, quoted, sql
from perennial.backends.clickhouse.transport import EventStoreFailed
from perennial.collect.events.columns import to_table
from perennial.kernel.errors import NotSupported, Refused
from perennial.kernel.ids import ProfileId
from perennial.testing import PersonHistory, an_event, rows_of

BATCH = to_table(rows_of(PersonHistory(profile_id=ProfileId(1), events=(an_event(),))))
PASSWORD = "s3cret/@word"
QUOTED = "s3cret%2F%40word"


def test_an_address_names_a_server_and_how_to_enter_it() -> None:
    address = parse_address(f"clickhouse://anna:{QUOTED}@db.example:9/?secure=1&ca=/etc/ca.pem")
    assert [str(host) for host in address.hosts] == ["db.example:9"]
    assert (address.user, address.password) == ("anna", PASSWORD)
    assert (address.is_secure, address.authority, address.cluster) == (True, "/etc/ca.pem", "")
    assert PASSWORD not in repr(address)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("clickhouse://one", ["one:8123"]),
        ("clickhouse://one/?secure=1", ["one:8443"]),
        ("clickhouse://[::1]:7/", ["[::1]:7"]),
        ("clickhouse://one,two:5,[::1]/?cluster=c", ["one:8123", "two:5", "[::1]:8123"]),
    ],
)
def test_hosts_have_the_port_of_the_interface_unless_another_is_said(url: str, hosts: list[str]) -> None:
    assert [str(host) for host in parse_address(url).hosts] == hosts


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("clickhouse:///", "clickhouse://user"),
        (f"clickhouse://anna:{QUOTED}@one/#part", "clickhouse://user"),
        (f"clickhouse://anna:{QUOTED}@one/Two/Words", "small letters"),
        (f"clickhouse://anna:{QUOTED}@one:port/", "host1:8123"),
        (f"clickhouse://anna:{QUOTED}@one:99999/", "host1:8123"),
        (f"clickhouse://anna:{QUOTED}@one,/?cluster=c", "host1:8123"),
        (f"clickhouse://anna:{QUOTED}@one,two/", "cluster=NAME"),
        (f"clickhouse://anna:{QUOTED}@one/?clutser=c", "cluster"),
        (f"clickhouse://anna:{QUOTED}@one/?secure=yes", "secure=1"),
        (f"clickhouse://anna:{QUOTED}@[::1/", "IPv6"),
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url: str, hint: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_address(url)
    assert hint in refused.value.hint
    assert "s3cret" not in refused.value.message + refused.value.hint


@pytest.mark.parametrize(("url", "hint"), [("clickhous://one/", "clickhouse"), ("chdb://x", "chdb:///")])
def test_an_engine_that_there_is_not_is_refused(
    url: str, hint: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(NotSupported) as refused:
        open_event_store(url, tmp_path_factory.mktemp("home"))
    assert hint in refused.value.hint


def test_a_server_that_is_not_there_is_unavailable_and_its_password_stays_secret() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = parse_address(f"clickhouse://anna:{QUOTED}@127.0.0.1:{held.getsockname()[1]}/")
        with pytest.raises(EventStoreUnavailable) as unavailable:
            ClickHouseServer(address)
    error = unavailable.value
    assert error.code == "event_store_unavailable"
    assert "does not answer" in error.message
    assert "HTTP port" in error.hint
    assert "s3cret" not in f"{error}{error.__cause__}"


@pytest.mark.service
def test_a_wrong_password_is_told_and_not_shown(clickhouse_server: str) -> None:
    address = parse_address(clickhouse_server.replace("//", f"//default:{QUOTED}@"))
    with pytest.raises(EventStoreUnavailable, match="password") as unavailable:
        ClickHouseServer(address)
    assert "s3cret" not in f"{unavailable.value}{unavailable.value.hint}"


@pytest.mark.service
@pytest.mark.parametrize("servers", ["clickhouse_server", "clickhouse_cluster"])
def test_installations_that_share_a_server_have_databases_of_their_own(
    servers: str, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue(servers))
    stores: list[ClickHouseEventStore] = []
    with ExitStack() as opened:
        for namespace in ("shop", "staging"):
            address = parse_address(within(url, namespace))
            transport = opened.enter_context(ClickHouseServer(address)).database("ws_shared")
            prepare_database(transport)
            stores.append(ClickHouseEventStore(transport))
        stores[0].append(BATCH, token="t")
        assert [store.count() for store in stores] == [1, 0]


@pytest.mark.service
def test_what_a_server_says_of_a_statement_is_passed_on(clickhouse_server: str) -> None:
    with (
        ClickHouseServer(parse_address(clickhouse_server)) as server,
        pytest.raises(EventStoreFailed, match="nowhere"),
    ):
        server.database("ws_error").query(Sql("SELECT 1 FROM nowhere"))


@pytest.mark.service
def test_statements_and_values_may_be_larger_than_a_request_takes(clickhouse_server: str) -> None:
    with ClickHouseServer(parse_address(clickhouse_server)) as server:
        transport = server.database("ws_large")
        prepare_database(transport)
        texts = ["o'k\\\n\t\0{x:String}`购买", *map(str, range(100_000))]
        values = {
            "ids": Parameter(type="Array(UInt64)", value=list(range(100_000))),
            "texts": Parameter(type="Array(String)", value=texts),
            "text": Parameter(type="String", value=texts[0] * 10_000),
            "limit": Parameter(type="UInt64", value=1),
        }
        answer = transport.query(
            sql(
                "SELECT length({ids:Array(UInt64)}) AS ids, {texts:Array(String)}[1] AS text,"
                " length({text:String}) AS size, 7 IN {ids:Array(UInt64)} AS is_in"
                " FROM {database:Identifier}.overrides RIGHT JOIN (SELECT 1 AS one) AS one ON 1 = 1"
                " WHERE 'a' != <<long>> LIMIT {limit:UInt64}",
                long=quoted("b" * 200_000),
            ),
            values,
        )
    size = len(texts[0].encode()) * 10_000
    assert answer.to_pylist() == [{"ids": 100_000, "text": texts[0], "size": size, "is_in": 1}]


@pytest.mark.service
def test_an_append_whose_answer_was_lost_is_sent_again_and_counts_once(clickhouse_server: str) -> None:
    (host,) = parse_address(clickhouse_server).hosts
    with (
        losing_the_first_answer(host.port) as port,
        ClickHouseServer(parse_address(f"clickhouse://127.0.0.1:{port}/")) as server,
    ):
        transport = server.database("ws_broken")
        prepare_database(transport)
        store = ClickHouseEventStore(transport)
        store.append(BATCH, token="t")
        assert store.count() == 1


@pytest.mark.service
def test_a_server_that_went_away_is_unavailable_to_questions_and_appends(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with ExitStack() as opened:
        with running(tmp_path_factory, 1) as (port,):
            address = parse_address(f"clickhouse://127.0.0.1:{port}/")
            transport = opened.enter_context(ClickHouseServer(address)).database("ws_away")
            prepare_database(transport)
            store = ClickHouseEventStore(transport)
            store.append(BATCH, token="t")
        with pytest.raises(EventStoreUnavailable):
            store.count()
        with pytest.raises(EventStoreUnavailable):
            store.append(BATCH, token="u")


@contextmanager
def losing_the_first_answer(port: int) -> Generator[int]:
    """A way to a server on which the answer to the first insert is lost: it was carried out, nobody heard."""
    lost: list[bytes] = []

    def carry(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            while request := read_message(client):
                server.sendall(request)
                answer = read_message(server)
                if b"insert_deduplication_token" in request and not lost:
                    lost.append(answer)
                    return
                client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as opened:

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                Thread(target=carry, args=(client,), daemon=True).start()

        Thread(target=accept, daemon=True).start()
        opened.callback(listener.shutdown, socket.SHUT_RDWR)
        yield listener.getsockname()[1]
    assert lost, "no insert came this way"


def read_message(source: socket.socket) -> bytes:
    """One HTTP request or answer, whole."""
    message = b""
    while b"\r\n\r\n" not in message:
        received = source.recv(65_536)
        if not received:
            return b""
        message += received
    head, _, body = message.partition(b"\r\n\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(headers.get(b"content-length", b"0"))
    is_chunked = headers.get(b"transfer-encoding") == b"chunked"
    while len(body) < length or (is_chunked and not body.endswith(b"0\r\n\r\n")):
        body += source.recv(65_536)
    return head + b"\r\n\r\n" + body
