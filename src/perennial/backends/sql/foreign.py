"""Databases that are not ours: read by a query, and written row by key."""

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import cast
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Executable,
    Insert,
    MetaData,
    Table,
    bindparam,
    column,
    create_engine,
    delete,
    inspect,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.types import NullType

from perennial.kernel.errors import InvalidDocument, NotSupported, Problem, Refused, Unavailable, nearest
from perennial.kernel.values import Json

ROWS_AT_ONCE = 20_000
_UNTYPED = NullType()
"""What another's column holds is for its own database to say."""
_SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


class SecretMissing(Refused):
    """The address of this database is not told to this process."""

    code = "secret_missing"


class DatabaseRefused(Refused):
    """The database refuses that."""

    code = "database_refused"


class DatabaseUnavailable(Unavailable):
    """The database does not answer; nothing was lost, it is tried again."""

    code = "database_unavailable"


class ForeignDatabases:
    """`runtime.transfers.ports.Databases` through SQLAlchemy: PostgreSQL, MySQL, SQLite files."""

    def __init__(self, secret: Callable[[str], str | None]) -> None:
        """`secret` gives an address by the name it is kept under; it is in no document, answer or log."""
        self._secret = secret

    @contextmanager
    def rows(
        self, secret: str, query: str, *, cursor: str, since: Mapping[str, Json] | None
    ) -> Generator[Iterator[tuple[Sequence[Mapping[str, Json]], Mapping[str, Json]]]]:
        """What a query gives whose cursor is at least the mark, in its order.

        In portions, each with the mark that its last row sets.
        """
        with self._open(secret) as engine, _asking(), _reading(engine) as connection:
            found = connection.execution_options(stream_results=True, yield_per=ROWS_AT_ONCE).execute(
                *_since(query, cursor, since)
            )
            if cursor not in found.keys():  # noqa: SIM118  a result's keys, not a mapping's
                raise _no_column(cursor, list(found.keys()), path="$.cursor")
            yield (
                (
                    [{name: _plain(value) for name, value in row.items()} for row in part],
                    _mark(part[-1][cursor]),
                )
                for part in found.mappings().partitions(ROWS_AT_ONCE)
            )

    def write(self, secret: str, table: str, *, key: str, rows: Sequence[Mapping[str, Json]]) -> None:
        """Insert rows, or bring those with their key up to date. Idempotent; all of them or none."""
        if not rows:
            return
        with self._open(secret) as engine, _asking(), engine.begin() as connection:
            target = _reflected(connection, table, list(rows[0]))
            upsert = _DIALECTS[engine.dialect.name].upsert
            connection.execute(upsert(target, key), [dict(row) for row in rows])

    def delete(self, secret: str, table: str, *, key: str, values: Sequence[str]) -> None:
        """Delete the rows with these keys. Idempotent."""
        with self._open(secret) as engine, _asking(), engine.begin() as connection:
            target = _reflected(connection, table, [key])
            for start in range(0, len(values), 1_000):
                portion = values[start : start + 1_000]
                connection.execute(delete(target).where(target.c[key].in_(portion)))

    @contextmanager
    def _open(self, secret: str) -> Generator[Engine]:
        address = self._secret(secret) if _SECRET_NAME.fullmatch(secret) else None
        if not address:
            raise SecretMissing(
                f"There is no secret {secret}.", hint=f"Set PERENNIAL_SECRET_{secret} where the server runs."
            )
        engine = _engine(address)
        try:
            yield engine
        finally:
            engine.dispose()


_Upsert = Callable[[Table, str], Insert]
"""An insert that overwrites the row that has its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dialect:
    """What differs between databases: everything else is SQLAlchemy's."""

    driver: str
    upsert: _Upsert
    connect: Mapping[str, object] = field(default_factory=dict[str, object])
    reading: Mapping[str, object] = field(default_factory=dict[str, object])
    """What a connection that only reads is told."""
    before_reading: str = ""


def _other_columns(target: Table, key: str) -> list[str]:
    return [each.name for each in target.columns if each.name != key]


def _by_conflict(insert: Callable[[Table], postgresql.Insert | sqlite.Insert]) -> _Upsert:
    def overwriting(target: Table, key: str) -> Insert:
        statement, others = insert(target), _other_columns(target, key)
        if not others:
            return statement.on_conflict_do_nothing(index_elements=[key])
        return statement.on_conflict_do_update(
            index_elements=[key], set_={name: statement.excluded[name] for name in others}
        )

    return overwriting


def upsert_in_mysql(target: Table, key: str) -> Insert:
    """An insert that overwrites the row that has its key, as MySQL says it."""
    statement = mysql.insert(target)
    others = _other_columns(target, key) or [key]
    return statement.on_duplicate_key_update({name: statement.inserted[name] for name in others})


