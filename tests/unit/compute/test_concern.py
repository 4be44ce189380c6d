"""Which segments an event can move somebody into: of the others nobody is asked."""

from collections.abc import Sequence

import pytest

from perennial.compute.segments.concern import FEW, MOST_GROUPS, asked_together, concerning, judge_touched
from perennial.kernel.conditions import parse_condition
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.testing import an_event, at
from perennial.testing.population import MemoryPopulation

BOUGHT: Json = {"did": "order_paid"}
VISITED: Json = {"did": "visit", "within": "7d"}
ACTIVE: Json = {"did": "*", "within": "7d"}
PEOPLE = [ProfileId(number) for number in range(1, FEW + 11)]


@pytest.mark.parametrize(
    ("document", "names"),
    [
        (BOUGHT, {"order_paid"}),
        ({"not": VISITED}, {"visit"}),
        ({"all": [BOUGHT, {"any": [VISITED, {"trait": "city", "is": "上海"}]}]}, {"order_paid", "visit"}),
        ({"measure": "sum(amount)", "of": "order_paid", "is": ">= 5"}, {"order_paid"}),
        ({"trait": "city", "is": "上海"}, set[str]()),
        (ACTIVE, None),
        ({"change": "count", "of": "visit", "over": "7d", "against": "previous", "is": "<= -50%"}, None),
    ],
)
def test_a_condition_is_concerned_by_the_events_it_names(document: Json, names: set[str] | None) -> None:
    found = concerning(parse_condition(document))
    assert (None if found is None else set(found)) == names


def groups(happened: dict[ProfileId, set[str]], *documents: Json) -> set[tuple[int, tuple[int, ...]]]:
    """How many people are asked which conditions together."""
    conditions = [parse_condition(document) for document in documents]
    return {(len(people), tuple(places)) for people, places in asked_together(PEOPLE, conditions, happened)}


def test_nobody_is_asked_what_cannot_have_changed() -> None:
    visits = {person: {"visit"} for person in PEOPLE[:40]} | {person: {"other"} for person in PEOPLE[40:]}
    assert groups(visits, BOUGHT, VISITED) == {(40, (1,))}
    assert groups(visits, BOUGHT, VISITED, ACTIVE) == {(40, (1, 2)), (len(PEOPLE) - 40, (2,))}


def test_who_did_several_things_is_asked_about_each() -> None:
    happened = {person: {"visit", "order_paid"} for person in PEOPLE}
    assert groups(happened, BOUGHT, VISITED) == {(len(PEOPLE), (0,)), (len(PEOPLE), (1,))}


def test_of_whom_it_is_not_known_what_happened_is_asked_everything() -> None:
    happened = {person: {"visit"} for person in PEOPLE[:-3]}
    assert groups(happened, BOUGHT, VISITED) == {(len(PEOPLE) - 3, (1,)), (3, (0, 1))}


def test_many_kinds_of_events_are_asked_about_in_one_question() -> None:
    happened = {person: {f"event{person}"} for person in PEOPLE}
    documents: Sequence[Json] = [{"did": f"event{number}"} for number in range(1, MOST_GROUPS + 3)]
    assert groups(happened, *documents) == {(len(PEOPLE), tuple(range(len(documents))))}


def test_what_is_asked_is_answered_as_if_all_were() -> None:
    population = MemoryPopulation()
    for person in PEOPLE:
        population.add(person, an_event("visit"), *([an_event("order_paid")] if person % 2 else []))
    conditions = [parse_condition(document) for document in (BOUGHT, VISITED, {"not": BOUGHT})]
    happened = {person: {"order_paid"} for person in PEOPLE}
    found = judge_touched(PEOPLE, conditions, happened, at=at(), population=population)
    assert found == [
        {person: person % 2 == 1 for person in PEOPLE},
        {},
        {person: person % 2 == 0 for person in PEOPLE},
    ]
