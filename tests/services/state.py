"""New state stores for tests, on each engine in turn."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from perennial.backends.sql.engine import Chain, open_store

OpenStore = Callable[[Chain], Engine]

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.service)]
WORKSPACE = "ws_shop"
# Making a database takes the server a second; forgetting what is in one takes it an instant.
_FORGET = """
DO $$ DECLARE named text; BEGIN
  SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') INTO named FROM pg_tables
  WHERE schemaname IN ('perennial', 'ws_shop') AND tablename NOT LIKE 'alembic_version%';
  IF named IS NOT NULL THEN EXECUTE 'TRUNCATE ' || named || ' RESTART IDENTITY'; END IF;
END $$
"""


@pytest.fixture(params=ENGINES)
def state_url(request: pytest.FixtureRequest) -> str:
    """A new state store as settings name it, on each engine in turn."""
    if request.param == "sqlite":
        return "sqlite:///"
    make: Callable[[], str] = request.getfixturevalue("postgres_databases")
    return make()


@pytest.fixture(scope="session")
def shared_database(postgres_databases: Callable[[], str]) -> str:
    """One database for all tests that look at single stores."""
    return postgres_databases()


@pytest.fixture(params=ENGINES)
def open_new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the stores of one new installation and workspace; opened again, they are the same ones."""
    shared = ""
    if request.param == "postgresql":
        shared = str(request.getfixturevalue("shared_database"))
        with psycopg.connect(shared, autocommit=True) as connection:
            connection.execute(_FORGET)
    opened: list[Engine] = []

    def open_one(chain: Chain) -> Engine:
        url = shared or f"sqlite:///{tmp_path}/{chain}.db"
        opened.append(open_store(url, chain, schema="perennial" if chain == "root" else WORKSPACE))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.dispose()
