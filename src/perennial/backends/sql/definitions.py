"""Versions of segments and tags in the state store: one class, two tables of the same shape."""

import json
from collections.abc import Sequence
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Table,
    and_,
    func,
    insert,
    or_,
    select,
    true,
)

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.options import WRITES
from perennial.compute.definitions.model import Definition

_READ: WeakKeyDictionary[Engine, dict[str, dict[tuple[str, int], Definition]]] = WeakKeyDictionary()
"""Versions that were committed and read, by table: they never change, and are asked for in every turn."""


class SqlDefinitions:
    """`DefinitionShelf` over one table: its id column, then version, name, document, created_at."""

    def __init__(self, connection: Connection, table: Table, id_column: Column[str]) -> None:
        self._connection = connection
        self._table = table
        self._id = id_column

    def save(self, definition: Definition) -> None:
        """Keep a new version; it is the live one from now on."""
        row: dict[str, str | int] = {
            self._id.name: definition.id,
            "version": definition.version,
            "name": definition.name,
            "document": json.dumps(definition.document, ensure_ascii=False),
            "created_at": to_micros(definition.created_at),
        }
        self._connection.execute(insert(self._table).values(row))

    def latest(self, definition_id: str) -> Definition | None:
        """The live version, or None where there is no such definition."""
        versions = select(self._table).where(self._id == definition_id)
        newest = versions.order_by(self._table.c.version.desc()).limit(1)
        row = self._connection.execute(newest).mappings().one_or_none()
        return None if row is None else self._definition(row)

    def live(self) -> Sequence[Definition]:
        """The live version of every definition, by id."""
        return self._newest(true())

    def live_at(self, instant: datetime) -> Sequence[Definition]:
        """The version that was live at an instant; of a definition written later, its first."""
        table = self._table
        return self._newest(or_(table.c.created_at <= to_micros(instant), table.c.version == 1))

    def _newest(self, among: ColumnElement[bool]) -> Sequence[Definition]:
        """The highest version of each definition among some rows, by id."""
        table = self._table
        highest = select(self._id, func.max(table.c.version).label("version")).where(among).group_by(self._id)
        keys = [(row[0], row[1]) for row in self._connection.execute(highest.order_by(self._id)).all()]
        known = self._known()
        if all(key in known for key in keys):
            return [known[key] for key in keys]
        wanted = highest.subquery()
        matches = and_(self._id == wanted.c[self._id.name], table.c.version == wanted.c.version)
        rows = self._connection.execute(select(table).join(wanted, matches).order_by(self._id))
        found = [self._definition(row) for row in rows.mappings()]
        if not self._connection.get_execution_options().get(WRITES):
            # What is being written may be rolled back, and its version given to something else.
            known.update({(one.id, one.version): one for one in found})
        return found

    def _known(self) -> dict[tuple[str, int], Definition]:
        return _READ.setdefault(self._connection.engine, {}).setdefault(self._table.name, {})

    def _definition(self, row: RowMapping) -> Definition:
        return Definition(
            id=row[self._id.name],
            version=row["version"],
            name=row["name"],
            document=json.loads(row["document"]),
            created_at=from_micros(row["created_at"]),
        )
