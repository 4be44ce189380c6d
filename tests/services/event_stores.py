"""The engines that the event store's contract holds on, each giving empty workspaces."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count

import pytest

from perennial.backends.clickhouse import (
    ClickHouseServer,
    EmbeddedClickHouse,
    Transport,
    parse_address,
    prepare_database,
)

Workspaces = Callable[[], Transport]
"""Makes an empty workspace's database."""

SERVERS = (
    pytest.param("server", marks=pytest.mark.service),
    pytest.param("shards", marks=pytest.mark.service),
)
ENGINES = ("embedded", *SERVERS)
_URLS = {"server": "clickhouse_server", "shards": "clickhouse_cluster"}
_numbers = count()


@contextmanager
def opened(
    engine: str, request: pytest.FixtureRequest, folders: pytest.TempPathFactory
) -> Generator[Workspaces]:
    """An engine, open until the end: a process opens one embedded directory at a time."""
    with _engine(engine, request, folders) as store:

        def make() -> Transport:
            # Servers outlive the module that asks: no two workspaces of a session share a name.
            transport = store.database(f"ws_{next(_numbers)}")
            prepare_database(transport)
            return transport

        yield make


def _engine(
    engine: str, request: pytest.FixtureRequest, folders: pytest.TempPathFactory
) -> EmbeddedClickHouse | ClickHouseServer:
    if engine == "embedded":
        return EmbeddedClickHouse(folders.mktemp("events"))
    return ClickHouseServer(parse_address(request.getfixturevalue(_URLS[engine])))
