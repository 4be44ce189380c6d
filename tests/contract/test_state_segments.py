"""Segments on the state store: versions, fills, who came and went, and people something happened to."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import Connection
from sqlalchemy.event import listens_for
from tests.services.state import OpenStore

from perennial.backends.sql.segments import SqlSegments
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tags import SqlTags
from perennial.compute.definitions.service import LiveDefinitions
from perennial.compute.segments import SegmentChanges, SegmentFill, Shift
from perennial.compute.segments.service import SegmentNotFound, Segments
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.kernel.values import Json
from perennial.testing import an_event, at
from perennial.testing.population import MemoryPopulation

NOON = at().as_of
HOUR = timedelta(hours=1)
BUYERS: Json = {"id": "buyers", "name": "Buyers", "condition": {"did": "order_paid", "within": "2d"}}
IDLE: Json = {"id": "idle", "condition": {"not": {"segment": "buyers"}}}
BUYERS_ID = SegmentId("buyers")


class State:
    """The part of a state transaction that segments and tags need."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.segments = SqlSegments(connection)
        self.tags = SqlTags(connection)


@pytest.fixture
def state(open_new: OpenStore) -> Iterator[State]:
    store = StateStore(open_new("state"))
    with store.begin() as transaction:
        yield State(transaction.connection)


@pytest.fixture
def population() -> MemoryPopulation:
    population = MemoryPopulation()
    population.add(1, an_event("order_paid"))
    population.add(2, an_event("order_paid", ago=timedelta(days=3)))
    population.add(3, an_event("app_open"))
    return population


def moves(changes: SegmentChanges) -> list[tuple[str, int, str, str]]:
    return [(it.segment_id, it.profile_id, it.direction, it.cause) for it in changes.changes()]


def test_the_same_document_again_is_the_same_version(state: State) -> None:
    service = Segments()
    first = service.create(BUYERS, state=state, now=NOON)
    again = service.create(dict(reversed(_document(BUYERS).items())), state=state, now=NOON)
    assert (first.version, again.version) == (1, 1)
    changed = service.create({**_document(BUYERS), "name": "Paying"}, state=state, now=NOON + HOUR)
    assert (changed.version, changed.name) == (2, "Paying")
    assert service.get(BUYERS_ID, state=state) == changed
    assert service.list(state=state) == [changed]


def _document(document: Json) -> dict[str, Json]:
    assert isinstance(document, dict)
    return document


def test_an_unknown_segment_is_refused_with_the_nearest(state: State) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    with pytest.raises(SegmentNotFound) as refused:
        service.get(SegmentId("buyer"), state=state)
    assert "'buyers'" in refused.value.hint


def test_circles_are_refused_when_they_would_be_closed(state: State) -> None:
    service = Segments()
    with pytest.raises(InvalidDocument) as alone:
        service.create({"id": "me", "condition": {"segment": "me"}}, state=state, now=NOON)
    assert alone.value.problems[0].code == "cycle"
    service.create(BUYERS, state=state, now=NOON)
    service.create(IDLE, state=state, now=NOON)
    with pytest.raises(InvalidDocument) as closed:
        service.create({"id": "buyers", "condition": {"segment": "idle"}}, state=state, now=NOON)
    assert closed.value.problems[0].code == "cycle"
    assert service.get(BUYERS_ID, state=state).version == 1


def test_a_first_fill_says_that_it_is_one(state: State, population: MemoryPopulation) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    service.create(IDLE, state=state, now=NOON)
    changes = service.refresh(at=at(), population=population, state=state)
    assert moves(changes) == [
        ("buyers", 1, "entered", "initial"),
        ("idle", 2, "entered", "initial"),
        ("idle", 3, "entered", "initial"),
    ]
    assert population.passes == 1
    assert service.fill(BUYERS_ID, state=state) == SegmentFill(
        segment_id=BUYERS_ID, version=1, refreshed_at=NOON, people=1
    )


