"""The language's definition, worked by hand: one sentence, one person, one verdict."""

from datetime import UTC, datetime, timedelta

import pytest

from perennial.kernel.conditions import Aggregate, EventPattern, parse_condition
from perennial.kernel.conditions.model import AggregateKind
from perennial.kernel.values import Json
from perennial.kernel.windows import MICROSECOND
from perennial.testing import PersonHistory, evaluate, exists, measure_value
from perennial.testing.builders import NOON, a_person, an_event, an_identify, at, days


def holds(document: Json, person: PersonHistory, *, zone: str = "UTC", as_of: datetime = NOON) -> bool:
    return evaluate(parse_condition(document), person, at(as_of, zone=zone))


def paid(value: Json) -> PersonHistory:
    return a_person(an_event(properties={"p": value}))


def where(test: dict[str, Json]) -> Json:
    return {"did": "order_paid", "where": [{"property": "p", **test}]}


@pytest.mark.parametrize("missing", [None, [], {}, {"q": 1}], ids=str)
def test_a_missing_value_passes_four_tests_and_nothing_else(missing: Json) -> None:
    passed = ({"!=": 5}, {"!=": "a"}, {"not_in": [5]}, {"not_contains": "a"}, {"set": False})
    failed = (
        {"is": 5},
        {"is": "< 5"},
        {"in": [5]},
        {"contains": "a"},
        {"set": True},
        {"before": "2026-01-01"},
        {"in_last": "30d"},
        {"any_of": ["a"]},
        {"all_of": ["a"]},
        {"matches": ".*"},
        {"between": [0, 9]},
    )
    assert [test for test in passed if not holds(where(dict(test)), paid(missing))] == []
    assert [test for test in failed if holds(where(dict(test)), paid(missing))] == []


@pytest.mark.parametrize(
    ("value", "test", "verdict"),
    [
        ("12.50", {"is": 12.5}, True),
        ("12.50", {"is": "12.5"}, False),
        (12.5, {"=": "12.5"}, True),
        (12.0, {"=": "12"}, True),
        ("abc", {"is": "> 0"}, False),
        ("abc", {"!=": 5}, True),
        (True, {"is": True}, True),
        ("true", {"is": True}, True),
        (1, {"is": True}, False),
        (True, {"=": "true"}, True),
        ("b", {">": "a"}, True),
        ("10", {">": "9"}, False),
        ([1, 9], {"is": "> 5"}, True),
        ([5, 7], {"!=": 5}, True),
        ([5], {"!=": 5}, False),
        (["a", 5], {"not_in": [5]}, True),
        (["a", "b"], {"all_of": ["b", "a"]}, True),
        (["a"], {"all_of": ["b", "a"]}, False),
        ("Straße", {"contains": "RASS", "ignore_case": True}, False),
        ("SALE", {"contains": "sal", "ignore_case": True}, True),
        (5, {"between": [5, 5]}, True),
        ("a.b", {"matches": r"^a\.b$"}, True),
        ("2026-03-31", {"before": "2026-03-31"}, False),
        ("2026-03-30T23:59:59Z", {"before": "2026-03-31"}, True),
        ("2026-03-31T23:59:59Z", {"after": "2026-03-31"}, False),
        ("2026-04-01", {"after": "2026-03-31"}, True),
        ("2026-03-24T12:00:00Z", {"in_last": "7d"}, False),
        ("2026-03-31T12:00:00Z", {"in_last": "7d"}, True),
        ("2026-03-31T12:00:00Z", {"in_next": "7d"}, False),
        ("2026-04-07T12:00:00Z", {"in_next": "7d"}, True),
    ],
)
def test_the_literals_type_decides_how_a_value_is_read(
    value: Json, test: dict[str, Json], verdict: bool
) -> None:
    assert holds(where(test), paid(value)) is verdict


def test_a_date_is_a_day_of_the_askers_zone() -> None:
    person = paid("2026-03-30T17:00:00Z")  # one o'clock on the 31st in Shanghai
    assert holds(where({"before": "2026-03-31"}), person)
    assert not holds(where({"before": "2026-03-31"}), person, zone="Asia/Shanghai")


