"""Stores written by earlier versions are brought to this one, with everything that is in them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, LargeBinary, MetaData, Table, Text, insert, inspect, select
from sqlalchemy.types import Boolean, TypeEngine
from tests.services.state import OpenStore

from perennial.access.roles import TOKEN_SCOPES
from perennial.access.rules import token_hash
from perennial.access.tokens import Tokens
from perennial.backends.sql.engine import (
    CHAINS,
    Chain,
    alembic_config,
    open_engine,
    place_store,
    revisions,
    writing,
)
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.options import CHAIN, SCHEMA
from perennial.backends.sql.postgres import make_schema
from perennial.backends.sql.workspaces import SqlRegistry
from perennial.kernel.clock import VirtualClock

SCHEMA_NAME = "ws_old"
REPLACED = {"calls"}
"""Tables whose rows went into another."""


@pytest.fixture
def engine(state_url: str, tmp_path: Path) -> Engine:
    return open_engine(f"sqlite:///{tmp_path}/store.db" if state_url == "sqlite:///" else state_url)


def a_value(kind: TypeEngine[object], place: int) -> object:
    """Something a column of this type holds; numbers need all 63 bits."""
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, LargeBinary):
        return bytes([place])
    return f"text {place}" if isinstance(kind, Text) else place + (2**62 if "BIG" in str(kind) else 0)


def fill(connection: Connection, table: Table) -> Mapping[str, object]:
    """One row; what it says."""
    row = {column.name: a_value(column.type, place) for place, column in enumerate(table.columns, start=1)}
    connection.execute(insert(table).values(row))
    return row


def contents(connection: Connection, tables: Mapping[str, Table]) -> dict[str, list[dict[str, object]]]:
    return {
        name: [dict(row) for row in connection.execute(select(table)).mappings()]
        for name, table in tables.items()
    }


@pytest.mark.parametrize("chain", CHAINS)
def test_the_first_schema_is_brought_forward_with_what_is_in_it(chain: Chain, engine: Engine) -> None:
    placed = engine.execution_options(**{CHAIN: chain, SCHEMA: SCHEMA_NAME})
    with writing(placed) as connection:
        if connection.dialect.name == "postgresql":
            make_schema(connection)
        command.upgrade(alembic_config(chain, connection), f"{chain}_0001")
    first = MetaData()
    with writing(placed) as connection:
        first.reflect(connection, only=lambda name, _: not name.startswith("alembic_version"))
        written = {table.name: [fill(connection, table)] for table in first.tables.values()}
    brought = place_store(engine, chain, schema=SCHEMA_NAME)
    with brought.connect() as connection:
        present = set(inspect(connection).get_table_names())
        kept = contents(connection, {name: table for name, table in first.tables.items() if name in present})
    engine.dispose()
    assert len(written) >= 3
    assert set(written) - set(kept) <= REPLACED
    assert kept == {name: rows for name, rows in written.items() if name in kept}


def test_calls_of_the_first_schema_that_wait_are_read_under_their_positions(engine: Engine) -> None:
    placed = engine.execution_options(**{CHAIN: "intake", SCHEMA: SCHEMA_NAME})
    body = b'["track","seen","p","","","2026-03-01T10:00:00Z","2026-03-01T11:00:00Z","%d","web",{"n":1},{}]'
    with writing(placed) as connection:
        if connection.dialect.name == "postgresql":
            make_schema(connection)
        command.upgrade(alembic_config("intake", connection), "intake_0001")
        first = MetaData()
        first.reflect(connection, only=["calls"])
        connection.execute(
            insert(first.tables["calls"]),
            [
                {"position": n, "source": "web", "message_id": str(n), "received_at": 0, "body": body % n}
                for n in range(41, 1_542)
            ],
        )
    log = SqlIntakeLog(place_store(engine, "intake", schema=SCHEMA_NAME))
    logged = log.read(after=1_000, limit=5_000)
    engine.dispose()
    assert list(logged.positions) == list(range(1_001, 1_542))
    assert [call.message_id for call in logged.calls] == [str(n) for n in range(1_001, 1_542)]
    assert logged.calls[0].properties == {"n": 1}


def test_a_token_made_before_there_were_scopes_may_all_that_a_token_can(engine: Engine) -> None:
    placed = engine.execution_options(**{CHAIN: "root", SCHEMA: SCHEMA_NAME})
    with writing(placed) as connection:
        if connection.dialect.name == "postgresql":
            make_schema(connection)
        command.upgrade(alembic_config("root", connection), "root_0003")
        before = MetaData()
        before.reflect(connection, only=["api_tokens"])
        row = {"token_hash": token_hash("tok_old"), "workspace": "shop", "created_at": 1}
        connection.execute(insert(before.tables["api_tokens"]).values(row))
    brought = place_store(engine, "root", schema=SCHEMA_NAME)
    clock = VirtualClock(datetime(2026, 3, 31, tzinfo=UTC))
    actor = Tokens(SqlRegistry(brought), clock).authenticate("tok_old")
    engine.dispose()
    assert actor is not None
    assert actor.allowed == {"shop": TOKEN_SCOPES}


def test_text_is_ordered_by_code_point_on_every_engine(open_new: OpenStore) -> None:
    names = ["B", "a", "Z", "é", "z", "中", "A", "\N{GRINNING FACE}", "\uffdc"]
    engine = open_new("root")
    with writing(engine) as connection:
        tokens = MetaData()
        tokens.reflect(connection, only=["api_tokens"])
        table = tokens.tables["api_tokens"]
        connection.execute(
            insert(table), [{"token_hash": name, "workspace": "w", "created_at": 1} for name in names]
        )
        listed = connection.execute(select(table.c.token_hash).order_by(table.c.token_hash)).scalars().all()
    assert listed == sorted(names)


@pytest.mark.parametrize("chain", CHAINS)
def test_migrations_are_in_the_order_in_which_each_builds_on_another(chain: Chain, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    with writing(engine.execution_options(**{CHAIN: chain})) as connection:
        walked = ScriptDirectory.from_config(alembic_config(chain, connection)).walk_revisions()
        assert list(revisions(chain)) == [script.revision for script in walked][::-1]
    engine.dispose()
