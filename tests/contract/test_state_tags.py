"""Tags on the state store: everyone's values, the cuts behind scores, and conditions that name tags."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert
from tests.services.state import OpenStore

from perennial.backends.sql.segments import SqlSegments
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables import profiles
from perennial.backends.sql.tags import SqlTags
from perennial.compute.definitions.service import LiveDefinitions
from perennial.compute.segments.service import Segments
from perennial.compute.tags import RFM_GROUPS
from perennial.compute.tags.presets import preset
from perennial.compute.tags.service import TagNotFound, Tags
from perennial.kernel.conditions import parse_condition, resolve
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.ids import TagId, profile_text
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
    return Tags().values(TagId(tag), limit=100, state=state).by_user()


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
    page = Tags().values(TagId("rfm"), limit=100, state=state)
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
    stored = Tags().values(TagId("rfm"), limit=100, state=state).values
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
        for each in Tags().values(TagId("rfm"), limit=100, state=state).values
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
        int(it.person.profile_id): it.value for it in Tags().values(TagId("lifecycle"), state=state).values
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
        page = Tags().values(TagId("spent"), limit=4, after=cursor, state=state)
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
        Tags().values(TagId("spend"), state=state)
    assert "'spent'" in refused.value.hint
