"""Who changes value between two columns, and how many went where."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perennial.compute.tags.model import Scalar, TagColumn
from perennial.compute.tags.shifts import NOBODY, sizes, value_changes, value_shifts

Held = dict[int, Scalar]


def column(held: Held) -> TagColumn:
    people = sorted(held)
    ids = np.array(people, dtype=np.uint64)
    return TagColumn(profile_ids=ids, values=tuple(held[one] for one in people))


OLD = column({1: "new", 2: "active", 3: "active", 4: "lost"})
NEW = column({2: "active", 3: "lost", 4: "lost", 2**63 - 1: "new"})


def test_exactly_the_people_whose_value_differs_are_named_with_both_values() -> None:
    found = [(change.profile_id, change.before, change.after) for change in value_changes(OLD, NEW)]
    assert found == [(1, "new", None), (3, "active", "lost"), (2**63 - 1, None, "new")]


def test_shifts_count_whoever_stayed_too() -> None:
    assert [(shift.before, shift.after, shift.people) for shift in value_shifts(OLD, NEW)] == [
        (None, "new", 1),
        ("active", "active", 1),
        ("active", "lost", 1),
        ("lost", "lost", 1),
        ("new", None, 1),
    ]


def test_against_a_tag_that_was_not_there_everybody_changes() -> None:
    assert [change.before for change in value_changes(NOBODY, OLD)] == [None] * 4
    assert value_shifts(NOBODY, NOBODY) == []


def test_sizes_are_by_value() -> None:
    assert list(sizes(OLD).items()) == [("active", 2), ("lost", 1), ("new", 1)]


def test_numbers_that_stay_are_no_change() -> None:
    before, after = column({1: 2.0, 2: 0.5}), column({1: 2.0, 2: 0.25})
    changes = value_changes(before, after)
    assert [(one.profile_id, one.before, one.after) for one in changes] == [(2, 0.5, 0.25)]


held = st.dictionaries(st.integers(1, 30), st.sampled_from(["a", "b", "c"]))


@given(before=held, after=held)
def test_shifts_and_changes_agree_with_a_plain_count(before: Held, after: Held) -> None:
    expected = {
        person: (before.get(person), after.get(person))
        for person in before.keys() | after.keys()
        if before.get(person) != after.get(person)
    }
    old, new = column(before), column(after)
    assert {one.profile_id: (one.before, one.after) for one in value_changes(old, new)} == expected
    shifts = value_shifts(old, new)
    assert sum(shift.people for shift in shifts if shift.before != shift.after) == len(expected)
    assert sum(shift.people for shift in shifts) == len(before.keys() | after.keys())
