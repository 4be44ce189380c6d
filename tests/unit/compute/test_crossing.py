"""Each way in which time alone moves somebody is one that is looked for: a case for every border."""

from datetime import UTC, datetime, timedelta

import pytest

from perennial.compute.segments.crossing import Passage, crossed
from perennial.kernel.conditions import Moment, parse_condition
from perennial.kernel.values import Json
from perennial.kernel.windows import MICROSECOND, Zone
from perennial.testing import HistoryEvent, PersonHistory, a_person, an_event, an_identify, evaluate
from perennial.testing.builders import NOON

DAY = timedelta(days=1)
SHANGHAI = Zone(name="Asia/Shanghai")
MIDNIGHT = datetime(2026, 3, 31, 16, tzinfo=UTC)
"""The last day of March ends in Shanghai."""


def order(at: datetime, **properties: Json) -> HistoryEvent:
    return an_event("order_paid", properties, occurred_at=at)


def orders(*days: int) -> tuple[HistoryEvent, ...]:
    """An order so many days before noon, each."""
    return tuple(order(NOON - ago * DAY) for ago in days)


def told(at: datetime, **traits: Json) -> HistoryEvent:
    return an_identify(traits, occurred_at=at)


def change(**others: Json) -> Json:
    return {"change": "count", "of": "order_paid", "over": "7d", **others}


def dated(**test: Json) -> Json:
    return {"did": "order_paid", "where": [{"property": "due", **test}]}