def test_not_settles_its_leaf_first_so_a_missing_amount_is_not_more_than_100() -> None:
    more: Json = {"measure": "max(amount)", "of": "order_paid", "is": "> 100"}
    assert holds({"not": more}, a_person())
    assert not holds({"measure": "max(amount)", "of": "order_paid", "!=": 100}, a_person())


@pytest.mark.parametrize(("nudge", "inside"), [(timedelta(), False), (MICROSECOND, True)])
def test_an_event_exactly_thirty_days_ago_is_outside(nudge: timedelta, inside: bool) -> None:
    assert holds({"did": "order_paid", "within": "30d"}, a_person(an_event(ago=days(30) - nudge))) is inside


def test_never_includes_a_known_person_without_events() -> None:
    person = a_person(an_identify({"city": "北京"}))
    assert exists(person, at())
    assert holds({"did": "*", "times": "= 0"}, person)


def test_any_event_is_a_call_of_the_person_or_their_open_of_a_message() -> None:
    sent = an_event("message_sent", kind="perennial")
    scanned = an_event("message_opened", {"by": "scanner"}, kind="perennial")
    opened = an_event("message_opened", {"by": "person"}, kind="perennial")
    assert not holds({"did": "*"}, a_person(sent, scanned, an_identify({"a": 1})))
    assert holds({"did": "*"}, a_person(opened))
    assert holds({"did": "message_sent"}, a_person(sent))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("count", 4),
        ("sum", 7.5),
        ("avg", 2.5),
        ("min", 1),
        ("max", 4.5),
        ("median", 2),
        ("distinct", 4),
        ("days", 3),
    ],
)
def test_an_aggregate_reads_every_number_at_its_path(kind: AggregateKind, expected: float) -> None:
    person = a_person(
        an_event(properties={"p": [1, "2"]}),
        an_event(properties={"p": 4.5}, ago=days(1)),
        an_event(properties={"p": "none"}, ago=days(1)),
        an_event(properties={"p": None}, ago=days(2)),
    )
    aggregate = Aggregate(kind=kind, property="p" if kind not in ("count", "days") else None)
    assert measure_value(aggregate, EventPattern(event="order_paid"), None, person, at()) == expected


@pytest.mark.parametrize(("agos", "length"), [((0, 1, 2, 4), 3), ((1, 2), 2), ((2, 3), 0), ((), 0)])
def test_a_streak_ends_today_or_yesterday(agos: tuple[int, ...], length: int) -> None:
    person = a_person(*(an_event(ago=days(ago)) for ago in agos))
    assert measure_value(Aggregate(kind="streak"), EventPattern(event="*"), None, person, at()) == length


def test_a_day_of_23_hours_is_one_local_day() -> None:
    first = an_event(occurred_at=datetime(2026, 3, 8, 5, tzinfo=UTC))  # midnight in New York
    last = an_event(occurred_at=datetime(2026, 3, 9, 3, 59, tzinfo=UTC))  # 23:59 on the same day
    one_day: Json = {"measure": "days", "of": "*", "is": 1}
    assert holds(one_day, a_person(first, last), zone="America/New_York")
    assert not holds(one_day, a_person(first, last))


def spending(now: float, before: float, *, first: float = 90) -> PersonHistory:
    return a_person(
        an_event("app_open", ago=days(first)),
        an_event(properties={"amount": now}, ago=days(3)),
        an_event(properties={"amount": before}, ago=days(30)),
    )


FELL: dict[str, Json] = {
    "change": "sum(amount)",
    "of": "order_paid",
    "over": "28d",
    "against": "previous",
    "is": "<= -30%",
}


@pytest.mark.parametrize(
    ("person", "changes", "verdict"),
    [
        (spending(70, 100), {}, True),
        (spending(71, 100), {}, False),
        (spending(0, 19), {"floor": 20}, False),
        (spending(0, 20), {"floor": 20}, True),
        (spending(-5, 0), {}, False),
        (spending(-5, 0), {"floor": 0}, False),
        (spending(-5, 0), {"floor": 0, "is": "<= -5"}, True),
        (spending(70, 100, first=55), {}, False),
        (spending(70, 100, first=56), {}, True),
        (spending(70, 100, first=55), {"new": "include"}, True),
    ],
)
def test_a_change_needs_a_baseline_worth_comparing_with(
    person: PersonHistory, changes: dict[str, Json], verdict: bool
) -> None:
    assert holds({**FELL, **changes}, person) is verdict