_TIMEOUT = {"connect_timeout": 10}
_DIALECTS: Mapping[str, _Dialect] = {
    "postgresql": _Dialect(
        driver="postgresql+psycopg",
        upsert=_by_conflict(postgresql.insert),
        connect=_TIMEOUT,
        reading={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
    ),
    "mysql": _Dialect(
        driver="mysql+pymysql",
        upsert=upsert_in_mysql,
        connect=_TIMEOUT,
        before_reading="SET SESSION TRANSACTION READ ONLY",
    ),
    "sqlite": _Dialect(
        driver="sqlite", upsert=_by_conflict(sqlite.insert), before_reading="PRAGMA query_only = on"
    ),
}


def _engine(address: str) -> Engine:
    try:
        url = make_url(address)
        dialect = _DIALECTS.get(url.get_backend_name())
        if dialect is None:
            raise NotSupported("There is no database of this kind.", hint="Known here: PostgreSQL, MySQL.")
        return create_engine(
            url.set(drivername=dialect.driver), connect_args=dict(dialect.connect), hide_parameters=True
        )
    except ArgumentError:
        # Its words repeat the address.
        raise DatabaseRefused("The secret holds no address of a database.") from None
    except ModuleNotFoundError as missing:
        hint = "Install it: pip install 'perennial[mysql]'."
        raise NotSupported(f"The driver {missing.name} is not installed.", hint=hint) from missing


@contextmanager
def _reading(engine: Engine) -> Generator[Connection]:
    """A connection that cannot write."""
    dialect = _DIALECTS[engine.dialect.name]
    with engine.connect().execution_options(**dialect.reading) as connection:
        if dialect.before_reading:
            connection.execute(text(dialect.before_reading))
            connection.rollback()
        yield connection


@contextmanager
def _asking() -> Generator[None]:
    """Failures of a database as ours, without its address and without values of its rows."""
    try:
        yield
    except NoSuchTableError as error:
        raise DatabaseRefused(f"There is no table {error}.", path="$.table") from None
    except DBAPIError as error:
        if error.connection_invalidated or type(error.orig).__name__ == "OperationalError":
            raise DatabaseUnavailable from None
        primary: object = getattr(getattr(error.orig, "diag", None), "message_primary", None)
        raise DatabaseRefused(hint=str(primary or type(error.orig).__name__)) from None
    except SQLAlchemyError as error:
        raise DatabaseRefused(hint=type(error).__name__) from None


def _since(query: str, cursor: str, since: Mapping[str, Json] | None) -> tuple[Executable, dict[str, object]]:
    """The operator's query, bounded and ordered by its cursor.

    From the mark on and not after it: of rows that share a cursor's value some may have come later, and
    those that were read before are known by their ids.
    """
    # A line of its own for what follows: the query may end in a comment.
    written = query.strip().rstrip(";").replace(":", "\\:") + "\n"
    asked = text(written).columns(column(cursor, _UNTYPED)).subquery("asked")
    wanted = select(literal_column("asked.*", _UNTYPED)).select_from(asked)
    wanted = wanted.where(asked.c[cursor].is_not(None))
    wanted = wanted.order_by(asked.c[cursor])
    if since is None:
        return wanted, {}
    return wanted.where(asked.c[cursor] >= bindparam("since")), {"since": _value(since)}


def _mark(value: object) -> Mapping[str, Json]:
    """A cursor's value in a form that is read back as it was."""
    match value:
        case datetime():
            return {"instant": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case bool() | int():
            return {"int": value}
        case Decimal():
            return {"decimal": str(value)}
        case float():
            return {"number": value}
        case _:
            return {"text": str(value)}


def _value(mark: Mapping[str, Json]) -> object:
    ((kind, value),) = mark.items()
    match kind:
        case "instant":
            return datetime.fromisoformat(str(value))
        case "date":
            return date.fromisoformat(str(value))
        case "decimal":
            return Decimal(str(value))
        case _:
            return value


def _plain(value: object) -> Json:
    """A cell as JSON has it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
        case date() | time():
            return value.isoformat()
        case Decimal():
            return float(value)
        case UUID():
            return str(value)
        case bytes():
            return value.hex()
        # What is in a JSON column or an array is looked at by its own type.
        case Mapping():
            return {str(key): _plain(inner) for key, inner in cast("Mapping[object, object]", value).items()}
        case list() | tuple():
            return [_plain(inner) for inner in cast("Sequence[object]", value)]
        case _:
            return str(value)


def _reflected(connection: Connection, name: str, wanted: Sequence[str]) -> Table:
    """A table with the columns that are written; `schema.table` names one elsewhere."""
    schema, _, bare = name.rpartition(".")
    found = {one["name"]: one["type"] for one in inspect(connection).get_columns(bare, schema=schema or None)}
    for column_name in wanted:
        if column_name not in found:
            raise _no_column(column_name, list(found), path=f"$.columns.{column_name}")
    columns = [Column[object](each, found[each]) for each in wanted]
    return Table(bare, MetaData(), *columns, schema=schema or None)


def _no_column(name: str, known: Sequence[str], *, path: str) -> InvalidDocument:
    problem = Problem(
        path=path, code="unknown_column", message=f"There is no column {name!r}.", hint=nearest(name, known)
    )
    return InvalidDocument([problem])
