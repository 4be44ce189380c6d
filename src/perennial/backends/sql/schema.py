"""What is expected of what clients send: descriptions, the tracking plan, the rules of cleaning."""

import json
from collections.abc import Sequence
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    func,
    insert,
    select,
    true,
)

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.tables_schema import declarations, descriptions
from perennial.collect.catalogue.model import WHOLE_EVENT, Description, Status
from perennial.collect.screening.model import Declaration, DeclarationKind
from perennial.kernel.values import canonical


class SqlDescriptions:
    """`collect.catalogue.ports.Descriptions` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, event: str, path: str) -> Description | None:
        """The newest version, or None where nobody wrote anything."""
        asked = and_(descriptions.c.event == event, descriptions.c.path == path)
        found = self._newest(asked)
        return found[0] if found else None

    def of_events(self) -> Sequence[Description]:
        """The newest version of each description that is of a whole event, by name."""
        return self._newest(descriptions.c.path == WHOLE_EVENT)

    def of_properties(self, event: str | None = None) -> Sequence[Description]:
        """The newest version of each description of a property (of one event), by event and path."""
        named = true() if event is None else descriptions.c.event == event
        return self._newest(and_(descriptions.c.path != WHOLE_EVENT, named))

    def add(self, description: Description) -> None:
        """Keep a new version."""
        if description.changed_at is None:
            raise ValueError("a description is kept with the instant it was written at")
        row: dict[str, object] = {
            "event": description.event,
            "path": description.path,
            "version": description.version,
            "description": description.description,
            "owner": description.owner,
            "status": description.status,
            "is_pii": description.is_pii,
            "changed_at": to_micros(description.changed_at),
        }
        self._connection.execute(insert(descriptions).values(row))

    def _newest(self, among: ColumnElement[bool]) -> Sequence[Description]:
        table = descriptions.c
        highest = (
            select(table.event, table.path, func.max(table.version).label("version"))
            .where(among)
            .group_by(table.event, table.path)
            .subquery()
        )
        matches = and_(
            table.event == highest.c.event,
            table.path == highest.c.path,
            table.version == highest.c.version,
        )
        rows = self._connection.execute(
            select(descriptions).join(highest, matches).order_by(table.event, table.path)
        )
        return [_description(row) for row in rows.mappings()]


class SqlDeclarations:
    """`collect.screening.ports.Declarations` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def latest(self, kind: DeclarationKind) -> Declaration | None:
        """The live version of the document of a kind, or None before the first."""
        newest = (
            select(declarations)
            .where(declarations.c.kind == kind)
            .order_by(declarations.c.version.desc())
            .limit(1)
        )
        row = self._connection.execute(newest).mappings().one_or_none()
        if row is None:
            return None
        return Declaration(
            kind=kind,
            version=row["version"],
            document=json.loads(row["document"]),
            created_at=from_micros(row["created_at"]),
        )

    def add(self, declaration: Declaration) -> None:
        """Keep a new version; it is the live one from now on."""
        row: dict[str, object] = {
            "kind": declaration.kind,
            "version": declaration.version,
            "document": canonical(declaration.document).decode(),
            "created_at": to_micros(declaration.created_at),
        }
        self._connection.execute(insert(declarations).values(row))


def _description(row: RowMapping) -> Description:
    return Description(
        event=row["event"],
        path=row["path"],
        version=row["version"],
        description=row["description"],
        owner=row["owner"],
        status=cast("Status | None", row["status"]),  # only `Status` words are ever written
        is_pii=row["is_pii"],
        changed_at=from_micros(row["changed_at"]),
    )
