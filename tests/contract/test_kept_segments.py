"""Lists, scheduled and frozen segments on the state store; what fails, what drifts, and what is counted."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.services.state import OpenStore

from perennial.backends.sql.state import StateStore
from perennial.backends.sql.state import StateTransaction as State
from perennial.compute.segments import SegmentChanges, Size
from perennial.compute.segments.kept import WithKeptMembers
from perennial.compute.segments.service import NotAList, Segments
from perennial.compute.segments.timekeeping import crossing, note_checked
from perennial.kernel.conditions import Condition, Moment, events_named
from perennial.kernel.errors import Refused, Unavailable
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.kernel.values import Json
from perennial.runtime.kept import StoredMembers
from perennial.testing import an_event, at
from perennial.testing.population import MemoryPopulation

NOON = at().as_of
HOUR = timedelta(hours=1)
VIPS = SegmentId("vips")
LIST: Json = {"id": "vips", "kind": "list"}
BUYERS: Json = {"id": "buyers", "condition": {"did": "order_paid", "within": "2d"}}


class Stumbling(MemoryPopulation):
    """Asked about `stone`, it falls over; told to be away, it does not answer at all."""

    is_away = False

    def members(self, conditions: Sequence[Condition], *, at: Moment) -> list[NDArray[np.uint64]]:
        if self.is_away:
            raise Unavailable
        if any("stone" in events_named(condition) for condition in conditions):
            raise Refused("There is a stone in the way.")
        return super().members(conditions, at=at)


@pytest.fixture
def store(open_new: OpenStore) -> StateStore:
    return StateStore(open_new("state"))


@pytest.fixture
def state(store: StateStore) -> Iterator[State]:
    with store.begin() as transaction:
        yield transaction


@pytest.fixture
def population() -> Stumbling:
    population = Stumbling()
    population.add(1, an_event("order_paid"))
    population.add(2, an_event("order_paid", ago=timedelta(days=3)))
    population.add(3, an_event("app_open"))
    return population


def moves(changes: SegmentChanges) -> list[tuple[str, int, str, str]]:
    return [(it.segment_id, it.profile_id, it.direction, it.cause) for it in changes.changes()]


def people(*numbers: int) -> list[ProfileId]:
    return [ProfileId(number) for number in numbers]


def test_a_list_is_there_at_once_and_has_whom_somebody_put_on_it(state: State) -> None:
    service = Segments()
    service.create(LIST, state=state, now=NOON)
    changes = service.put(VIPS, add=people(1, 2), at=NOON, state=state)
    assert moves(changes) == [("vips", 1, "entered", "list"), ("vips", 2, "entered", "list")]
    changes = service.put(VIPS, add=people(2, 3), remove=people(1, 9), at=NOON + HOUR, state=state)
    assert moves(changes) == [("vips", 3, "entered", "list"), ("vips", 1, "left", "list")]
    assert moves(service.put(VIPS, add=people(2, 3), at=NOON + HOUR, state=state)) == []
    assert state.segments.members(VIPS).tolist() == [2, 3]
    fill = service.fill(VIPS, state=state)
    assert fill is not None
    assert fill.people == 2


def test_a_document_written_anew_leaves_the_people_of_a_list(state: State) -> None:
    service = Segments()
    service.create(LIST, state=state, now=NOON)
    service.put(VIPS, add=people(1), at=NOON, state=state)
    service.create({"id": "vips", "kind": "list", "name": "VIPs"}, state=state, now=NOON + HOUR)
    assert state.segments.members(VIPS).tolist() == [1]
    assert service.due(at=NOON + 99 * HOUR, state=state) == []


def test_nobody_is_put_by_hand_on_a_segment_that_is_no_list(
    state: State, population: MemoryPopulation
) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    service.refresh(at=at(), population=population, state=state)
    with pytest.raises(NotAList):
        service.put(SegmentId("buyers"), add=people(3), at=NOON, state=state)


def test_a_list_within_a_condition_is_whoever_is_on_it(
    store: StateStore, population: MemoryPopulation
) -> None:
    service, asked = Segments(), WithKeptMembers(population, StoredMembers(store))
    with store.begin() as state:
        service.create(LIST, state=state, now=NOON)
        service.put(VIPS, add=people(1, 3), at=NOON, state=state)
        service.create(BUYERS, state=state, now=NOON)
        paid: Json = {"did": "order_paid"}
        conditions: dict[str, Json] = {
            "both": {"all": [{"segment": "vips"}, {"segment": "buyers"}]},
            "either": {"any": [{"segment": "vips"}, paid]},
            "others": {"not": {"segment": "vips"}},
            "odd": {"all": [{"did": "app_open"}, {"not": {"all": [{"segment": "vips"}, paid]}}]},
        }
        for name, condition in conditions.items():
            service.create({"id": name, "condition": condition}, state=state, now=NOON)
    with store.begin() as state:
        service.refresh(at=at(), population=asked, state=state)
        found = {one: state.segments.members(SegmentId(one)).tolist() for one in conditions}
    assert found == {"both": [1], "either": [1, 2, 3], "others": [2], "odd": [3]}
    assert population.passes == 1
    with store.begin() as state:
        service.put(VIPS, remove=people(1), at=NOON + HOUR / 2, state=state)
    with store.begin() as state:
        touched = service.refresh_touched(people(1), at=at(NOON + HOUR / 2), population=asked, state=state)
        assert moves(touched) == [("both", 1, "left", "event"), ("others", 1, "entered", "event")]
        assert service.due(at=NOON + HOUR / 2, state=state) == ["both", "either", "odd", "others"]


def test_a_list_in_the_past_is_who_was_on_it_by_the_log(
    store: StateStore, population: MemoryPopulation
) -> None:
    service, asked = Segments(), WithKeptMembers(population, StoredMembers(store))
    with store.begin() as state:
        service.create(LIST, state=state, now=NOON)
        changes = [
            service.put(VIPS, add=people(1, 3), at=NOON, state=state),
            service.put(VIPS, remove=people(1), at=NOON + HOUR, state=state),
        ]
        service.create({"id": "on_it", "condition": {"segment": "vips"}}, state=state, now=NOON)
    for change in changes:
        for event in change.events():
            told = an_event(event.name, event.properties, occurred_at=event.occurred_at, kind="perennial")
            population.add(event.profile_id, told)
    for moment, expected in ((NOON - HOUR, []), (NOON + HOUR / 2, [1, 3]), (NOON + 2 * HOUR, [3])):
        with store.begin() as state:
            [found] = service.ask([SegmentId("on_it")], at=at(moment), population=asked, state=state).found
        assert found.tolist() == expected


def test_a_scheduled_segment_moves_on_its_schedule_only(state: State, population: MemoryPopulation) -> None:
    service = Segments()
    document: Json = {
        "id": "weekly",
        "kind": "scheduled",
        "condition": {"did": "order_paid"},
        "refresh": {"every": "6h"},
    }
    service.create(document, state=state, now=NOON)
    service.refresh(at=at(), population=population, state=state)
    population.add(3, an_event("order_paid", occurred_at=NOON + HOUR))
    later = at(NOON + 2 * HOUR)
    assert moves(service.refresh_touched(people(3), at=later, population=population, state=state)) == []
    assert moves(service.refresh(at=later, population=population, state=state)) == []
    due = at(NOON + 6 * HOUR)
    changes = service.refresh(at=due, population=population, state=state)
    assert moves(changes) == [("weekly", 3, "entered", "refresh")]


def test_a_frozen_segment_keeps_the_people_of_its_moment(state: State, population: MemoryPopulation) -> None:
    service = Segments()
    moment = NOON - timedelta(days=2)
    frozen: Json = {
        "id": "then",
        "kind": "frozen",
        "condition": {"did": "order_paid"},
        "as_of": moment.isoformat(),
    }
    service.create(frozen, state=state, now=NOON)
    service.create(BUYERS, state=state, now=NOON)
    service.refresh(at=at(), population=population, state=state)
    assert state.segments.members(SegmentId("then")).tolist() == [2]
    population.add(3, an_event("order_paid", occurred_at=moment - HOUR))
    again = service.refresh([SegmentId("then")], at=at(NOON + HOUR), population=population, state=state)
    assert again.shifts == ()


def test_a_segment_that_fails_keeps_its_people_and_says_why(state: State, population: Stumbling) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    service.create({"id": "idle", "condition": {"not": {"did": "order_paid"}}}, state=state, now=NOON)
    service.refresh(at=at(), population=population, state=state)
    service.create({"id": "idle", "condition": {"did": "stone"}}, state=state, now=NOON + HOUR)
    later = at(NOON + HOUR)
    service.refresh(at=later, population=population, state=state)
    standing = state.segments.standings()[SegmentId("idle")]
    assert (standing.failed_at, standing.problem) == (later.as_of, "There is a stone in the way.")
    assert state.segments.members(SegmentId("idle")).tolist() == [3]
    fills = state.segments.fills()
    assert [fills[SegmentId(one)].refreshed_at for one in ("idle", "buyers")] == [NOON, later.as_of]
    # It is tried again after the interval, not at every turn; a new version is tried at once.
    assert service.due(at=later.as_of + HOUR / 2, state=state) == []
    assert "idle" in service.due(at=later.as_of + HOUR, state=state)
    service.create({"id": "idle", "condition": {"did": "app_open"}}, state=state, now=later.as_of)
    service.refresh(at=later, population=population, state=state)
    assert state.segments.standings()[SegmentId("idle")].problem is None


def test_where_nobody_can_be_asked_no_segment_is_to_blame(state: State, population: Stumbling) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    population.is_away = True
    with pytest.raises(Unavailable):
        service.refresh(at=at(), population=population, state=state)
    assert state.segments.standings() == {}


def test_a_new_version_of_what_a_segment_names_is_a_reason_to_ask_again(
    state: State, population: MemoryPopulation
) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    service.create({"id": "idle", "condition": {"not": {"segment": "buyers"}}}, state=state, now=NOON)
    service.refresh(at=at(), population=population, state=state)
    soon = NOON + HOUR / 2
    service.create({"id": "buyers", "condition": {"did": "order_paid"}}, state=state, now=soon)
    assert service.due(at=soon, state=state) == ["buyers", "idle"]
    changes = service.refresh(at=at(soon), population=population, state=state)
    assert moves(changes) == [("buyers", 2, "entered", "definition"), ("idle", 2, "left", "definition")]


def test_whom_a_full_refresh_corrects_is_counted_as_drift(state: State, population: MemoryPopulation) -> None:
    service = Segments()
    service.create(BUYERS, state=state, now=NOON)
    service.refresh(at=at(), population=population, state=state)
    population.add(3, an_event("order_paid", occurred_at=NOON + HOUR / 2))  # and nobody asked again
    later = at(NOON + HOUR)
    found = crossing(service, at=later, population=population, state=state)
    assert found is not None
    note_checked(found.segments, at=later, state=state)
    service.refresh(at=later, population=population, state=state)
    standing = state.segments.standings()[SegmentId("buyers")]
    assert (standing.drift, standing.drifted_at) == (1, later.as_of)


def test_sizes_are_kept_by_the_hour(state: State) -> None:
    shelf = state.segments
    for minutes, count in ((0, 1), (20, 2), (70, 3)):
        shelf.record_size(VIPS, Size(at=NOON + timedelta(minutes=minutes), people=count))
    points = [(point.at - NOON, point.people) for point in shelf.sizes(VIPS, since=NOON)]
    assert points == [(timedelta(minutes=20), 2), (timedelta(minutes=70), 3)]
    assert shelf.changed_at(VIPS) == NOON + timedelta(minutes=70)
    shelf.record_size(VIPS, Size(at=NOON + timedelta(days=500), people=4))
    assert [point.people for point in shelf.sizes(VIPS, since=NOON)] == [4]


def test_members_are_paged_by_id_and_looked_up_by_person(state: State) -> None:
    service = Segments()
    for name in ("vips", "press"):
        service.create({"id": name, "kind": "list"}, state=state, now=NOON)
        service.put(SegmentId(name), add=people(5, 1, 3), at=NOON, state=state)
    first = state.segments.page(VIPS, limit=2)
    assert [one.profile_id for one in first] == [1, 3]
    service.put(VIPS, add=people(2), remove=people(3), at=NOON, state=state)
    assert [one.profile_id for one in state.segments.page(VIPS, limit=2, after=ProfileId(3))] == [5]
    theirs = state.segments.memberships_of(ProfileId(3))
    assert [(one.segment_id, one.entered_at) for one in theirs] == [("press", NOON)]
