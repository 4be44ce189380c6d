"""The array kernel by itself: rows in, verdicts out, beside a plain count over the same rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perennial.backends.clickhouse.arrays import (
    Amount,
    Asked,
    AskedChange,
    AskedFirst,
    AskedLast,
    AskedNumber,
    Chosen,
    Judge,
    Judged,
    Kind,
    Rows,
    Value,
)
from perennial.kernel.conditions import model
from perennial.kernel.conditions.model import Operator

DAY = 86_400_000_000
NOW = 20 * DAY
SHOP, PASSES, HAS = 1, "passes", "has"
NUMBER = Value(number="amount", has=HAS)
WORD = Value(has=HAS, text="word")
BEFORE, TWICE = (20.39, 25.63, 43.17, 7.24), (14.9, 48.78, 113.91, 15.27)
ORDERS = Chosen(kind=SHOP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the log, as the kernel reads it."""

    person: int
    at: int
    is_order: bool = True
    passes: bool = True
    amount: float | None = None
    word: int = 0


ROWS = st.lists(
    st.builds(
        Row,
        person=st.integers(1, 4),
        at=st.integers(0, 20).map(lambda day: day * DAY),
        is_order=st.booleans(),
        passes=st.booleans(),
        amount=st.none() | st.sampled_from([0.1, 0.2, 0.3, 0.7, -0.3, 1.0, 2.0, 5.0]),
        word=st.integers(0, 3),
    ),
    max_size=30,
)


