"""The reference evaluator: the condition language over a list of events, in plain Python.

Written from the language's definition, not from the compiler; where the two differ, one of them is wrong.
Slow and obvious on purpose. It also judges what journeys' examples give, where there is no log to ask.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import assert_never

from perennial.kernel.conditions.model import (
    ASSIGNING_EVENT,
    ZERO_WHEN_EMPTY,
    Aggregate,
    All,
    AnyOf,
    AssignedIs,
    Baseline,
    Change,
    Condition,
    ConsentIs,
    Constant,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    InSegment,
    Measure,
    Not,
    Rank,
    Seen,
    TagIs,
    Told,
    Trait,
)
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.conditions.rules import Leaf, event_matches, is_activity, number_passes, passes
from perennial.kernel.events import Origin, RowKind
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json, flatten, leaves, number_of, path_and_parents, text_of
from perennial.kernel.windows import Bounds, Window, bounds

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One row of a person's log as it was sent: properties (or traits) nested, context under `context`."""

    name: str
    occurred_at: datetime
    received_at: datetime
    message_id: str
    kind: RowKind = "track"
    origin: Origin = "source"
    properties: dict[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonHistory:
    """Everything the log holds about one person."""

    profile_id: ProfileId
    events: tuple[HistoryEvent, ...] = ()
    stored: Mapping[str, str | float] = field(default_factory=dict[str, str | float])
    """Their stored values, by tag."""


def exists(person: PersonHistory, at: Moment) -> bool:
    """Whether anything was known of the person at the moment."""
    return bool(_known(person, at))


def evaluate(condition: Condition, person: PersonHistory, at: Moment) -> bool:
    """Whether a resolved condition holds for a person at a moment. Always true or false."""
    match condition:
        case Constant():
            return condition.value
        case All():
            return all(evaluate(part, person, at) for part in condition.of)
        case AnyOf():
            return any(evaluate(part, person, at) for part in condition.of)
        case Not():
            return not evaluate(condition.of, person, at)
        case Trait() | ConsentIs() | AssignedIs():
            found = _told(condition, person, at)
            return passes(condition.test, found, as_of=at.as_of, zone=at.zone)
        case TagIs(is_stored=True):
            value = person.stored.get(condition.tag)
            return passes(condition.test, [] if value is None else [value], as_of=at.as_of, zone=at.zone)
        case TagIs() | InSegment() | Rank():
            raise TypeError("resolve the condition first: a tag, segment or rank is left in it")
        case _:
            return _of_events(condition, person, at)


def _of_events(
    condition: Did | Measure | Change | DidInOrder | DidWithout | Seen, person: PersonHistory, at: Moment
) -> bool:
    match condition:
        case Did():
            events = _matching(condition.pattern, condition.window, person, at)
            return number_passes(condition.times, float(len(events)))
        case Measure():
            value = measure_value(condition.aggregate, condition.pattern, condition.window, person, at)
            return number_passes(condition.test, value)
        case Change():
            return _change_holds(condition, person, at)
        case DidInOrder():
            return any(
                _runs_through(steps, len(condition.steps), condition.span)
                for steps in _steps_by_key(condition.steps, condition.same, condition.window, person, at)
            )
        case DidWithout():
            pair = (condition.after, condition.without)
            return any(
                _is_unanswered(steps, condition, at)
                for steps in _steps_by_key(pair, condition.same, None, person, at)
            )
        case Seen():
            return _seen_within(condition, person, at)
        case _:
            assert_never(condition)


def _told(condition: Told, person: PersonHistory, at: Moment) -> list[Leaf]:
    """What was last said of a person, or decided about them; empty where nothing was."""
    match condition:
        case Trait():
            return trait_leaves(condition.trait, person, at)
        case ConsentIs():
            rows = [event for event in _known(person, at) if event.kind == "consent"]
            return _latest(rows, {"channel": condition.channel, "topic": condition.topic}, "state")
        case AssignedIs():
            rows = _matching(EventPattern(event=ASSIGNING_EVENT), None, person, at)
            return _latest(rows, {"journey": condition.journey}, "arm")
        case _:
            assert_never(condition)


def ranked_inside(rank: Rank, people: Sequence[PersonHistory], at: Moment) -> list[PersonHistory]:
    """Who is inside a share of those ranked: fewer people are strictly better than it has places."""
    values: list[tuple[float, PersonHistory]] = []
    for person in people:
        value = measure_value(rank.aggregate, rank.pattern, rank.window, person, at)
        is_meant = rank.among is None or evaluate(rank.among, person, at)
        if value is not None and is_meant and _matching(rank.pattern, rank.window, person, at):
            values.append((value if rank.side == "top" else -value, person))
    places = math.ceil(Decimal(text_of(rank.percent)) * len(values) / 100)
    return [person for value, person in values if sum(other > value for other, _ in values) < places]


def measure_value(
    aggregate: Aggregate, pattern: EventPattern, window: Window | None, person: PersonHistory, at: Moment
) -> float | None:
    """An aggregate over a person's events in a window, None where it is missing."""
    return _aggregate(aggregate, _matching(pattern, window, person, at), at)


def trait_leaves(trait: str, person: PersonHistory, at: Moment) -> list[Leaf]:
    """What the latest identify call with the trait said; empty where that is null or `[]`, or no call has it.

    A call has a trait when something is told at its path, be it null, or at a path above it: the latest
    `address` replaces every `address.city` before it.
    """
    calls = [event for event in _known(person, at) if event.kind == "identify" and _has(event, trait)]
    if not calls:
        return []
    return leaves(max(calls, key=lambda call: (call.occurred_at, call.message_id)).properties, trait)


def first_seen(person: PersonHistory, at: Moment) -> datetime | None:
    """When the person was first active, None where they never were."""
    seen = [
        event.occurred_at
        for event in _known(person, at)
        if is_activity(name=event.name, kind=event.kind, properties=event.properties)
    ]
    return min(seen, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """An event, and the places of the patterns that it fits."""

    at: datetime
    fits: frozenset[int]


def _steps_by_key(
    patterns: Sequence[EventPattern],
    same: Sequence[str] | None,
    window: Window | None,
    person: PersonHistory,
    at: Moment,
) -> list[list[_Step]]:
    """The events that fit any pattern, those of each key apart; an event may have several keys."""
    found: dict[str, dict[str, set[int]]] = {}
    instants: dict[str, datetime] = {}
    for place, pattern in enumerate(patterns):
        for event in _matching(pattern, window, person, at):
            instants[event.message_id] = event.occurred_at
            keys = {text_of(leaf) for leaf in leaves(event.properties, same[place])} if same else {""}
            for key in keys:
                found.setdefault(key, {}).setdefault(event.message_id, set()).add(place)
    return [
        [_Step(at=instants[event], fits=frozenset(fits)) for event, fits in events.items()]
        for events in found.values()
    ]


def _runs_through(steps: Sequence[_Step], count: int, span: timedelta | None) -> bool:
    """Whether steps in their order fill all places, each by one of its own, the last within the span."""
    ordered = sorted(steps, key=lambda it: (it.at, min(it.fits), [n in it.fits for n in range(count)]))

    def goes_on(place: int, start: int, begun: datetime | None) -> bool:
        if place == count:
            return True
        return any(
            goes_on(place + 1, index + 1, begun or step.at)
            for index, step in enumerate(ordered[start:], start)
            if place in step.fits and (begun is None or span is None or step.at <= begun + span)
        )

    return goes_on(0, 0, None)


def _is_unanswered(steps: Sequence[_Step], asked: DidWithout, at: Moment) -> bool:
    done = [step for step in steps if 0 in step.fits]
    if not done:
        return False
    latest = max(step.at for step in done)
    if not latest + asked.wait <= at.as_of < latest + asked.wait + asked.until:
        return False
    return not any(
        answer is not step and 1 in answer.fits and answer.at >= latest
        for step in done
        if step.at == latest
        for answer in steps
    )


def _seen_within(seen: Seen, person: PersonHistory, at: Moment) -> bool:
    active = [event.occurred_at for event in _matching(EventPattern(event="*"), None, person, at)]
    if not active:
        return False
    end = min(active) if seen.end == "first" else max(active)
    return bounds(seen.window, as_of=at.as_of, zone=at.zone).contains(end)


def _latest(rows: Sequence[HistoryEvent], texts: dict[str, str], path: str) -> list[Leaf]:
    """What the latest row with these texts says at a path."""
    about = [row for row in rows if all(text in leaves(row.properties, key) for key, text in texts.items())]
    if not about:
        return []
    return leaves(max(about, key=lambda row: (row.occurred_at, row.message_id)).properties, path)


def _known(person: PersonHistory, at: Moment) -> list[HistoryEvent]:
    return [
        event
        for event in person.events
        if event.occurred_at <= at.as_of and (at.known_by is None or event.received_at <= at.known_by)
    ]


def _has(event: HistoryEvent, path: str) -> bool:
    flat = flatten(event.properties, marks_objects=True)
    told = flat.numbers.keys() | flat.texts.keys() | flat.lists.keys()
    return not told.isdisjoint(path_and_parents(path))


def _matching(
    pattern: EventPattern, window: Window | None, person: PersonHistory, at: Moment
) -> list[HistoryEvent]:
    return _within(bounds(window, as_of=at.as_of, zone=at.zone), pattern, person, at)


def _within(span: Bounds, pattern: EventPattern, person: PersonHistory, at: Moment) -> list[HistoryEvent]:
    return [
        event
        for event in _known(person, at)
        if span.contains(event.occurred_at)
        and event_matches(
            pattern,
            name=event.name,
            kind=event.kind,
            properties=event.properties,
            as_of=at.as_of,
            zone=at.zone,
        )
    ]


def _aggregate(aggregate: Aggregate, events: Sequence[HistoryEvent], at: Moment) -> float | None:
    if not events:
        return 0.0 if aggregate.kind in ZERO_WHEN_EMPTY else None
    match aggregate.kind:
        case "count":
            return float(len(events))
        case "distinct":
            return float(len({text_of(leaf) for leaf in _leaves(aggregate, events)}))
        case "days":
            return float(len(_local_days(events, at)))
        case "streak":
            return float(_streak(_local_days(events, at), at.as_of.astimezone(at.zone.rules).date()))
        case "first_ago":
            return (at.as_of - min(event.occurred_at for event in events)) / _DAY
        case "last_ago":
            return (at.as_of - max(event.occurred_at for event in events)) / _DAY
        case "sum":
            return _total(_numbers(aggregate, events))
        case "avg" | "min" | "max" | "median":
            numbers = _numbers(aggregate, events)
            return _SUMMARY[aggregate.kind](numbers) if numbers else None
        case _:
            assert_never(aggregate.kind)


def _total(numbers: Sequence[float]) -> float:
    total = 0.0
    for number in numbers:
        total += number
    return total


def _mean(numbers: Sequence[float]) -> float:
    return _total(numbers) / len(numbers)


_SUMMARY: dict[str, Callable[[Sequence[float]], float]] = {
    "avg": _mean,
    "min": min,
    "max": max,
    "median": median,
}


def _leaves(aggregate: Aggregate, events: Sequence[HistoryEvent]) -> list[Leaf]:
    path = aggregate.property or ""
    return [leaf for event in events for leaf in leaves(event.properties, path)]


def _numbers(aggregate: Aggregate, events: Sequence[HistoryEvent]) -> list[float]:
    read = [number_of(text_of(leaf)) for leaf in _leaves(aggregate, events)]
    return [number for number in read if number is not None]


def _local_days(events: Sequence[HistoryEvent], at: Moment) -> set[date]:
    return {event.occurred_at.astimezone(at.zone.rules).date() for event in events}


def _streak(days: set[date], today: date) -> int:
    """Consecutive days up to today, or up to yesterday where today has none yet."""
    day = today if today in days else today - _DAY
    length = 0
    while day in days:
        length += 1
        day -= _DAY
    return length


def _change_holds(change: Change, person: PersonHistory, at: Moment) -> bool:
    spans = _baseline_spans(change.against, change.over, at.as_of)
    if not change.include_new:
        seen = first_seen(person, at)
        opening = min(span.after for span in spans if span.after is not None)
        if seen is None or seen > opening:
            return False
    current = _aggregate(
        change.aggregate, _within(_span(at.as_of, change.over), change.pattern, person, at), at
    )
    values = [_aggregate(change.aggregate, _within(span, change.pattern, person, at), at) for span in spans]
    known = [value for value in values if value is not None]
    if current is None or not known:
        return False
    baseline = _mean(known)
    if baseline <= 0 if change.floor is None else baseline < change.floor:
        return False
    if not change.percent:
        return number_passes(change.test, current - baseline)
    # Multiplied before it is divided: 93 after 100 is -7, and -7.000000000000001 would miss ">= -7%".
    return baseline != 0 and number_passes(change.test, (current - baseline) * 100 / baseline)


def _baseline_spans(against: Baseline, over: timedelta, as_of: datetime) -> list[Bounds]:
    """The windows compared with, latest first: whole windows before the current one, or one shifted back."""
    if against.shift is not None:
        return [_span(as_of - against.shift, over)]
    return [_span(as_of - k * over, over) for k in range(1, against.windows + 1)]


def _span(until: datetime, over: timedelta) -> Bounds:
    return Bounds(after=until - over, until=until)
