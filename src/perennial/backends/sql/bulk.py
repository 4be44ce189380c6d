"""Many rows in few statements.

SQLite's driver lets go of the interpreter at every row it writes or reads, and under load another thread
takes it each time. So many rows are written by one statement, and read as one row of JSON. Both are past
SQLAlchemy's handling of each value: what is given is what the driver gets.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Table,
    any_,
    bindparam,
    column,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import NullType

from perennial.backends.sql.columns import BIG
from perennial.backends.sql.engine import insert_into

_Row = TypeVar("_Row")
_Value = TypeVar("_Value", int, str)
_Number = TypeVar("_Number", bound=int)

Insert = sqlite.Insert | postgresql.Insert
_SIZES = (512, 64, 8, 1)
"""Rows of one statement: few sizes, so that its compiled form is mostly there already."""


class BulkInsert:
    """An insert of many rows into some columns of a table; the same rows twice in one call are refused."""

    def __init__(self, table: Table, columns: Sequence[str], on_conflict: Callable[[Insert], Insert]) -> None:
        self._table = table
        self._columns = [column.name for column in table.c if column.name in columns]
        if self._columns != list(columns):
            raise ValueError("SQLAlchemy writes columns in the order of the table; so must we")
        self._on_conflict = on_conflict
        self._texts: dict[tuple[str, int], tuple[str, Sequence[str] | None]] = {}

    def run(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> int:
        """Write rows, values in the order of the columns; how many were written or changed."""
        written = start = 0
        for size in _SIZES:
            while len(rows) - start >= size:
                written += self._write(connection, rows[start : start + size])
                start += size
        return written

    def _write(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> int:
        text, names = self._compiled(connection, len(rows))
        values = [value for row in rows for value in row]
        if names is None:
            return connection.exec_driver_sql(text, tuple(values)).rowcount
        return connection.exec_driver_sql(text, dict(zip(names, values, strict=True))).rowcount

    def _compiled(self, connection: Connection, size: int) -> tuple[str, Sequence[str] | None]:
        """A statement for so many rows, and the names of its parameters, where they have names."""
        key = (connection.dialect.name, size)
        if key not in self._texts:
            names = [f"{column}_{row}" for row in range(size) for column in self._columns]
            columns = len(self._columns)
            rows = [
                {
                    column: bindparam(names[row * columns + place], type_=NullType())
                    for place, column in enumerate(self._columns)
                }
                for row in range(size)
            ]
            statement = self._on_conflict(insert_into(self._table, connection).values(rows))
            compiled = statement.compile(dialect=connection.dialect)
            self._texts[key] = str(compiled), None if compiled.positional else names
        return self._texts[key]


class KeyInsert:
    """An insert of rows that are one key of so many bytes, but for those that are there.

    However many they are, it is one statement with a parameter or two, so that the thread that commits lets
    go of the interpreter once.
    """

    def __init__(self, key: Column[bytes], *, length: int) -> None:
        keys = bindparam("keys", type_=NullType())
        each = func.json_each(bindparam("starts", type_=NullType())).table_valued("value")
        # Without a condition SQLite would take ON CONFLICT for the condition of a join.
        cut = select(func.substr(keys, each.c.value, length)).where(true())
        each_one = func.unnest(bindparam("keys", type_=ARRAY(key.type)))
        adding: Mapping[str, Insert] = {
            "sqlite": sqlite.insert(key.table).from_select([key.name], cut).on_conflict_do_nothing(),
            "postgresql": postgresql.insert(key.table)
            .from_select([key.name], select(each_one))
            .on_conflict_do_nothing(),
        }
        self._adding = adding
        self._length = length

    def run(self, connection: Connection, keys: Sequence[bytes]) -> int:
        """Write keys; how many were not there."""
        given = _KEYS_GIVEN[connection.dialect.name](keys, self._length)
        return connection.execute(self._adding[connection.dialect.name], given).rowcount


def among(connection: Connection, column: Column[_Value], values: Sequence[_Value]) -> ColumnElement[bool]:
    """Whether a column is one of any number of values, as one parameter."""
    return _AMONG[connection.dialect.name](column, values)


def listed(connection: Connection, mapping: Mapping[_Number, _Number]) -> Subquery:
    """A mapping of numbers as a table (place, key, value), in few parameters; places follow its order."""
    return _LISTED[connection.dialect.name](mapping).subquery()


def fetch(connection: Connection, query: Select[*tuple[object, ...]], row: type[_Row]) -> list[_Row]:
    """A query's rows, which hold texts and whole numbers only, each as a tuple of this type."""
    return msgspec.convert(_FETCH[connection.dialect.name](connection, query), list[row])


def _keys_cut(keys: Sequence[bytes], length: int) -> Mapping[str, object]:
    """All keys as one value, and where each begins."""
    starts = msgspec.json.encode(list(range(1, len(keys) * length, length))).decode()
    return {"keys": b"".join(keys), "starts": starts}


def _keys_listed(keys: Sequence[bytes], _length: int) -> Mapping[str, object]:
    return {"keys": list(keys)}


def _among_json(column: Column[_Value], values: Sequence[_Value]) -> ColumnElement[bool]:
    each = func.json_each(literal(msgspec.json.encode(values).decode())).table_valued("value")
    return column.in_(select(each.c.value))


def _among_array(column: Column[_Value], values: Sequence[_Value]) -> ColumnElement[bool]:
    return column == any_(literal(values, ARRAY(column.type)))


def _listed_json(mapping: Mapping[_Number, _Number]) -> Select[int, int, int]:
    pairs = msgspec.json.encode(list(mapping.items())).decode()
    each = func.json_each(literal(pairs)).table_valued(column("key", BIG), "value")
    key, value = (func.json_extract(each.c.value, path, type_=BIG) for path in ("$[0]", "$[1]"))
    return select(each.c.key.label("place"), key.label("key"), value.label("value"))


def _listed_arrays(mapping: Mapping[_Number, _Number]) -> Select[int, int, int]:
    arrays = (range(len(mapping)), mapping.keys(), mapping.values())
    names = [column(name, BIG) for name in ("place", "key", "value")]
    each = func.unnest(*(literal(list(array), ARRAY(BIG)) for array in arrays)).table_valued(*names)
    return select(*each.render_derived().c)


def _fetch_json(connection: Connection, query: Select[*tuple[object, ...]]) -> Sequence[object]:
    found = query.subquery()
    rows = connection.execute(select(func.json_group_array(func.json_array(*found.c)))).scalar_one()
    return msgspec.json.decode(rows, type=list[object])


def _fetch_rows(connection: Connection, query: Select[*tuple[object, ...]]) -> Sequence[object]:
    return [tuple(each) for each in connection.execute(query)]


# Portable questions; each engine has its own quick way to be asked.
_KEYS_GIVEN = {"sqlite": _keys_cut, "postgresql": _keys_listed}
_AMONG = {"sqlite": _among_json, "postgresql": _among_array}
_LISTED = {"sqlite": _listed_json, "postgresql": _listed_arrays}
_FETCH = {"sqlite": _fetch_json, "postgresql": _fetch_rows}