def asked_of(rows: Sequence[Row], *asked: Asked) -> Judged:
    flags = [row.passes + 2 * (row.amount is not None) for row in rows]
    judge = Judge(
        asked=asked,
        flags={PASSES: 0, HAS: 1},
        numbers=["amount"],
        texts=["word"],
        kinds=SHOP,
        now=NOW,
        today=NOW // DAY,
    )
    return judge.judged(
        Rows(
            ids=np.array([row.person for row in rows], dtype=np.uint64),
            at=np.array([row.at for row in rows], dtype=np.int64),
            kinds=np.array([[row.is_order for row in rows]], dtype=np.uint8),
            flags=np.array([flags], dtype=np.uint8),
            numbers=np.array([[row.amount or 0.0 for row in rows]], dtype=np.float64),
            texts=np.array([[row.word for row in rows]], dtype=np.uint64),
            days=np.array([row.at // DAY for row in rows], dtype=np.int32),
        )
    )


VALUES: dict[Kind, Value] = {
    "sum": NUMBER,
    "avg": NUMBER,
    "min": NUMBER,
    "max": NUMBER,
    "median": NUMBER,
    "distinct": WORD,
}


def number(kind: Kind, operator: Operator, literal: float, *, days: int | None = None) -> AskedNumber:
    return AskedNumber(
        amount=Amount(
            kind=kind,
            chosen=ORDERS,
            value=VALUES.get(kind),
            after=None if days is None else NOW - days * DAY,
        ),
        test=model.Test(operator=operator, literal=literal),
    )


def change(kind: Kind, operator: Operator, percent: float) -> AskedChange:
    """The last week against the one before."""
    since, before = NOW - 7 * DAY, NOW - 14 * DAY
    return AskedChange(
        now=Amount(kind=kind, chosen=ORDERS, value=NUMBER, after=since),
        before=(Amount(kind=kind, chosen=ORDERS, value=NUMBER, after=before, until=since),),
        floor=1.0,
        percent=True,
        test=model.Test(operator=operator, literal=percent),
    )


def who(rows: Sequence[Row], asked: Asked) -> list[int]:
    found = asked_of(rows, asked)
    return [int(person) for person in found.people[found.holds[0]]]


def _streak(rows: Sequence[Row]) -> float:
    days, day, length = {row.at // DAY for row in rows}, NOW // DAY, 0
    day = day if day in days else day - 1
    while day in days:
        day, length = day - 1, length + 1
    return length


PLAINLY: dict[Kind, Callable[[Sequence[Row]], float | None]] = {
    "count": len,
    "days": lambda rows: len({row.at // DAY for row in rows}),
    "streak": _streak,
    "first_ago": lambda rows: max(((NOW - row.at) / DAY for row in rows), default=None),
    "last_ago": lambda rows: min(((NOW - row.at) / DAY for row in rows), default=None),
    "distinct": lambda rows: len({row.word for row in rows if row.amount is not None}),
    "min": lambda rows: min((row.amount for row in rows if row.amount is not None), default=None),
    "max": lambda rows: max((row.amount for row in rows if row.amount is not None), default=None),
}


@given(rows=ROWS, kind=st.sampled_from(sorted(PLAINLY)), days=st.none() | st.integers(1, 20))
def test_aggregates_in_arrays_equal_those_of_a_plain_loop(
    rows: list[Row], kind: Kind, days: int | None
) -> None:
    for literal in (0.0, 1.0, 2.0, 3.0):
        expected: list[int] = []
        for person in sorted({row.person for row in rows}):
            theirs = [row for row in rows if row.person == person and row.is_order]
            inside = [row for row in theirs if days is None or row.at > NOW - days * DAY]
            value = PLAINLY[kind](inside)
            if value is not None and value >= literal:
                expected.append(person)
        assert who(rows, number(kind, ">=", literal, days=days)) == expected


@given(rows=ROWS)
def test_everyone_of_whom_there_is_a_row_is_judged_once(rows: list[Row]) -> None:
    found = asked_of(rows, number("count", ">=", 0.0))
    assert found.people.tolist() == sorted({row.person for row in rows})
    assert found.holds.all()


def test_rows_in_more_stretches_than_are_walked_at_once_are_sorted_before() -> None:
    rows = [Row(person=200 - place, at=place * DAY // 20, word=place) for place in range(200)]
    rows += [Row(person=1, at=0), Row(person=100, at=NOW)]
    assert who(rows, number("count", "=", 2.0)) == [1, 100]
    assert who(rows, number("last_ago", "<", 1.0)) == [100]


def test_a_sum_that_rounding_keeps_from_its_border_meets_it() -> None:
    tenths = [Row(person=1, at=day * DAY, amount=0.1) for day in range(10)]
    others = [Row(person=2, at=day * DAY, amount=amount) for day, amount in enumerate((0.1, 0.2, 0.6999))]
    rows = [*tenths, *others]
    assert who(rows, number("sum", "=", 1.0)) == [1]
    assert who(rows, number("sum", ">=", 1.0)) == [1]
    assert who(rows, number("sum", "<", 1.0)) == [2]


def test_a_change_at_its_border_is_judged_by_settled_sums() -> None:
    before = [Row(person=1, at=NOW - 9 * DAY - day, amount=0.1) for day in range(10)]
    now = [Row(person=1, at=NOW - DAY - day, amount=0.1) for day in range(20)]
    week = Amount(kind="sum", chosen=ORDERS, value=NUMBER, after=NOW - 7 * DAY)
    week_before = Amount(kind="sum", chosen=ORDERS, value=NUMBER, after=NOW - 14 * DAY, until=NOW - 7 * DAY)
    asked = AskedChange(
        now=week,
        before=(week_before,),
        floor=1.0,
        percent=True,
        test=model.Test(operator="=", literal=100.0),
    )
    assert who([*before, *now], asked) == [1]


def test_at_the_last_bit_a_change_is_what_the_engine_says() -> None:
    """Twice as much to the cent; sums that are rounded once miss it by the last bit."""
    before = [Row(person=1, at=(7 + place) * DAY, amount=it) for place, it in enumerate(BEFORE)]
    now = [Row(person=1, at=(14 + place) * DAY, amount=it) for place, it in enumerate(TWICE)]
    assert who([*before, *now], change("sum", ">=", 100.0)) == [1]


def test_the_median_of_an_even_number_lies_in_the_middle() -> None:
    rows = [Row(person=1, at=day * DAY, amount=amount) for day, amount in enumerate((5.0, 1.0, 2.0, 1.0))]
    assert who(rows, number("median", "=", 1.5)) == [1]


def test_the_latest_row_decides_and_two_at_one_instant_are_in_doubt() -> None:
    rows = [
        Row(person=1, at=DAY, passes=False),
        Row(person=1, at=2 * DAY, passes=True),
        Row(person=2, at=2 * DAY, passes=True),
        Row(person=2, at=2 * DAY, passes=False),
        Row(person=3, at=DAY, is_order=False),
    ]
    found = asked_of(rows, AskedLast(chosen=ORDERS, test=PASSES, otherwise=True))
    assert found.holds[0].tolist()[0] is True
    assert found.holds[0].tolist()[2] is True
    assert found.people[found.doubts].tolist() == [2]


def test_rows_of_one_instant_that_say_the_same_leave_no_doubt() -> None:
    rows = [Row(person=1, at=DAY, passes=True), Row(person=1, at=DAY, passes=True)]
    found = asked_of(rows, AskedLast(chosen=ORDERS, test=PASSES, otherwise=False))
    assert found.holds[0].tolist() == [True]
    assert not found.doubts.any()


def test_who_was_there_by_an_instant_was_there_at_it() -> None:
    rows = [Row(person=1, at=5 * DAY), Row(person=2, at=5 * DAY + 1), Row(person=3, at=9 * DAY)]
    assert who(rows, AskedFirst(chosen=ORDERS, by=5 * DAY)) == [1]


def test_a_list_that_is_not_looked_into_leaves_its_person_in_doubt() -> None:
    listed = Value(number="amount", has=HAS, listed=PASSES)
    asked = AskedNumber(
        amount=Amount(kind="median", chosen=ORDERS, value=listed),
        test=model.Test(operator=">", literal=1.0),
    )
    rows = [Row(person=1, at=DAY, amount=2.0), Row(person=2, at=DAY, amount=2.0, passes=False)]
    found = asked_of(rows, asked)
    assert found.people[found.doubts].tolist() == [1]


def test_a_number_among_several_passes_and_a_missing_one_passes_not_even_the_contrary() -> None:
    rows = [Row(person=1, at=DAY, amount=2.0), Row(person=2, at=DAY, amount=3.0), Row(person=3, at=DAY)]
    largest = Amount(kind="max", chosen=ORDERS, value=NUMBER)
    among = model.Test(operator="in", literal=(1.0, 2.0))
    others = model.Test(operator="not_in", literal=(1.0, 2.0))
    assert who(rows, AskedNumber(amount=largest, test=among)) == [1]
    assert who(rows, AskedNumber(amount=largest, test=others)) == [2]


def test_nobody_is_judged_where_there_are_no_rows() -> None:
    assert who([], number("count", "=", 0.0)) == []
