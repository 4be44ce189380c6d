"""A server keeps a log of queries with every value in it: ours are not in it, on no shard."""

import secrets
from http.client import HTTPConnection

import pytest
from tests.services.clickhouse import within

from perennial.backends.clickhouse import ClickHouseServer, parse_address, prepare_database
from perennial.backends.clickhouse.parameters import Parameter, sql

pytestmark = pytest.mark.service
_KEPT = """
SELECT count() FROM system.query_log WHERE query LIKE concat('%', '{}', '%') AND query NOT LIKE '%query_log%'
"""


def answer(host: str, port: int, statement: str) -> str:
    """What a server answers somebody else's client."""
    connection = HTTPConnection(host, port, timeout=60)
    try:
        connection.request("POST", "/", body=statement.encode())
        response = connection.getresponse()
        text = response.read().decode()
        assert response.status == 200, text
        return text.strip()
    finally:
        connection.close()


@pytest.mark.parametrize("fixture", ["clickhouse_server", "clickhouse_cluster"])
def test_what_is_asked_with_a_persons_words_is_in_no_log_of_queries(
    request: pytest.FixtureRequest, fixture: str
) -> None:
    ours, theirs = secrets.token_hex(16), secrets.token_hex(16)
    address = parse_address(within(str(request.getfixturevalue(fixture)), "querylog"))
    with ClickHouseServer(address) as server:
        transport = server.database("ws_q")
        prepare_database(transport)
        asked = {"text": Parameter(type="String", value=ours)}
        transport.query(
            sql("SELECT count() AS rows FROM {database:Identifier}.events WHERE message_id = {text:String}"),
            asked,
        )
        transport.command(sql("SELECT length({text:String})"), asked)
    for host in address.hosts:
        # What others ask is kept: the log is there.
        assert answer(host.name, host.port, f"SELECT length('{theirs}')") == "32"
        answer(host.name, host.port, "SYSTEM FLUSH LOGS")
        assert int(answer(host.name, host.port, _KEPT.format(theirs))) > 0
        assert int(answer(host.name, host.port, _KEPT.format(ours))) == 0
