"""Builders: a test says only what matters to its sentence."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from perennial.collect.events.columns import EventRow
from perennial.kernel.conditions.evaluator import HistoryEvent, PersonHistory
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.events import RowKind
from perennial.kernel.ids import ProfileId, derive_text
from perennial.kernel.values import Json, canonical, flatten
from perennial.kernel.windows import Zone

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
"""A Tuesday; the instant that tests ask at unless they say otherwise."""


def at(as_of: datetime = NOON, *, zone: str = "UTC", known_by: datetime | None = None) -> Moment:
    """A moment to ask at."""
    return Moment(as_of=as_of, zone=Zone(name=zone), known_by=known_by)


def days(number: float) -> timedelta:
    """That many times 24 hours."""
    return timedelta(days=number)


def a_person(*events: HistoryEvent, profile_id: int = 1) -> PersonHistory:
    """Somebody with these events and no others."""
    return PersonHistory(profile_id=ProfileId(profile_id), events=events)


def an_event(
    name: str = "order_paid",
    properties: Mapping[str, Json] | None = None,
    *,
    ago: timedelta = timedelta(hours=1),
    occurred_at: datetime | None = None,
    received_at: datetime | None = None,
    kind: RowKind = "track",
) -> HistoryEvent:
    """An event some time before noon, received when it occurred."""
    instant = occurred_at or NOON - ago
    document = dict(properties or {})
    return HistoryEvent(
        name=name,
        kind=kind,
        origin="perennial" if kind == "perennial" else "source",
        occurred_at=instant,
        received_at=received_at or instant,
        message_id=derive_text("m-", name, kind, instant.isoformat(), canonical(document).decode()),
        properties=document,
    )


def an_identify(
    traits: Mapping[str, Json], *, ago: timedelta = timedelta(hours=1), occurred_at: datetime | None = None
) -> HistoryEvent:
    """An identify call that told us traits."""
    return an_event("identify", traits, ago=ago, occurred_at=occurred_at, kind="identify")


def rows_of(person: PersonHistory, *, source: str = "test") -> list[EventRow]:
    """A person's history as rows of the event store."""
    return [_row(person, event, source) for event in person.events]


def _row(person: PersonHistory, event: HistoryEvent, source: str) -> EventRow:
    flat = flatten(event.properties, marks_objects=event.kind == "identify")
    return EventRow(
        profile_id=person.profile_id,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        name=event.name,
        kind=event.kind,
        origin=event.origin,
        source=source,
        message_id=event.message_id,
        numbers=flat.numbers,
        texts=flat.texts,
        lists=flat.lists,
        raw="" if flat.rebuilds else canonical(event.properties).decode(),
    )
