"""Rows of people with several profiles: taken out of the slices they lie in, put together in the end.

As `walking`, imported only where there are rows to judge.
"""

# Numba finds types itself; numpy's stubs say of an element that it may be an array.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np
from numpy.typing import NDArray

from perennial.backends.clickhouse.arrays.compiling import compiled

Ids = NDArray[np.uint64]
Integers = NDArray[np.int64]
Places = NDArray[np.int32]
Order = tuple[Ids, Integers, Places]
"""Everyone, ascending; where each one's rows begin, and the end; and which rows those are, in time."""


@compiled
def without(
    people: Ids, begins: Integers, came: Places, others: Ids, owners: Ids
) -> tuple[Order, tuple[Places, Ids]]:
    """An order without some profiles (ascending ids); and the rows of those in order of owner, and whose."""
    left = np.empty(len(people), dtype=np.uint64)
    left_begins = np.empty(len(begins), dtype=np.int64)
    left_came = np.empty(len(came), dtype=np.int32)
    stretches = np.empty((len(others), 2), dtype=np.int64)
    owner = np.empty(len(others), dtype=np.uint64)
    found, kept, apart, at = 0, 0, 0, 0
    for person in range(len(people)):
        while at < len(others) and others[at] < people[person]:  # once through all others at most
            at += 1
        begin, end = begins[person], begins[person + 1]
        if at < len(others) and others[at] == people[person]:
            stretches[apart, 0], stretches[apart, 1] = begin, end
            owner[apart] = owners[at]
            apart += 1
            continue
        left[found], left_begins[found] = people[person], kept
        left_came[kept : kept + end - begin] = came[begin:end]
        kept += end - begin
        found += 1
    left_begins[found] = kept
    order = (left[:found].copy(), left_begins[: found + 1].copy(), left_came[:kept])
    return order, _by_owner(came, stretches[:apart], owner[:apart])


@compiled
def _by_owner(came: Places, stretches: Integers, owner: Ids) -> tuple[Places, Ids]:
    """The rows of stretches in order of their owners, and the owner of each."""
    rows = 0
    for one in range(len(owner)):
        rows += stretches[one, 1] - stretches[one, 0]
    theirs = np.empty(rows, dtype=np.int32)
    whose = np.empty(rows, dtype=np.uint64)
    taken = 0
    for one in np.argsort(owner, kind="mergesort"):
        for place in range(stretches[one, 0], stretches[one, 1]):
            theirs[taken] = came[place]
            whose[taken] = owner[one]
            taken += 1
    return theirs, whose


@compiled
def together(ids: Ids, at: Integers) -> Order:
    """The order of rows that lie in stretches of one person each, each stretch in order of time."""
    starts = np.empty(len(ids) + 1, dtype=np.int64)
    found = 0
    for row in range(len(ids)):
        if row == 0 or ids[row] != ids[row - 1] or at[row] < at[row - 1]:
            starts[found] = row
            found += 1
    starts[found] = len(ids)
    people = np.empty(found, dtype=np.uint64)
    begins = np.empty(found + 1, dtype=np.int64)
    came = np.empty(len(ids), dtype=np.int32)
    persons, taken = 0, 0
    for stretch in np.argsort(ids[starts[:found]], kind="mergesort"):
        person = ids[starts[stretch]]
        if persons == 0 or people[persons - 1] != person:
            people[persons], begins[persons] = person, taken
            persons += 1
        taken = _merge(came, begins[persons - 1], taken, at, starts[stretch], starts[stretch + 1])
    begins[persons] = taken
    return people[:persons].copy(), begins[: persons + 1].copy(), came


@compiled
def _merge(came: Places, begin: int, taken: int, at: Integers, row: int, end: int) -> int:
    """Put a stretch of rows among those taken from `begin` on, in order of time, from the latest one on."""
    place, last, one = taken + end - row - 1, taken - 1, end - 1
    while one >= row:
        if last >= begin and at[came[last]] > at[one]:
            came[place] = came[last]
            last -= 1
        else:
            came[place] = one
            one -= 1
        place -= 1
    return taken + end - row
