"""What every engine must answer about people, sentence by sentence; `tests/property` compares the rest."""

from datetime import timedelta

import pytest

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation, Transport
from perennial.collect.events.columns import to_table
from perennial.compute.profiles.ports import Quantity
from perennial.kernel.conditions import parse_condition
from perennial.kernel.conditions.model import (
    Aggregate,
    All,
    AnyOf,
    Condition,
    Constant,
    Did,
    EventPattern,
    Measure,
    Not,
    PropertyTest,
    Trait,
)
from perennial.kernel.conditions.model import Test as Comparison
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.kernel.windows import LookBack
from perennial.testing import HistoryEvent, PersonHistory, an_event, an_identify, at, measure_value, rows_of
from perennial.testing.builders import NOON

DAY = timedelta(days=1)
ANNA, BOB, CARL, STRANGER = ProfileId(1), ProfileId(2), ProfileId(3), ProfileId(2**63 - 1)
AWKWARD = "o'k\\\"{p0:String}<<rows>>; DROP TABLE events --\n\t\0 购买"


class Crowd:
    """People written down, and asked about."""

    def __init__(self, transport: Transport) -> None:
        self.store = ClickHouseEventStore(transport)
        self.population = ClickHousePopulation(transport)

    def add(self, profile_id: ProfileId, *events: HistoryEvent) -> None:
        batch = to_table(rows_of(PersonHistory(profile_id=profile_id, events=events)))
        self.store.append(batch, token=f"{profile_id}-{len(events)}-{events[0].message_id}")

    def who(self, condition: Condition) -> list[int]:
        (members,) = self.population.members([condition], at=at())
        assert self.population.count(condition, at=at()) == len(members)
        return members.tolist()


@pytest.fixture
def crowd(transport: Transport) -> Crowd:
    return Crowd(transport)


def did(
    event: str, *where: PropertyTest, times: Comparison | None = None, within: timedelta | None = None
) -> Did:
    return Did(
        pattern=EventPattern(event=event, where=where),
        times=times or Comparison(operator=">=", literal=1.0),
        window=None if within is None else LookBack(span=within),
    )


NEVER = Comparison(operator="=", literal=0.0)


def amount(operator: str, number: float) -> PropertyTest:
    assert operator in (">", "<", "!=")
    return PropertyTest(property="amount", test=Comparison(operator=operator, literal=number))


def test_who_never_did_it_includes_people_without_any_event(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event("order_paid"))
    crowd.add(BOB, an_identify({"city": "上海"}))
    crowd.add(CARL, an_event("app_open"))
    assert crowd.who(did("order_paid", times=NEVER)) == [BOB, CARL]
    assert crowd.who(Not(of=did("order_paid"))) == [BOB, CARL]


def test_not_more_than_holds_where_the_amount_is_missing(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event("order_paid", {"amount": 200}))
    crowd.add(BOB, an_event("order_paid", {"amount": "many"}))
    crowd.add(CARL, an_event("order_paid"))
    more = Measure(
        aggregate=Aggregate(kind="max", property="amount"),
        pattern=EventPattern(event="order_paid"),
        test=Comparison(operator=">", literal=100.0),
    )
    assert crowd.who(more) == [ANNA]
    assert crowd.who(Not(of=more)) == [BOB, CARL]
    assert crowd.who(did("order_paid", amount("!=", 200.0))) == [BOB, CARL]


def test_an_event_exactly_thirty_days_ago_is_outside_of_thirty_days(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event(ago=30 * DAY))
    crowd.add(BOB, an_event(ago=30 * DAY - timedelta(microseconds=1)))
    assert crowd.who(did("order_paid", within=30 * DAY)) == [BOB]


def test_what_happens_later_does_not_exist_yet(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event(ago=-timedelta(microseconds=1)))
    crowd.add(BOB, an_event(ago=timedelta()))
    assert crowd.who(Constant(value=True)) == [BOB]


def test_what_arrived_late_was_not_known(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event(ago=2 * DAY, received_at=NOON))
    before = at(known_by=NOON - DAY)
    assert crowd.population.count(did("order_paid"), at=before) == 0
    assert crowd.population.count(did("order_paid"), at=at()) == 1
    asked = [Ask(profile_id=ANNA, as_of=NOON - DAY)]
    assert crowd.population.verdicts([did("order_paid")], asked, at=before) == [(False,)]
    assert crowd.population.verdicts([did("order_paid")], asked, at=at()) == [(True,)]


def test_mailing_a_person_is_no_activity_of_theirs_but_their_opening_is(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event("message_sent", kind="perennial"))
    crowd.add(BOB, an_event("message_opened", {"by": "person"}, kind="perennial"))
    crowd.add(CARL, an_event("message_opened", {"by": "scanner"}, kind="perennial"))
    assert crowd.who(did("*")) == [BOB]
    assert crowd.who(did("message_opened")) == [BOB, CARL]
    assert crowd.who(did("message_sent")) == [ANNA]