def test_a_refresh_says_who_came_and_went_since(state: State, population: MemoryPopulation) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    service.refresh(at=at(), population=population, state=state)
    later = NOON + timedelta(days=2)
    population.add(3, an_event("order_paid", occurred_at=later))
    changes = service.refresh(at=at(later), population=population, state=state)
    assert moves(changes) == [("buyers", 3, "entered", "refresh"), ("buyers", 1, "left", "refresh")]
    assert state.segments.members(BUYERS_ID).tolist() == [3]
    again = service.refresh([BUYERS_ID], at=at(later), population=population, state=state)
    assert moves(again) == []


def test_a_new_version_compares_with_the_members_of_the_old(
    state: State, population: MemoryPopulation
) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    service.refresh(at=at(), population=population, state=state)
    service.create({"id": "buyers", "condition": {"did": "order_paid"}}, state=state, now=NOON)
    changes = service.refresh(at=at(), population=population, state=state)
    assert moves(changes) == [("buyers", 2, "entered", "definition")]


def test_events_are_the_same_on_every_retry_and_name_their_segment(
    state: State, population: MemoryPopulation
) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    answers = service.ask(at=at(), population=population, state=state)
    [event] = service.settle(answers, state=state).events()
    assert (event.name, event.profile_id, event.occurred_at) == ("segment_entered", 1, NOON)
    assert event.properties == {"segment": "buyers", "version": 1, "cause": "initial"}
    assert event.message_id == "segment_entered:buyers:1:1:2026-03-31T12:00:00+00:00"


def test_segments_are_due_when_new_changed_or_older_than_the_interval(
    state: State, population: MemoryPopulation
) -> None:
    service = Segments(refresh_interval=HOUR)
    service.create(BUYERS, state=state, now=NOON)
    assert service.due(at=NOON, state=state) == ["buyers"]
    service.refresh(at=at(), population=population, state=state)
    assert service.due(at=NOON + HOUR / 2, state=state) == []
    assert service.due(at=NOON + HOUR, state=state) == ["buyers"]
    service.create({"id": "buyers", "condition": {"did": "*"}}, state=state, now=NOON + HOUR / 4)
    assert service.due(at=NOON + HOUR / 2, state=state) == ["buyers"]


def test_only_people_something_happened_to_are_asked_again(
    state: State, population: MemoryPopulation
) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    service.create(IDLE, state=state, now=NOON)
    service.refresh(at=at(), population=population, state=state)
    later = NOON + HOUR
    population.add(2, an_event("order_paid", occurred_at=later))
    population.add(4, an_event("app_open", occurred_at=later))
    touched = [ProfileId(2), ProfileId(4), ProfileId(2)]
    changes = service.refresh_touched(touched, at=at(later), population=population, state=state)
    assert moves(changes) == [
        ("buyers", 2, "entered", "event"),
        ("idle", 4, "entered", "event"),
        ("idle", 2, "left", "event"),
    ]
    assert population.passes == 1
    fill = service.fill(BUYERS_ID, state=state)
    assert fill == SegmentFill(segment_id=BUYERS_ID, version=1, refreshed_at=NOON, people=2)


def test_a_segment_never_filled_waits_for_its_first_fill(state: State, population: MemoryPopulation) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    changes = service.refresh_touched([ProfileId(1)], at=at(), population=population, state=state)
    assert moves(changes) == []


def test_the_past_is_asked_by_the_version_that_was_live_then(state: State) -> None:
    service = Segments()
    first = service.create(BUYERS, state=state, now=NOON)
    second = service.create({"id": "buyers", "condition": {"did": "*"}}, state=state, now=NOON + HOUR)
    for hours, then in ((-9, first), (0, first), (1, second), (9, second)):
        definitions = LiveDefinitions(state, at=at(NOON + hours * HOUR))
        assert definitions.segment("buyers") == then.condition


def test_a_first_fill_of_a_hundred_thousand_people_takes_few_statements(state: State) -> None:
    statements: list[str] = []
    everyone = np.arange(1, 100_001, dtype=np.uint64)
    shift = Shift(
        segment_id=BUYERS_ID,
        version=1,
        at=NOON,
        cause="initial",
        entered=everyone,
        left=everyone[:0],
        people=100_000,
    )

    @listens_for(state.connection, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    state.segments.apply(shift)
    assert len(statements) < 20
    assert np.array_equal(state.segments.members(BUYERS_ID), everyone)
    assert len({event.message_id for event in SegmentChanges(shifts=(shift,)).events()}) == 100_000
