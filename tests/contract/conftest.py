"""Engines that the contract suites run on: embedded now; a server and shards are further params."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from perennial.backends.clickhouse import EmbeddedClickHouse, Transport, prepare_database

Workspaces = Callable[[], Transport]


@pytest.fixture(scope="module", params=["embedded"])
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspaces]:
    """Makes empty workspaces in one engine, closed after the module: a process opens one at a time."""
    numbers = count()
    with EmbeddedClickHouse(tmp_path_factory.mktemp("events")) as engine:

        def make() -> Transport:
            transport = engine.database(f"ws_{next(numbers)}")
            prepare_database(transport)
            return transport

        yield make


@pytest.fixture
def transport(workspaces: Workspaces) -> Transport:
    """An empty workspace's database."""
    return workspaces()