STREAK: Json = {"measure": "streak", "of": "order_paid", "is": ">= 2"}
CASES: tuple[tuple[str, Json, datetime, tuple[HistoryEvent, ...]], ...] = (
    ("a look-back window runs out", {"did": "order_paid", "within": "30d"}, NOON, (order(NOON - 30 * DAY),)),
    (
        "a measure's window runs out",
        {"measure": "sum(amount)", "of": "order_paid", "within": "30d", "is": ">= 5"},
        NOON,
        (order(NOON - 30 * DAY, amount=9),),
    ),
    (
        "the end of a calendar window passes an event of the day before",
        {"did": "order_paid", "within": {"calendar": "yesterday"}},
        MIDNIGHT,
        (order(MIDNIGHT - 3 * DAY / 4),),
    ),
    (
        "the beginning of a calendar window passes an event",
        {"did": "order_paid", "within": {"calendar": "today"}},
        MIDNIGHT,
        (order(MIDNIGHT - DAY / 2),),
    ),
    (
        "a month begins, and last month is another",
        {"did": "order_paid", "within": {"calendar": "last_month"}},
        MIDNIGHT,
        (order(MIDNIGHT - 20 * DAY),),
    ),
    (
        "the first event grows older",
        {"measure": "first_ago", "of": "order_paid", "is": "> 10"},
        NOON,
        (order(NOON - 10 * DAY - MICROSECOND), order(NOON - DAY)),
    ),
    (
        "the last event grows older than the upper of two bounds",
        {"measure": "last_ago", "of": "order_paid", "between": [3, 10]},
        NOON,
        (order(NOON - 10 * DAY - MICROSECOND),),
    ),
    (
        "the last event grows older than the lower of two bounds",
        {"measure": "last_ago", "of": "order_paid", "between": [3, 10]},
        NOON,
        (order(NOON - 3 * DAY),),
    ),
    (
        "a streak ends with the day after its last",
        STREAK,
        MIDNIGHT,
        (order(MIDNIGHT - 3 * DAY / 2), order(MIDNIGHT - 5 * DAY / 2)),
    ),
    (
        "an event leaves the present window",
        change(against="previous", **{"is": "<= 0"}),
        NOON,
        orders(7, 9, 6, 30),
    ),
    (
        "an event leaves the window compared with",
        change(against="previous", **{"is": "<= 0"}),
        NOON,
        orders(14, 9, 6, 30, 5),
    ),
    (
        "an event leaves the last of three windows",
        change(against={"average_of": 2}, **{"is": "<= 0"}),
        NOON,
        orders(21, 9, 1, 40, 10, 11, 2),
    ),
    (
        "an event leaves the present window, the same time earlier being compared with",
        change(against={"same_time": "14d"}, **{"is": ">= 0"}),
        NOON,
        orders(7, 15, 40),
    ),
    (
        "an event enters the window of the same time earlier",
        change(against={"same_time": "14d"}, **{"is": ">= 0"}),
        NOON,
        orders(14, 40, 15, 1),
    ),
    (
        "an event leaves the window of the same time earlier",
        change(against={"same_time": "14d"}, **{"is": ">= 0"}),
        NOON,
        orders(21, 40, 15, 1),
    ),
    (
        "a newcomer is new no longer",
        change(against="previous", floor=0, **{"is": ">= 0"}),
        NOON,
        (an_event("app_open", occurred_at=NOON - 14 * DAY),),
    ),
    (
        "the first of a sequence leaves the window",
        {"sequence": ["order_paid", "order_paid"], "within": "7d"},
        NOON,
        orders(7, 1),
    ),
    (
        "a wait is over",
        {"after": "order_paid", "without": "app_open", "for": "1d"},
        NOON,
        orders(1),
    ),
    (
        "what was waited for matters no longer",
        {"after": "order_paid", "without": "app_open", "for": "1d"},
        NOON,
        orders(8),
    ),
    (
        "a wait is over for the one key that nothing answered",
        {"after": "order_paid", "without": "app_open", "for": "1d", "same": "cart"},
        NOON,
        (order(NOON - DAY, cart="a"), an_event("app_open", {"cart": "b"}, occurred_at=NOON - DAY / 2)),
    ),
    ("who was first seen lately no longer was", {"seen": "first", "within": "7d"}, NOON, orders(7)),
    (
        "who was last seen this month was last seen last month",
        {"seen": "last", "within": {"calendar": "last_month"}},
        MIDNIGHT,
        (order(MIDNIGHT - 20 * DAY),),
    ),
    (
        "a date of a trait comes near",
        {"trait": "renewal", "in_next": "7d"},
        NOON,
        (told(NOON - 40 * DAY, renewal=(NOON + 7 * DAY).isoformat()),),
    ),
    (
        "a date of a trait is past",
        {"trait": "renewal", "in_next": "7d"},
        NOON,
        (told(NOON - 40 * DAY, renewal=NOON.isoformat()),),
    ),
    (
        "a date of a trait is long past",
        {"trait": "joined", "in_last": "7d"},
        NOON,
        (told(NOON - 40 * DAY, joined=(NOON - 7 * DAY).isoformat()),),
    ),
    (
        "a date of a trait that is a whole day begins",
        {"trait": "renewal", "in_last": "7d"},
        MIDNIGHT,
        (told(NOON - 40 * DAY, renewal="2026-04-01"),),
    ),
    (
        "a date of an event comes near",
        dated(in_next="7d"),
        NOON,
        (order(NOON - 40 * DAY, due=(NOON + 7 * DAY).isoformat()),),
    ),
    (
        "a date of an event is past",
        dated(in_next="7d"),
        NOON,
        (order(NOON - 40 * DAY, due=NOON.isoformat()),),
    ),
    (
        "a date of an event that a change counts is past",
        change(
            of={"event": "order_paid", "where": [{"property": "due", "in_next": "7d"}]},
            against="previous",
            **{"is": "<= -1"},
        ),
        NOON,
        (
            order(NOON - 40 * DAY),
            order(NOON - DAY, due=NOON.isoformat()),
            order(NOON - 8 * DAY, due=(NOON + DAY).isoformat()),
        ),
    ),
)


@pytest.mark.parametrize(
    ("condition", "border", "events"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_whoever_a_border_passes_is_asked_again(
    condition: Json, border: datetime, events: tuple[HistoryEvent, ...]
) -> None:
    asked, person = parse_condition(condition), a_person(*events)
    since, until = border - timedelta(seconds=30), border + timedelta(seconds=30)
    assert holds(condition, person, since) != holds(condition, person, until), "time does not move them"
    (found,) = crossed([asked], Passage(since=since, until=until, zone=SHANGHAI))
    assert found is not None
    assert evaluate(found, person, Moment(as_of=until, zone=SHANGHAI))


def test_where_no_border_passes_nobody_is_asked() -> None:
    quiet = Passage(since=NOON, until=NOON + timedelta(minutes=1), zone=SHANGHAI)
    person = a_person(order(NOON - 10 * DAY, due="2026-09-01"), told(NOON - 9 * DAY, renewal="2026-09-01"))
    for name, condition, _, _ in CASES:
        (found,) = crossed([parse_condition(condition)], quiet)
        assert found is not None
        if "older" not in name and "a change counts" not in name:  # generous on purpose
            assert not evaluate(found, person, Moment(as_of=quiet.until, zone=SHANGHAI)), name


def holds(condition: Json, person: PersonHistory, when: datetime) -> bool:
    return evaluate(parse_condition(condition), person, Moment(as_of=when, zone=SHANGHAI))
