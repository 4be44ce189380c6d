"""Databases that are not ours, on a real PostgreSQL and on SQLite: read by cursor, written by key."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, create_engine, text
from sqlalchemy.dialects import mysql

from perennial.backends.sql.foreign import (
    DatabaseRefused,
    DatabaseUnavailable,
    ForeignDatabases,
    SecretMissing,
    upsert_in_mysql,
)
from perennial.kernel.errors import InvalidDocument, NotSupported
from perennial.kernel.values import Json

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.service)]
ORDERS = "select id, uid, paid_at from orders where uid <> ':nobody' -- all of them"


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('shop')}/shop.db"
    make: Callable[[], str] = request.getfixturevalue("postgres_databases")
    return make()


@pytest.fixture
def shop(url: str) -> Iterator[Engine]:
    """Ten orders, and an empty table of people."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("create table orders (id integer primary key, uid text, paid_at text)"))
        connection.execute(text("create table people (user_id text primary key, city text, points integer)"))
        for number in range(1, 11):
            connection.execute(
                text("insert into orders values (:id, :uid, '2026-01-03T05:00:00Z')"),
                {"id": number, "uid": f"p{number % 3}"},
            )
    yield engine
    engine.dispose()


@pytest.fixture
def databases(url: str, shop: Engine) -> ForeignDatabases:
    return ForeignDatabases({"SHOP": url}.get)


def read(
    databases: ForeignDatabases, since: Mapping[str, Json] | None = None
) -> tuple[list[Json], Mapping[str, Json] | None]:
    mark, ids = None, list[Json]()
    with databases.rows("SHOP", ORDERS, cursor="id", since=since) as portions:
        for rows, mark in portions:  # noqa: B007  the last one is wanted
            ids += [row["id"] for row in rows]
    return ids, mark


def people(shop: Engine) -> Sequence[tuple[object, ...]]:
    with shop.connect() as connection:
        return [tuple(row) for row in connection.execute(text("select * from people order by user_id"))]


def test_a_query_is_read_from_its_mark_on(databases: ForeignDatabases) -> None:
    assert read(databases) == (list(range(1, 11)), {"int": 10})
    # From the mark and not after it: what came late under the same value is among them.
    assert read(databases, {"int": 9}) == ([9, 10], {"int": 10})


def test_a_query_cannot_write(databases: ForeignDatabases, shop: Engine) -> None:
    for query in ("delete from orders returning id", "drop table orders"):
        with (
            pytest.raises((DatabaseRefused, DatabaseUnavailable)),
            databases.rows("SHOP", query, cursor="id", since=None),
        ):
            pass
    assert read(databases)[0] == list(range(1, 11))


def test_a_cursor_that_is_no_column_is_refused(databases: ForeignDatabases) -> None:
    with (
        pytest.raises((DatabaseRefused, DatabaseUnavailable, InvalidDocument)),
        databases.rows("SHOP", "select uid from orders", cursor="created_at", since=None),
    ):
        pass


def test_rows_are_written_by_key_and_again_is_as_once(databases: ForeignDatabases, shop: Engine) -> None:
    rows: list[dict[str, Json]] = [{"user_id": "p1", "city": "上海"}, {"user_id": "p2", "city": None}]
    databases.write("SHOP", "people", key="user_id", rows=rows)
    databases.write("SHOP", "people", key="user_id", rows=[{"user_id": "p1", "city": "北京"}])
    databases.write("SHOP", "people", key="user_id", rows=[{"user_id": "p1", "city": "北京"}])
    assert people(shop) == [("p1", "北京", None), ("p2", None, None)]


def test_what_the_table_says_besides_is_left_alone(databases: ForeignDatabases, shop: Engine) -> None:
    with shop.begin() as connection:
        connection.execute(text("insert into people values ('p1', 'x', 7)"))
    databases.write("SHOP", "people", key="user_id", rows=[{"user_id": "p1", "city": "y"}])
    assert people(shop) == [("p1", "y", 7)]


def test_rows_are_deleted_by_key(databases: ForeignDatabases, shop: Engine) -> None:
    databases.write("SHOP", "people", key="user_id", rows=[{"user_id": "p1"}, {"user_id": "p2"}])
    databases.delete("SHOP", "people", key="user_id", values=["p1", "p9"])
    assert people(shop) == [("p2", None, None)]


def test_a_column_that_is_not_there_is_named_with_the_nearest(databases: ForeignDatabases) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        databases.write("SHOP", "people", key="user_id", rows=[{"user_id": "p1", "citty": "x"}])
    (problem,) = refusal.value.problems
    assert (problem.path, problem.hint) == ("$.columns.citty", "Did you mean 'city'?")


def test_an_address_is_told_by_nobody() -> None:
    address = "postgresql://u:geheim@127.0.0.1:1/none"
    databases = ForeignDatabases({"SHOP": address, "BAD": "geheim", "ODD": "oracle://geheim"}.get)
    for name, kind in (
        ("SHOP", DatabaseUnavailable),
        ("BAD", DatabaseRefused),
        ("ODD", NotSupported),
        ("NONE", SecretMissing),
        ("../etc", SecretMissing),
    ):
        with pytest.raises(kind) as refusal:
            databases.write(name, "people", key="user_id", rows=[{"user_id": "p1"}])
        assert "geheim" not in f"{refusal.value} {refusal.value.hint}"
        assert refusal.value.__cause__ is None or "geheim" not in str(refusal.value.__cause__)


def test_mysql_is_written_by_key_in_its_own_words() -> None:
    table = Table("people", MetaData(), Column("user_id", Text), Column("points", Integer))
    written = str(upsert_in_mysql(table, "user_id").compile(dialect=mysql.dialect()))
    assert "ON DUPLICATE KEY UPDATE points" in written
