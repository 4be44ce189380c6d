"""Rows put in order of person and time, without sorting what lies in order already.

As `walking`, imported only where there are rows to judge.
"""

# Numba finds types itself; numpy's stubs say of an element that it may be an array.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np
from numpy.typing import NDArray

from perennial.backends.clickhouse.arrays.compiling import compiled

Ids = NDArray[np.uint64]
Integers = NDArray[np.int64]

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
def in_order(ids: Ids, at: Integers, borders: Integers) -> tuple[Ids, Integers, NDArray[np.int32]]:
    """Everyone, ascending; where each one's rows begin, and the end; and which rows those are, in time."""
    heads, ends = borders[:-1].copy(), borders[1:]
    # Who comes next in each stretch; nobody has the last id of all, which stands for its end.
    waiting = np.full(len(heads), _NOBODY, dtype=np.uint64)
    for run in range(len(heads)):
        if heads[run] < ends[run]:
            waiting[run] = ids[heads[run]]
    people = np.empty(len(ids), dtype=np.uint64)
    begins = np.empty(len(ids) + 1, dtype=np.int64)
    came = np.empty(len(ids), dtype=np.int32)
    found, taken = 0, 0
    while taken < len(ids):
        person = waiting[0]
        for run in range(1, len(heads)):
            person = min(person, waiting[run])
        people[found], begins[found] = person, taken
        late = False
        for run in range(len(heads)):
            if waiting[run] != person:
                continue
            row, end = heads[run], ends[run]
            late = late or (taken > begins[found] and at[row] < at[came[taken - 1]])
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
            _sort_rows(at, came[begins[found] : taken])
        found += 1
    begins[found] = taken
    return people[:found].copy(), begins[: found + 1].copy(), came


@compiled
def _sort_rows(at: Integers, rows: NDArray[np.int32]) -> None:
    """A person's rows by time; those of one instant stay as they came."""
    instants = at[rows]
    order = np.argsort(instants, kind="mergesort")
    rows[:] = rows[order]
