"""The catalogue's numbers, counted in ClickHouse."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from perennial.backends.clickhouse.parameters import Binder, Parameter, Sql, sql
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.collect.catalogue.model import EventFacts, LeafFacts, PiiKind, TypeFacts
from perennial.collect.catalogue.rules import PII_PATTERNS

MOST_PROPERTIES = 100_000
"""Rows of one answer: where names are made by machines there is no end to them."""
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}.*)?$"
_CLIENTS: LiteralString = (
    "origin = 'source' AND kind IN ('track', 'page', 'screen', 'identify', 'group')"
    " AND NOT startsWith(key, 'context.') AND <<rows>>"
)
_COUNTED: Mapping[PiiKind, str] = {"e-mail": "emails", "phone": "phones", "id_card": "id_cards"}

# An Arrow row is whatever its columns are; each value goes into a noun that says its type.
_Row = Mapping[str, Any]


class ClickHouseCatalogueFacts:
    """`collect.catalogue.ports.CatalogueFacts` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def events(self, *, recent_since: datetime) -> Sequence[EventFacts]:
        """Every name that clients sent, in order."""
        recent = Parameter(type="DateTime64(6, 'UTC')", value=recent_since)
        found = self._transport.query(statement("catalogue_events"), {"recent": recent})
        return [EventFacts(**row) for row in found.to_pylist()]

    def properties(self, event: str) -> Sequence[LeafFacts]:
        """Every property of an event by path and type, over all time."""
        binder = Binder()
        rows = sql("name = <<name>>", name=binder.text(event))
        return [
            LeafFacts(
                path=row["path"],
                type=row["type"],
                events=row["events"],
                first_at=row["first_at"],
                last_at=row["last_at"],
                samples=row["samples"],
                looks_like=_looks_like(row),
            )
            for row in self._leaves(sql("event"), rows, binder, samples=Sql("5"))
        ]

    def types(self, *, since: datetime) -> Sequence[TypeFacts]:
        """Every property of every event by type and source, of what happened from an instant on."""
        binder = Binder()
        rows = sql("occurred_at >= <<since>>", since=binder.instant(since))
        return [
            TypeFacts(
                event=row["event"],
                path=row["path"],
                type=row["type"],
                source=row["source"],
                events=row["events"],
                first_at=row["first_at"],
                last_at=row["last_at"],
                sample=next(iter(row["samples"]), ""),
                looks_like=_looks_like(row),
            )
            for row in self._leaves(sql("event, source"), rows, binder, samples=Sql("1"))
        ]

    def _leaves(self, keys: Sql, rows: Sql, binder: Binder, *, samples: Sql) -> Sequence[_Row]:
        found = self._transport.query(
            statement("catalogue_leaves", keys=keys, rows=sql(_CLIENTS, rows=rows), samples=samples),
            {
                **binder.parameters,
                "time": Parameter(type="String", value=_TIME),
                "email": Parameter(type="String", value=PII_PATTERNS["e-mail"]),
                "phone": Parameter(type="String", value=PII_PATTERNS["phone"]),
                "id_card": Parameter(type="String", value=PII_PATTERNS["id_card"]),
                "limit": Parameter(type="UInt64", value=MOST_PROPERTIES),
            },
        )
        return found.to_pylist()


def _looks_like(row: _Row) -> Sequence[tuple[PiiKind, int]]:
    return [(kind, row[column]) for kind, column in _COUNTED.items() if row[column]]
