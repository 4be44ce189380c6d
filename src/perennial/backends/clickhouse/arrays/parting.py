"""Rows of people with several profiles, put together by person once all of them have come.

As `walking`, imported only where there are rows to judge.
"""

# Numba finds types itself; numpy's stubs say of an element that it may be an array.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np

from perennial.backends.clickhouse.arrays.ordering import Ids, Integers, Order, Places
from perennial.kernel.compiling import compiled


@compiled
def together(people: Ids, firsts: Integers, begins: Integers, ends: Integers, at: Integers) -> Order:
    """The order of rows of some people who have several profiles each, and of rows at least those of one.

    Of each person: where the profiles begin among all profiles, and the end. Of each profile: where its rows
    begin and end, which are in order of time.
    """
    found_people = np.empty(len(people), dtype=np.uint64)
    found_begins = np.empty(len(people) + 1, dtype=np.int64)
    rows = 0
    for profile in range(firsts[0], firsts[len(people)]):
        rows += ends[profile] - begins[profile]
    came = np.empty(rows, dtype=np.int32)
    found, taken = 0, 0
    for person in range(len(people)):
        begin = taken
        for profile in range(firsts[person], firsts[person + 1]):
            taken = _merge(came, begin, taken, at, begins[profile], ends[profile])
        if taken > begin:
            found_people[found], found_begins[found] = people[person], begin
            found += 1
    found_begins[found] = taken
    return found_people[:found].copy(), found_begins[: found + 1].copy(), came


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
