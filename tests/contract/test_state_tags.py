"""Tags on the state store: everyone's values, the cuts behind scores, and conditions that name tags."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import Connection, insert
from tests.services.state import OpenStore

from perennial.backends.sql.segments import SqlSegments
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables import profiles
from perennial.backends.sql.tags import SqlTags
from perennial.compute.definitions.service import LiveDefinitions
from perennial.compute.profiles import Person
from perennial.compute.profiles.ports import Population, Quantities, Quantity
from perennial.compute.segments.service import Segments
from perennial.compute.tags import RFM_GROUPS
from perennial.compute.tags.model import Dispute
from perennial.compute.tags.presets import preset
from perennial.compute.tags.service import TagNotFound, Tags
from perennial.kernel.conditions import Moment, parse_condition, resolve
from perennial.kernel.errors import InvalidDocument, Unavailable
from perennial.kernel.ids import ProfileId, TagId, profile_text
from perennial.kernel.values import Json
from perennial.testing import an_event, an_identify, at
from perennial.testing.population import MemoryPopulation

NOON = at().as_of
DAY = timedelta(days=1)
RFM: Json = {"id": "rfm", "rfm": {"of": "order_paid"}}
SPENT: Json = {"id": "spent", "measure": "sum(amount)", "of": "order_paid"}


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
def population(state: State) -> MemoryPopulation:
    """Ten people: number n bought n times, n days apart at most, for 10 n each; 11 bought nothing."""
    population = MemoryPopulation()
    for number in range(1, 11):
        population.add(
            number,
            *(
                an_event("order_paid", {"amount": 10 * number}, ago=(11 - number + k) * 2 * DAY)
                for k in range(number)
            ),
        )
    population.add(11, an_identify({"city": "x"}))
    rows = [
        {"profile_id": number, "user_id": None if number == 4 else f"u{number:02}", "first_seen_at": 0}
        for number in range(1, 12)
    ]
    state.connection.execute(insert(profiles), rows)
    return population


def values(state: State, tag: str) -> dict[str, str | float]:
    return Tags().values(TagId(tag), limit=100, now=NOON, state=state).by_user()


def test_a_measure_is_everyone_s_number(state: State, population: MemoryPopulation) -> None:
    Tags().create(SPENT, state=state, now=NOON)
    Tags().refresh(at=at(), population=population, state=state)
    found = values(state, "spent")
    assert (found["u02"], found["u11"], found[profile_text(4)]) == (40, 0, 160)
    assert len(found) == 11


def test_values_take_the_first_case_that_holds_and_else_for_the_rest(
    state: State, population: MemoryPopulation
) -> None:
    document: Json = {
        "id": "level",
        "values": [
            {"value": "gold", "if": {"measure": "sum(amount)", "of": "order_paid", "is": ">= 640"}},
            {"value": "silver", "if": {"did": "order_paid", "times": ">= 5"}},
        ],
        "else": "plain",
    }
    Tags().create(document, state=state, now=NOON)
    Tags().refresh(at=at(), population=population, state=state)
    found = values(state, "level")
    by_value = {
        value: sorted(user for user, its in found.items() if its == value) for value in set(found.values())
    }
    assert by_value["gold"] == ["u08", "u09", "u10"]
    assert by_value["silver"] == ["u05", "u06", "u07"]
    assert len(by_value["plain"]) == 5


def test_without_else_the_rest_have_no_value(state: State, population: MemoryPopulation) -> None:
    document: Json = {
        "id": "level",
        "values": [{"value": "big", "if": {"did": "order_paid", "times": ">= 9"}}],
    }
    Tags().create(document, state=state, now=NOON)
    [fill] = Tags().refresh(at=at(), population=population, state=state)
    assert values(state, "level") == {"u09": "big", "u10": "big"}
    assert fill.people == 2


def test_rfm_scores_buyers_and_nobody_else(state: State, population: MemoryPopulation) -> None:
    Tags().create(RFM, state=state, now=NOON)
    Tags().refresh(at=at(), population=population, state=state)
    page = Tags().values(TagId("rfm"), limit=100, now=NOON, state=state)
    assert len(page.values) == 10
    cells = {int(each.person.profile_id): (each.value, each.details) for each in page.values}
    assert cells[10] == ("champions", {"cell": "555"})
    assert cells[1] == ("lost", {"cell": "111"})
    assert "u11" not in page.by_user()


def test_a_condition_on_a_group_finds_exactly_the_people_stored_under_it(
    state: State, population: MemoryPopulation
) -> None:
    Tags().create(RFM, state=state, now=NOON)
    Tags().refresh(at=at(), population=population, state=state)
    stored = Tags().values(TagId("rfm"), limit=100, now=NOON, state=state).values
    definitions = LiveDefinitions(state, at=at(), population=population)
    for group in RFM_GROUPS.values():
        condition = resolve(parse_condition({"tag": "rfm", "is": group.id}), definitions)
        [members] = population.members([condition], at=at())
        assert members.tolist() == sorted(it.person.profile_id for it in stored if it.value == group.id)


def test_scores_rest_on_the_newest_cuts_before_the_moment(state: State, population: MemoryPopulation) -> None:
    Tags().create(RFM, state=state, now=NOON)
    is_champion = parse_condition({"tag": "rfm", "is": "champions"})

    def champions(days: int) -> list[int]:
        moment = at(NOON + days * DAY)
        condition = resolve(is_champion, LiveDefinitions(state, at=moment, population=population))
        return population.members([condition], at=moment)[0].tolist()

    computed_on_demand = champions(0)
    Tags().refresh(at=at(), population=population, state=state)
    assert champions(0) == computed_on_demand == [7, 8, 9, 10]
    for number in range(21, 61):
        days = (NOON + k * DAY for k in range(1, 20))
        population.add(number, *(an_event("order_paid", {"amount": 1000}, occurred_at=day) for day in days))
    # By the stored cuts nobody of before is recent any more, and all forty who came are champions.
    assert champions(20) == list(range(21, 61))
    Tags().refresh(at=at(NOON + 20 * DAY), population=population, state=state)
    newest = state.tags.cuts_at(TagId("rfm"), 1, NOON + 20 * DAY)
    assert newest is not None
    assert (newest.computed_at, newest.people) == (NOON + 20 * DAY, 50)
    assert champions(0) == computed_on_demand


def test_fixed_cuts_do_not_move_with_other_people(state: State, population: MemoryPopulation) -> None:
    document: Json = {
        "id": "rfm",
        "rfm": {"of": "order_paid", "cuts": {"r": [7, 14], "f": [2, 5], "m": [100, 500]}},
    }
    Tags().create(document, state=state, now=NOON)
    Tags().refresh(at=at(), population=population, state=state)
    cells = {
        int(each.person.profile_id): each.details["cell"]
        for each in Tags().values(TagId("rfm"), limit=100, now=NOON, state=state).values
        if each.details
    }
    assert (cells[10], cells[5], cells[4], cells[1]) == ("333", "232", "222", "111")


def test_lifecycle_gives_everyone_exactly_one_stage(state: State, population: MemoryPopulation) -> None:
    population.add(12, an_event("order_paid", ago=200 * DAY))
    population.add(13, an_event("order_paid", ago=200 * DAY), an_event("order_paid", ago=60 * DAY))
    population.add(14, an_event("order_paid", ago=200 * DAY), an_event("order_paid", ago=6 * DAY))
    Tags().create(preset("lifecycle", event="order_paid"), state=state, now=NOON)
    [fill] = Tags().refresh(at=at(), population=population, state=state)
    stages = {
        int(it.person.profile_id): it.value
        for it in Tags().values(TagId("lifecycle"), now=NOON, state=state).values
    }
    assert fill.people == len(stages) == 14
    assert [stages[number] for number in (11, 12, 13, 14)] == ["prospect", "churned", "dormant", "active"]
    assert stages[1] == "new"


def test_many_tags_take_one_pass_for_conditions_and_one_for_numbers(
    state: State, population: MemoryPopulation
) -> None:
    for document in (
        RFM,
        SPENT,
        preset("lifecycle", event="order_paid"),
        {**_document(SPENT), "id": "again"},
    ):
        Tags().create(document, state=state, now=NOON)
    Tags().refresh(at=at(), population=population, state=state)
    assert population.passes == 2
    assert Tags().due(at=NOON, state=state) == []


def _document(document: Json) -> dict[str, Json]:
    assert isinstance(document, dict)
    return document


def test_values_come_in_pages_by_user_id_with_the_anonymous_last(
    state: State, population: MemoryPopulation
) -> None:
    Tags().create(SPENT, state=state, now=NOON)
    Tags().refresh(at=at(), population=population, state=state)
    users: list[str] = []
    cursor = None
    while True:
        page = Tags().values(TagId("spent"), limit=4, after=cursor, now=NOON, state=state)
        users += page.by_user()
        cursor = page.next
        if cursor is None:
            break
    assert users == [*(f"u{number:02}" for number in range(1, 12) if number != 4), profile_text(4)]


def test_a_refresh_forgets_values_that_nobody_has_any_more(
    state: State, population: MemoryPopulation
) -> None:
    Tags().create({**_document(SPENT), "within": "30d"}, state=state, now=NOON)
    Tags().create(
        {**_document(SPENT), "id": "average", "measure": "avg(amount)", "within": "30d"},
        state=state,
        now=NOON,
    )
    Tags().refresh(at=at(), population=population, state=state)
    assert len(values(state, "average")) == 10
    Tags().refresh(at=at(NOON + 60 * DAY), population=population, state=state)
    assert values(state, "average") == {}
    assert set(values(state, "spent").values()) == {0}


def test_a_tag_that_segments_rest_on_cannot_become_something_they_cannot_ask(state: State) -> None:
    Tags().create(RFM, state=state, now=NOON)
    asked: Json = {"id": "best", "condition": {"tag": "rfm", "is": "champions"}}
    Segments().create(asked, state=state, now=NOON)
    with pytest.raises(InvalidDocument) as refused:
        Tags().create({**_document(SPENT), "id": "rfm"}, state=state, now=NOON)
    assert refused.value.problems[0].path.startswith("segment best: ")
    assert Tags().get(TagId("rfm"), state=state).version == 1


def test_tags_and_segments_cannot_refer_to_each_other_in_a_circle(state: State) -> None:
    Tags().create({"id": "t", "values": [{"value": "a", "if": {"did": "x"}}]}, state=state, now=NOON)
    Segments().create({"id": "s", "condition": {"tag": "t", "is": "a"}}, state=state, now=NOON)
    with pytest.raises(InvalidDocument) as refused:
        Tags().create({"id": "t", "values": [{"value": "a", "if": {"segment": "s"}}]}, state=state, now=NOON)
    assert refused.value.problems[0].code == "cycle"


def test_an_unknown_tag_is_refused_with_the_nearest(state: State) -> None:
    Tags().create(SPENT, state=state, now=NOON)
    with pytest.raises(TagNotFound) as refused:
        Tags().values(TagId("spend"), now=NOON, state=state)
    assert "'spent'" in refused.value.hint


def test_a_refresh_keeps_what_changed_and_why_but_nothing_of_a_first_fill(
    state: State, population: MemoryPopulation
) -> None:
    tags = Tags()
    tags.create(SPENT, state=state, now=NOON)
    tags.refresh(at=at(), population=population, state=state)
    assert state.tags.history.of_person(ProfileId(2), limit=10) == []
    population.add(2, an_event("order_paid", {"amount": 7}))
    tags.refresh([TagId("spent")], at=at(), population=population, state=state)
    tags.create({"id": "spent", "measure": "count", "of": "order_paid"}, state=state, now=NOON + DAY)
    tags.refresh(at=Moment(as_of=NOON + 2 * DAY), population=population, state=state)
    found = [one for _, one in state.tags.history.of_person(ProfileId(2), limit=10)]
    assert [(one.change.before, one.change.after, one.cause, one.version) for one in found] == [
        (47.0, 3.0, "definition", 2),
        (40.0, 47.0, "refresh", 1),
    ]
    assert [one.changed_at for one in found] == [NOON + 2 * DAY, NOON]
    # Nobody else's changed at the first of the two.
    assert [one.cause for _, one in state.tags.history.of_person(ProfileId(3), limit=10)] == ["definition"]


def test_the_history_of_a_person_comes_in_pages(state: State, population: MemoryPopulation) -> None:
    tags = Tags()
    tags.create(SPENT, state=state, now=NOON)
    for amount in range(4):
        population.add(2, an_event("order_paid", {"amount": amount}))
        tags.refresh([TagId("spent")], at=at(), population=population, state=state)
    first = state.tags.history.of_person(ProfileId(2), limit=2)
    second = state.tags.history.of_person(ProfileId(2), limit=2, before=first[-1][0])
    assert [one.change.after for _, one in (*first, *second)] == [46.0, 43.0, 41.0]


def test_values_that_stay_are_not_written_again(state: State, population: MemoryPopulation) -> None:
    tags = Tags()
    tags.create(SPENT, state=state, now=NOON)
    tags.refresh(at=at(), population=population, state=state)
    population.add(2, an_event("order_paid", {"amount": 7}))
    later = Moment(as_of=NOON + DAY)
    [fill] = tags.refresh([TagId("spent")], at=later, population=population, state=state)
    page = tags.values(TagId("spent"), now=NOON + DAY, state=state).values
    since = {int(one.person.profile_id): one.computed_at for one in page}
    assert (since[2], since[3]) == (NOON + DAY, NOON)
    assert (fill.refreshed_at, fill.people) == (NOON + DAY, 11)


def test_a_tag_is_due_by_its_own_rhythm(state: State, population: MemoryPopulation) -> None:
    tags = Tags(refresh_interval=timedelta(hours=1))
    quick: Json = {"id": "quick", "measure": "count", "of": "order_paid", "refresh": "5m"}
    by_hand: Json = {"id": "by_hand", "measure": "count", "of": "order_paid", "refresh": "manual"}
    for document in (quick, by_hand, SPENT):
        tags.create(document, state=state, now=NOON)
    assert tags.due(at=NOON, state=state) == ["quick", "spent"]
    every = [TagId("quick"), TagId("by_hand"), TagId("spent")]
    tags.refresh(every, at=at(), population=population, state=state)
    assert tags.due(at=NOON + timedelta(minutes=5), state=state) == ["quick"]
    assert tags.next_due(state=state) == NOON + timedelta(minutes=5)


def test_values_that_expired_are_shown_no_more(state: State, population: MemoryPopulation) -> None:
    tags, brief = Tags(), TagId("brief")
    document: Json = {
        "id": "brief",
        "measure": "count",
        "of": "order_paid",
        "refresh": "manual",
        "expires": "1d",
    }
    tags.create(document, state=state, now=NOON)
    tags.refresh([brief], at=at(), population=population, state=state)
    just_before = NOON + DAY - timedelta(microseconds=1)
    assert len(tags.values(brief, now=just_before, state=state).values) == 11
    assert tags.values(brief, now=NOON + DAY, state=state).values == ()


def test_a_dispute_counts_as_long_as_the_value_is_the_disputed_one(
    state: State, population: MemoryPopulation
) -> None:
    tags = Tags()
    tags.create(SPENT, state=state, now=NOON)
    tags.refresh(at=at(), population=population, state=state)
    for number in (2, 2, 3):
        state.tags.history.dispute(
            Dispute(
                tag_id=TagId("spent"),
                person=Person(profile_id=ProfileId(number)),
                value=number * number * 10.0,
                version=1,
                by="ann",
                note="错了",
                disputed_at=NOON,
            )
        )
    assert state.tags.history.disputed() == {"spent": 2}
    listed = state.tags.history.disputes(TagId("spent"), limit=2)
    assert [(one.person.user_id, one.value, one.note) for _, one in listed] == [
        ("u03", 90.0, "错了"),
        ("u02", 40.0, "错了"),
    ]
    population.add(3, an_event("order_paid", {"amount": 1}))
    tags.refresh([TagId("spent")], at=at(), population=population, state=state)
    assert state.tags.history.disputed() == {"spent": 1}


class Failing:
    """A population that cannot be asked for one event."""

    def __init__(self, others: MemoryPopulation, event: str) -> None:
        self._others = others
        self._event = event

    def __getattr__(self, name: str) -> object:
        return getattr(self._others, name)

    def quantities(self, wanted: Sequence[Quantity], *, at: Moment) -> Quantities:
        if any(quantity.pattern.event == self._event for quantity in wanted):
            raise ValueError("no such column")
        return self._others.quantities(wanted, at=at)


def test_a_tag_that_fails_keeps_its_values_says_so_and_fails_alone(
    state: State, population: MemoryPopulation
) -> None:
    tags = Tags(refresh_interval=timedelta(hours=1))
    tags.create(SPENT, state=state, now=NOON)
    tags.create({"id": "opens", "measure": "count", "of": "app_open"}, state=state, now=NOON)
    tags.refresh(at=at(), population=population, state=state)
    later = Moment(as_of=NOON + timedelta(hours=1))
    failing = cast("Population", Failing(population, "app_open"))  # the rest is delegated
    assert [fill.tag_id for fill in tags.refresh(at=later, population=failing, state=state)] == ["spent"]
    [failed] = state.tags.failures().values()
    assert (failed.tag_id, failed.version, failed.failed_at, failed.problem) == (
        "opens",
        1,
        later.as_of,
        "ValueError",
    )
    # Its last good values stand, with their time; and it is tried again in its rhythm, not at once.
    assert state.tags.fills()[TagId("opens")].refreshed_at == NOON
    assert len(values(state, "opens")) == 11
    assert tags.due(at=later.as_of, state=state) == []
    again = Moment(as_of=later.as_of + timedelta(hours=1))
    tags.refresh(at=again, population=population, state=state)
    assert state.tags.failures() == {}
    assert state.tags.fills()[TagId("opens")].refreshed_at == again.as_of


def test_where_nobody_can_be_asked_nothing_is_marked_failed(
    state: State, population: MemoryPopulation
) -> None:
    class Down(Failing):
        def quantities(self, wanted: Sequence[Quantity], *, at: Moment) -> Quantities:
            raise Unavailable("The event store is away.")

    tags = Tags()
    tags.create(SPENT, state=state, now=NOON)
    down = cast("Population", Down(population, ""))
    with pytest.raises(Unavailable):
        tags.refresh(at=at(), population=down, state=state)
    assert state.tags.failures() == {}
