"""Rows put in order of person and time, without sorting what lies in order already.

As `walking`, imported only where there are rows to judge.
"""

# Numba finds types itself; numpy's stubs say of an element that it may be an array.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np
from numpy.typing import NDArray

from perennial.kernel.compiling import compiled

Ids = NDArray[np.uint64]
Integers = NDArray[np.int64]
Places = NDArray[np.int32]
Order = tuple[Ids, Integers, Places]
"""Everyone, ascending; where each one's rows begin, and the end; and which rows those are, in time."""
Stretches = tuple[Integers, Integers, Places]
"""Which of some profiles there are, as their places among them; the rest as of an `Order`."""

MOST_RUNS = 64
"""Stretches of rows that lie in order of person each: more than these are sorted before."""
_NOBODY = np.uint64(0xFFFFFFFFFFFFFFFF)


@compiled
def runs_of(ids: Ids) -> Integers:
    """Where ids begin to ascend anew, and the end; ends early where there are more than `MOST_RUNS`."""
    borders = np.empty(MOST_RUNS + 2, dtype=np.int64)
    borders[0] = 0
    found = 1
    for row in range(1, len(ids)):
        if ids[row] < ids[row - 1]:
            borders[found] = row
            found += 1
            if found > MOST_RUNS:
                break
    borders[found] = len(ids)
    return borders[: found + 1]


@compiled
def in_order(ids: Ids, at: Integers, borders: Integers, others: Ids) -> tuple[Order, Stretches]:
    """Everyone but some other profiles (ascending ids), and the rows of those for themselves."""
    heads, ends = borders[:-1].copy(), borders[1:]
    waiting = _first_of_each(ids, heads, ends)
    people = np.empty(len(ids), dtype=np.uint64)
    begins = np.empty(len(ids) + 1, dtype=np.int64)
    # Rows of others stand behind those of everyone else; what is not written takes no memory.
    came = np.empty(2 * len(ids) if len(others) else len(ids), dtype=np.int32)
    apart = np.empty(min(len(ids), len(others)), dtype=np.int64)
    apart_begins = np.empty(len(apart) + 1, dtype=np.int64)
    found, kept, parted, moved = 0, 0, 0, len(ids)
    other = _place_of(others, waiting)
    while kept + moved < 2 * len(ids):
        person = waiting[0]
        for run in range(1, len(heads)):
            person = min(person, waiting[run])
        while other < len(others) and others[other] < person:
            other += 1
        is_other = other < len(others) and others[other] == person
        begin = moved if is_other else kept
        taken = begin
        late = False
        for run in range(len(heads)):
            if waiting[run] != person:
                continue
            row, end = heads[run], ends[run]
            late = late or (taken > begin and at[row] < at[came[taken - 1]])
            came[taken] = row
            taken += 1
            row += 1
            while row < end and ids[row] == person:
                late = late or at[row] < at[row - 1]
                came[taken] = row
                taken += 1
                row += 1
            heads[run] = row
            waiting[run] = ids[row] if row < end else _NOBODY
        if late:
            _sort_rows(at, came[begin:taken])
        if is_other:
            apart[parted], apart_begins[parted] = other, begin - len(ids)
            parted, moved = parted + 1, taken
        else:
            people[found], begins[found] = person, begin
            found, kept = found + 1, taken
    begins[found], apart_begins[parted] = kept, moved - len(ids)
    order = (people[:found].copy(), begins[: found + 1].copy(), came[:kept])
    return order, (apart[:parted], apart_begins[: parted + 1], came[len(ids) : moved])


@compiled
def _first_of_each(ids: Ids, heads: Integers, ends: Integers) -> Ids:
    """Who comes next in each stretch; nobody has the last id of all, which stands for its end."""
    waiting = np.full(len(heads), _NOBODY, dtype=np.uint64)
    for run in range(len(heads)):
        if heads[run] < ends[run]:
            waiting[run] = ids[heads[run]]
    return waiting


@compiled
def _place_of(others: Ids, waiting: Ids) -> int:
    """The first of the others (ascending) that is not before everyone who comes next."""
    low, high = 0, len(others)
    while low < high:
        middle = (low + high) // 2
        is_before = True
        for person in waiting:
            is_before = is_before and others[middle] < person
        low, high = (middle + 1, high) if is_before else (low, middle)
    return low


@compiled
def _sort_rows(at: Integers, rows: NDArray[np.int32]) -> None:
    """A person's rows by time; those of one instant stay as they came."""
    instants = at[rows]
    order = np.argsort(instants, kind="mergesort")
    rows[:] = rows[order]