def test_a_trait_is_what_was_told_last_by_the_time_it_occurred(crowd: Crowd) -> None:
    crowd.add(ANNA, an_identify({"city": "北京"}, ago=DAY), an_identify({"city": "上海"}, ago=2 * DAY))
    crowd.add(BOB, an_identify({"city": "北京"}, ago=2 * DAY), an_identify({"city": None}, ago=DAY))
    crowd.add(CARL, an_identify({"city": "北京"}, ago=2 * DAY), an_identify({"age": 30}, ago=DAY))
    assert crowd.who(Trait(trait="city", test=Comparison(operator="=", literal="北京"))) == [ANNA, CARL]
    assert crowd.who(Trait(trait="city", test=Comparison(operator="set", literal=False))) == [BOB]


def test_merged_people_count_once_and_with_everything_they_did(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event("order_paid", {"amount": 60}), an_identify({"city": "北京"}, ago=DAY))
    crowd.add(BOB, an_event("order_paid", {"amount": 60}), an_identify({"city": "上海"}))
    crowd.add(CARL, an_event("order_paid", {"amount": 1}))
    crowd.store.override({ANNA: BOB}, version=1)
    twice = did("order_paid", times=Comparison(operator=">=", literal=2.0))
    assert crowd.who(twice) == [BOB]
    assert crowd.who(Trait(trait="city", test=Comparison(operator="=", literal="上海"))) == [BOB]
    assert crowd.who(Constant(value=True)) == [BOB, CARL]
    asked = [Ask(profile_id=person, as_of=NOON) for person in (CARL, ANNA, BOB)]
    assert crowd.population.verdicts([twice], asked, at=at()) == [(False,), (True,), (True,)]


def test_each_ask_is_answered_as_of_its_own_instant_and_in_its_place(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event(ago=3 * DAY), an_event(ago=DAY))
    recently = did("order_paid", within=2 * DAY)
    asks = [
        Ask(profile_id=person, as_of=NOON - days * DAY)
        for person, days in ((STRANGER, 0), (ANNA, 4), (ANNA, 0), (ANNA, 1.5), (ANNA, 2))
    ]
    answered = crowd.population.verdicts([recently, Not(of=recently)], asks, at=at())
    assert [verdict for verdict, _ in answered] == [False, False, True, True, True]
    assert [verdict for _, verdict in answered] == [True, True, False, False, False]


def test_more_asks_than_one_statement_takes_keep_their_order(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event(ago=DAY))
    asks = [Ask(profile_id=ANNA, as_of=NOON - (n % 2) * 2 * DAY) for n in range(4_500)]
    answered = crowd.population.verdicts([did("order_paid")], asks, at=at())
    assert answered == [(n % 2 == 0,) for n in range(4_500)]


def test_nothing_asked_is_nothing_answered(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event())
    assert crowd.population.members([], at=at()) == []
    assert crowd.population.verdicts([], [Ask(profile_id=ANNA, as_of=NOON)], at=at()) == [()]
    assert crowd.population.verdicts([did("order_paid")], [], at=at()) == []
    assert crowd.population.quantities([], at=at()).values.shape == (1, 0)


def test_an_empty_workspace_has_nobody(crowd: Crowd) -> None:
    assert crowd.who(Constant(value=True)) == []
    assert crowd.who(did("order_paid", times=NEVER)) == []


def test_all_of_nothing_holds_and_any_of_nothing_does_not(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event())
    assert crowd.who(All(of=())) == [ANNA]
    assert crowd.who(AnyOf(of=())) == []


def test_no_text_of_a_condition_breaks_out_of_its_statement(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event(AWKWARD, {AWKWARD: AWKWARD}), an_identify({AWKWARD: [AWKWARD]}))
    crowd.add(BOB, an_event("order_paid"))
    same = Comparison(operator="=", literal=AWKWARD)
    assert crowd.who(did(AWKWARD, PropertyTest(property=AWKWARD, test=same))) == [ANNA]
    among = Comparison(operator="in", literal=("", "'", "\\", AWKWARD))
    assert crowd.who(Trait(trait=AWKWARD, test=among)) == [ANNA]
    for operator in ("contains", "starts_with", "ends_with"):
        part = Comparison(operator=operator, literal=AWKWARD)
        assert crowd.who(did(AWKWARD, PropertyTest(property=AWKWARD, test=part))) == [ANNA]


def test_numbers_equal_their_texts_as_the_language_says(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event("order_paid", {"amount": -0.0}))
    crowd.add(BOB, an_event("order_paid", {"amount": "0"}))
    crowd.add(CARL, an_event("order_paid", {"amount": 1e300}))
    for literal in ("0", 0.0):
        zero = PropertyTest(property="amount", test=Comparison(operator="=", literal=literal))
        assert crowd.who(did("order_paid", zero)) == [ANNA, BOB]
    assert crowd.who(did("order_paid", amount(">", 1e299))) == [CARL]


