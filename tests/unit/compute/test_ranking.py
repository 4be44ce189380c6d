"""Cuts of `rank`: where the border lies, ties at it, and how long it is kept."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from perennial.compute.definitions.lineage import lineage_of
from perennial.compute.definitions.model import Definition
from perennial.compute.profiles.ranking import CUTS_RENEWED_EVERY, Cut, KeptCuts, border, find_cut
from perennial.compute.segments.footing import Footing
from perennial.kernel.conditions import Condition, KnownDefinitions, Rank, parse_condition, resolve
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.conditions.walk import references, stands_alone
from perennial.kernel.values import Json
from perennial.kernel.windows import MICROSECOND
from perennial.testing import a_person, an_event, an_identify, at, evaluate
from perennial.testing.builders import NOON
from perennial.testing.population import MemoryPopulation

DAY = timedelta(days=1)
SMALL: Json = {"property": "size", "is": 1}


def rank(**others: Json) -> Rank:
    found = parse_condition({"rank": "sum(amount)", "of": "order_paid", **others})
    assert isinstance(found, Rank)
    return found


def spenders(*amounts: float) -> MemoryPopulation:
    """People by what they spent, and one who only told us a name."""
    people = [
        a_person(an_event("order_paid", {"amount": amount}), profile_id=place)
        for place, amount in enumerate(amounts, 1)
    ]
    return MemoryPopulation([*people, a_person(an_identify({"name": "Ann"}), profile_id=99)])


def members(condition: Condition, population: MemoryPopulation, when: Moment) -> list[int]:
    definitions = KnownDefinitions()
    if isinstance(condition, Rank):
        cut = find_cut(condition, population, at=when).value
        definitions = KnownDefinitions(cuts={} if cut is None else {condition: cut})
    return population.members([resolve(condition, definitions)], at=when)[0].tolist()


@pytest.mark.parametrize(
    ("share", "inside"),
    [
        ({"top": "10%"}, [10]),
        ({"top": "10.1%"}, [9, 10]),
        ({"top": "20%"}, [9, 10]),
        ({"bottom": "1%"}, [1]),
        ({"bottom": "30%"}, [1, 2, 3]),
        ({"top": "100%"}, list(range(1, 11))),
    ],
)
def test_a_share_has_as_many_places_as_it_makes_rounded_up(share: dict[str, Json], inside: list[int]) -> None:
    assert members(rank(**share), spenders(*range(10, 110, 10)), at()) == inside


def test_a_tenth_of_ten_is_one_whatever_floats_make_of_it() -> None:
    ten = np.arange(10, dtype=np.float64)
    assert [border(ten, rank(top=f"{share}%")) for share in (10, 30, 70)] == [9.0, 7.0, 3.0]


def test_whoever_has_the_borders_value_is_inside() -> None:
    population = spenders(5, 7, 7, 7, 9, 1, 1, 1, 1, 1)
    assert members(rank(top="20%"), population, at()) == [2, 3, 4, 5]
    assert members(rank(bottom="10%"), population, at()) == [6, 7, 8, 9, 10]


def test_a_border_at_nothing_is_one_like_any_other() -> None:
    assert members(rank(top="100%"), spenders(0, 0, 5), at()) == [1, 2, 3]
    assert members(rank(bottom="100%"), spenders(0, 0, -5), at()) == [1, 2, 3]


def test_a_sum_in_another_order_is_no_other_value() -> None:
    asked = rank(top="50%")
    resolved = resolve(asked, KnownDefinitions(cuts={asked: 0.1 + 0.2 + 0.3}))
    orders = (an_event("order_paid", {"amount": amount}) for amount in (0.3, 0.2, 0.1))
    assert 0.3 + 0.2 + 0.1 < 0.1 + 0.2 + 0.3
    assert evaluate(resolved, a_person(*orders), at())
    assert not evaluate(resolved, a_person(an_event("order_paid", {"amount": 0.6 - 1e-12})), at())


def test_only_those_it_is_among_are_ranked_and_inside() -> None:
    population = spenders(10, 20, 30, 40)
    for place in (1, 2):
        population.add(place, an_identify({"plan": "pro"}))
    among: Json = {"trait": "plan", "is": "pro"}
    asked = rank(top="50%", among=among)
    assert members(asked, population, at()) == [2]
    assert find_cut(asked, population, at=at()).people == 2


def test_where_nobody_is_ranked_nobody_is_inside() -> None:
    population = spenders()
    assert find_cut(rank(top="10%"), population, at=at()).value is None
    assert members(rank(bottom="100%"), population, at()) == []


def test_a_cut_is_kept_for_an_hour_and_then_found_anew() -> None:
    population, kept, asked = spenders(10, 20), KeptCuts(), rank(top="50%")

    def value(as_of: datetime) -> float | None:
        return kept.cut(asked, population, at=at(as_of)).value

    assert value(NOON) == 20
    population.add(3, an_event("order_paid", {"amount": 90}, occurred_at=NOON + timedelta(minutes=1)))
    population.add(4, an_event("order_paid", {"amount": 95}, occurred_at=NOON + timedelta(minutes=1)))
    assert value(NOON + CUTS_RENEWED_EVERY - MICROSECOND) == 20
    assert value(NOON + CUTS_RENEWED_EVERY) == 90
    # A question about the past is answered as of then, and the present keeps its own.
    assert value(NOON) == 20
    assert value(NOON + CUTS_RENEWED_EVERY + timedelta(minutes=59)) == 90


def test_the_border_of_an_age_grows_with_it() -> None:
    asked = parse_condition({"rank": "last_ago", "of": "*", "bottom": "50%"})
    assert isinstance(asked, Rank)
    cut = Cut(value=2.0, people=4, at=NOON)
    assert cut.aged(asked, NOON + DAY / 2) == 2.5
    assert cut.aged(rank(top="1%"), NOON + DAY / 2) == 2.0


def test_a_rank_rests_on_its_events_and_on_whom_it_is_among() -> None:
    asked = rank(top="10%", within="7d", among={"all": [{"segment": "s"}, {"tag": "t", "is": 1}]})
    assert references(asked) == ({"t"}, {"s"})
    assert not stands_alone(asked)
    assert lineage_of([asked]).events == {"order_paid": ["amount"]}


def test_sequences_absences_and_assignments_tell_their_events() -> None:
    asked = [
        parse_condition(document)
        for document in (
            {
                "sequence": ["view", {"event": "cart", "where": [{"property": "size", "is": 1}]}],
                "same": "item",
            },
            {"after": "trial", "without": "order_paid", "for": "1d"},
            {"assigned": "winback", "is": "control"},
        )
    ]
    assert all(map(stands_alone, asked))
    found = lineage_of(asked).events
    assert found == {
        "view": ["item"],
        "cart": ["item", "size"],
        "trial": [],
        "order_paid": [],
        "journey_entered": [],
    }


def test_a_segment_that_ranks_or_rests_on_one_that_does_has_cuts_that_move() -> None:
    conditions: dict[str, Json] = {
        "best": {"rank": "count", "of": "order_paid", "top": "10%"},
        "best_here": {"all": [{"segment": "best"}, {"trait": "city", "is": "北京"}]},
        "plain": {"did": "order_paid"},
    }
    footing = Footing([defined(name, condition) for name, condition in conditions.items()], [])
    assert [footing.is_ranked(name) for name in conditions] == [True, True, False]


def defined(name: str, condition: Json) -> Definition:
    document: dict[str, Json] = {"id": name, "condition": condition}
    return Definition(id=name, version=1, name=name, document=document, created_at=NOON)
