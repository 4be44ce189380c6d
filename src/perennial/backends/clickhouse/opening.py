"""Which engine holds the log: the one that the address names."""

from pathlib import Path

from perennial.backends.clickhouse.address import SCHEME, parse_address
from perennial.backends.clickhouse.embedded import EmbeddedClickHouse
from perennial.backends.clickhouse.server import ClickHouseServer
from perennial.kernel.errors import NotSupported, nearest

_EMBEDDED = "chdb:///"


def open_event_store(url: str, home: Path) -> EmbeddedClickHouse | ClickHouseServer:
    """Open the event store at a URL: `chdb:///` is embedded, inside `home`; `clickhouse://…` a server.

    Raises `NotSupported` for any other, and what the engines raise that cannot be opened.
    """
    if url == _EMBEDDED:
        return EmbeddedClickHouse(home / "events")
    scheme = url.partition(":")[0]
    if scheme == SCHEME:
        return ClickHouseServer(parse_address(url))
    raise NotSupported(
        f"There is no event store {scheme}://.",
        hint=nearest(scheme, ("chdb", SCHEME)) if scheme != "chdb" else "Write chdb:///.",
        path="$.events",
    )