def test_a_sum_over_many_small_amounts_is_exact_to_the_cent(crowd: Crowd) -> None:
    crowd.add(
        ANNA, *(an_event("order_paid", {"amount": 0.1}, ago=timedelta(minutes=n)) for n in range(5_000))
    )
    exactly = Measure(
        aggregate=Aggregate(kind="sum", property="amount"),
        pattern=EventPattern(event="order_paid"),
        test=Comparison(operator=">=", literal=500.0),
    )
    assert crowd.who(exactly) == [ANNA]


def test_a_hundred_conditions_are_answered_in_one_pass(crowd: Crowd) -> None:
    crowd.add(ANNA, *(an_event(ago=hours * timedelta(hours=1)) for hours in range(50)))
    conditions = [
        did("order_paid", times=Comparison(operator=">", literal=float(n)), within=DAY) for n in range(100)
    ]
    answered = crowd.population.members(conditions, at=at())
    assert [members.tolist() for members in answered] == [[ANNA]] * 24 + [[]] * 76


def test_deeply_nested_conditions_are_answered(crowd: Crowd) -> None:
    crowd.add(ANNA, an_event())
    condition: Condition = did("order_paid")
    for _ in range(64):
        condition = Not(of=All(of=(condition,)))
    assert crowd.who(condition) == [ANNA]


def test_a_change_of_whole_percents_meets_its_own_border(crowd: Crowd) -> None:
    crowd.add(
        ANNA, an_event("order_paid", {"p": 100}, ago=10 * DAY), an_event("order_paid", {"p": 93}, ago=DAY)
    )
    for operator in (">=", "<=", "="):
        document: Json = {
            "change": "sum(p)",
            "of": "order_paid",
            "over": "7d",
            "against": "previous",
            "is": f"{operator} -7%",
            "new": "include",
        }
        assert crowd.who(parse_condition(document)) == [ANNA]


def test_a_later_address_replaces_all_of_an_earlier_one(crowd: Crowd) -> None:
    first = an_identify({"address": {"city": "上海"}, "a.b": 1}, ago=2 * DAY)
    crowd.add(ANNA, first)
    crowd.add(BOB, first, an_identify({"address": {"zip": "1"}, "a.c": 2}, ago=DAY))
    crowd.add(CARL, first, an_identify({"address": None}, ago=DAY))
    assert crowd.who(parse_condition({"trait": "address.city", "is": "上海"})) == [ANNA]
    assert crowd.who(parse_condition({"trait": "a.b", "is": 1})) == [ANNA, BOB, CARL]


def test_dates_at_the_calendars_ends_keep_their_order_and_the_year_0_is_none(crowd: Crowd) -> None:
    for person, written in ((ANNA, "0001-01-01"), (BOB, "0000-01-01"), (CARL, "9999-12-31")):
        crowd.add(person, an_identify({"day": written}))
    assert crowd.who(parse_condition({"trait": "day", "before": "2026-01-01"})) == [ANNA]
    assert crowd.who(parse_condition({"trait": "day", "after": "2026-01-01"})) == [CARL]


KINDS: tuple[Aggregate, ...] = (
    Aggregate(kind="count"),
    Aggregate(kind="days"),
    Aggregate(kind="streak"),
    Aggregate(kind="first_ago"),
    Aggregate(kind="last_ago"),
    Aggregate(kind="distinct", property="sku"),
    Aggregate(kind="sum", property="amount"),
    Aggregate(kind="avg", property="amount"),
    Aggregate(kind="min", property="amount"),
    Aggregate(kind="max", property="amount"),
    Aggregate(kind="median", property="amount"),
)


def test_every_number_of_everyone_is_right_in_a_crowd(crowd: Crowd) -> None:
    """A few people are one block from its first row; of a crowd, most begin in the middle of one."""
    people = [
        PersonHistory(
            profile_id=ProfileId(number),
            events=tuple(
                an_event(
                    ("order_paid", "add_to_cart")[(number + place) % 2],
                    {"amount": (number * 7 + place * 11) % 40 / 4, "sku": f"s{number % 3 * place}"},
                    ago=timedelta(hours=1 + place * (number % 9 + 5)),
                )
                for place in range(1 + number % 20)
            ),
        )
        for number in range(1, 1_001)
    ]
    crowd.store.append(to_table([row for person in people for row in rows_of(person)]), token="crowd")
    pattern, window = EventPattern(event="order_paid"), LookBack(span=3 * DAY)
    wanted = [
        Quantity(aggregate=kind, pattern=pattern, window=span) for kind in KINDS for span in (None, window)
    ]
    found = crowd.population.quantities(wanted, at=at())
    assert found.profile_ids.tolist() == [person.profile_id for person in people]
    for place, quantity in enumerate(wanted):
        expected = [measure_value(quantity.aggregate, pattern, quantity.window, one, at()) for one in people]
        as_numbers = [float("nan") if value is None else value for value in expected]
        assert found.values[:, place].tolist() == pytest.approx(as_numbers, nan_ok=True), quantity
