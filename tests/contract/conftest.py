"""Engines that the contract suites run on: ClickHouse embedded, as a server, and as three shards."""

from collections.abc import Iterator

import pytest
from tests.services.event_stores import ENGINES, Workspaces, opened

from perennial.backends.clickhouse import Transport


@pytest.fixture(scope="module", params=ENGINES)
def workspaces(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspaces]:
    """Makes empty workspaces in one engine, closed after the module."""
    with opened(str(request.param), request, tmp_path_factory) as make:
        yield make


@pytest.fixture
def transport(workspaces: Workspaces) -> Transport:
    """An empty workspace's database."""
    return workspaces()