def test_an_average_leaves_out_windows_that_have_no_value() -> None:
    person = a_person(
        an_event(properties={"amount": 5}, ago=days(0.5)),
        an_event(properties={"amount": 10}, ago=days(2.5)),
        an_event("app_open", ago=days(90)),
    )
    halved: dict[str, Json] = {
        "change": "avg(amount)",
        "of": "order_paid",
        "over": "1d",
        "against": {"average_of": 4},
        "is": "= -50%",
    }
    assert holds({**halved, "is": "= -50%"}, person)


def test_a_trait_is_the_latest_call_that_has_it_and_null_takes_it_away() -> None:
    moved = a_person(
        an_identify({"city": "北京"}, ago=days(3)),
        an_identify({"city": "上海", "age": 5}, ago=days(2)),
        an_identify({"age": None}, ago=days(1)),
    )
    assert holds({"trait": "city", "is": "上海"}, moved)
    assert holds({"trait": "age", "set": False}, moved)
    assert holds({"trait": "city", "is": "北京"}, moved, as_of=NOON - days(2.5))


def test_what_was_received_later_was_not_known_by_then() -> None:
    late = a_person(an_event(ago=days(2), received_at=NOON - days(1)))
    condition = parse_condition({"did": "order_paid"})
    assert evaluate(condition, late, at(known_by=NOON - days(1)))
    assert not evaluate(condition, late, at(known_by=NOON - days(1) - MICROSECOND))
    assert not exists(late, at(known_by=NOON - days(1) - MICROSECOND))


@pytest.mark.parametrize(("before", "now", "percent"), [(100, 93, -7), (100, 71, -29), (50, 43, -14)])
def test_a_change_of_whole_percents_meets_its_own_border(before: int, now: int, percent: int) -> None:
    person = a_person(
        an_event(properties={"p": before}, ago=days(10)), an_event(properties={"p": now}, ago=days(1))
    )
    change: dict[str, Json] = {"change": "sum(p)", "of": "order_paid", "over": "7d", "against": "previous"}
    for operator in (">=", "<=", "="):
        assert holds({**change, "is": f"{operator} {percent}%", "new": "include"}, person)


@pytest.mark.parametrize(
    "later", [{"address": None}, {"address": {}}, {"address": "x"}, {"address": {"zip": "1"}}]
)
def test_a_later_address_replaces_all_of_an_earlier_one(later: dict[str, Json]) -> None:
    first, second = an_identify({"address": {"city": "上海"}}, ago=days(2)), an_identify(later, ago=days(1))
    assert holds({"trait": "address.city", "is": "上海"}, a_person(first))
    assert holds({"trait": "address.city", "set": False}, a_person(first, second))


def test_a_trait_that_became_an_object_has_no_value_of_its_own() -> None:
    person = a_person(an_identify({"a": 5}, ago=days(2)), an_identify({"a": {"b": 6}}, ago=days(1)))
    assert holds({"trait": "a", "set": False}, person)
    assert holds({"trait": "a.b", "is": 6}, person)


def test_traits_whose_names_hold_dots_are_told_apart() -> None:
    person = a_person(an_identify({"a.b": 5}, ago=days(2)), an_identify({"a.c": 6}, ago=days(1)))
    assert holds({"trait": "a.b", "is": 5}, person)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_a_date_at_the_calendars_end_keeps_its_order(zone: str) -> None:
    for first in ("0001-01-01", "0001-01-01T00:00:00+14:00"):
        assert holds(where({"before": "1900-01-01"}), paid(first), zone=zone)
    for last in ("9999-12-31", "9999-12-31T23:59:59-12:00"):
        assert holds(where({"after": "2299-12-31"}), paid(last), zone=zone)
    assert not holds(where({"before": "2026-01-01"}), paid("0000-01-01"), zone=zone)
