"""People with several profiles, judged over rows that came with several slices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perennial.backends.clickhouse.arrays import Amount, AskedNumber, Chosen, Judge, Kind, Rows
from perennial.backends.clickhouse.aside import Aside
from perennial.backends.clickhouse.overrides import Ids, Merged
from perennial.kernel.conditions import model

DAY = 86_400_000_000
NOW = 20 * DAY
SHOP = 1
BOUNDS: Mapping[Kind, float] = {"count": 2.0, "streak": 2.0, "days": 3.0, "first_ago": 5.0}
BORDERS = (0, 7, 13, 2**64 - 1)
"""Of the slices: a profile is asked about with its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the log: whose, when, and whether it is about the event that is asked for."""

    profile: int
    day: int
    counts: bool


ROWS = st.lists(
    st.builds(Row, profile=st.integers(1, 20), day=st.integers(0, 20), counts=st.booleans()), max_size=60
)
MERGES = st.dictionaries(st.integers(1, 10), st.integers(11, 20), min_size=1, max_size=10)


def arrays(rows: Sequence[Row]) -> Rows:
    return Rows(
        ids=np.array([row.profile for row in rows], dtype=np.uint64),
        at=np.array([row.day * DAY for row in rows], dtype=np.int64),
        kinds=np.array([[row.counts for row in rows]], dtype=np.uint8).reshape(1, -1),
        flags=np.zeros((0, len(rows)), dtype=np.uint8),
        numbers=np.zeros((0, len(rows)), dtype=np.float64),
        texts=np.zeros((0, len(rows)), dtype=np.uint64),
        days=np.array([row.day for row in rows], dtype=np.int32),
    )


def merged(became: Mapping[int, int]) -> Merged:
    return Merged.of(
        np.array(list(became), dtype=np.uint64), np.array(list(became.values()), dtype=np.uint64)
    )


def judge() -> Judge:
    asked: list[AskedNumber] = []
    for kind, literal in BOUNDS.items():
        amount = Amount(kind=kind, chosen=Chosen(kind=SHOP), after=NOW - 15 * DAY)
        asked.append(AskedNumber(amount=amount, test=model.Test(operator=">=", literal=literal)))
    return Judge(asked=asked, flags={}, numbers=[], texts=[], kinds=SHOP, now=NOW, today=NOW // DAY)


def said(people: Ids, holds: Sequence[Sequence[bool]]) -> dict[int, tuple[bool, ...]]:
    return dict(zip(people.tolist(), zip(*holds, strict=True), strict=True))


@given(rows=ROWS, became=MERGES)
def test_people_with_several_profiles_are_judged_as_if_all_rows_had_been_theirs(
    rows: list[Row], became: dict[int, int]
) -> None:
    who, found = merged(became), dict[int, tuple[bool, ...]]()
    aside = Aside(who, rows=len(rows))
    for first, last in pairwise(BORDERS):
        part = [row for row in rows if first <= row.profile < last]
        judged, others = judge().judged_apart(arrays(part), who.profiles)
        found |= said(judged.people, judged.holds.tolist())
        if len(others.profiles):
            aside.add(others)
    if any(who.has(np.array([row.profile], dtype=np.uint64))[0] for row in rows):
        told = judge().judged_together(aside.gathered())
        assert (told.people[:-1] < told.people[1:]).all()
        found |= said(told.people, told.holds.tolist())
    plain = [
        Row(profile=became.get(row.profile, row.profile), day=row.day, counts=row.counts) for row in rows
    ]
    expected = judge().judged(arrays(plain))
    assert found == said(expected.people, expected.holds.tolist())


def test_every_profile_of_some_people_is_found() -> None:
    who = merged({1: 11, 2: 11, 3: 12})
    assert who.profiles_of(np.array([11], dtype=np.uint64)).tolist() == [1, 2, 11]
    assert who.has(np.array([1, 4, 12], dtype=np.uint64)).tolist() == [True, False, True]
    assert not merged({})


def test_more_rows_than_there_is_room_for_are_not_kept() -> None:
    who = merged({1: 11, 2: 11, 3: 11})
    theirs = [
        judge().judged_apart(
            arrays([Row(profile=one, day=day, counts=True) for day in range(10)]), who.profiles
        )[1]
        for one in (1, 2, 3, 11)
    ]
    aside = Aside(who, rows=40, most_bytes=20 * theirs[0].rows.bytes_of_row)
    aside.add(theirs[0])
    aside.add(theirs[1])
    assert aside.is_complete
    aside.add(theirs[2])
    aside.add(theirs[3])
    assert not aside.is_complete
