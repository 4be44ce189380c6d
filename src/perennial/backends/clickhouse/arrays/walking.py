"""The walk over rows, compiled to machine code when it is first called; kept compiled between starts.

Plain loops over plain arrays, so that a row costs what its own questions cost. Only `judged.py` imports this
module, and only when it has rows to judge: the compiler takes a second to load and some memory.
"""

# Numba finds types itself; numpy's stubs say of an element that it may be an array.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np
from numba import njit
from numpy.typing import NDArray

from perennial.backends.clickhouse.arrays.codes import (
    AMONG,
    AVG,
    BY,
    COUNT,
    DAYS,
    DIFFERENCE,
    DISTINCT,
    FIRST,
    LAST,
    LATEST,
    MAX,
    MEDIAN,
    MIN,
    NUMBER,
    PASSED,
    SOME,
    STREAK,
    SUM,
)
from perennial.backends.clickhouse.arrays.compiling import compiled

Ids = NDArray[np.uint64]
Integers = NDArray[np.int64]
Bits = NDArray[np.uint64]
Numbers = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Days = NDArray[np.int32]
Flags = NDArray[np.bool_]

MOST_RUNS = 64
"""Stretches of rows that lie in order of person each: more than these are sorted before."""

_A_DAY = 86_400_000_000.0
_FEW = 32
"""Values that are quicker put in order one by one."""


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
    heads = borders[:-1].copy()
    people = np.empty(len(ids), dtype=np.uint64)
    begins = np.empty(len(ids) + 1, dtype=np.int64)
    came = np.empty(len(ids), dtype=np.int32)
    found, taken = 0, 0
    while taken < len(ids):
        person = _next_person(ids, heads, borders)
        people[found], begins[found] = person, taken
        late = False
        for run in range(len(heads)):
            row, end = heads[run], borders[run + 1]
            while row < end and ids[row] == person:
                late = late or (taken > begins[found] and at[row] < at[came[taken - 1]])
                came[taken] = row
                taken += 1
                row += 1
            heads[run] = row
        if late:
            _sort_rows(at, came[begins[found] : taken])
        found += 1
    begins[found] = taken
    return people[:found].copy(), begins[: found + 1].copy(), came


@compiled
def _next_person(ids: Ids, heads: Integers, borders: Integers) -> np.uint64:
    least = np.uint64(0xFFFFFFFFFFFFFFFF)
    for run in range(len(heads)):
        if heads[run] < borders[run + 1] and ids[heads[run]] < least:
            least = ids[heads[run]]
    return least


@compiled
def _sort_rows(at: Integers, rows: NDArray[np.int32]) -> None:
    """A person's rows by time; those of one instant stay as they came."""
    instants = at[rows]
    order = np.argsort(instants, kind="mergesort")
    rows[:] = rows[order]


@compiled
def walk(  # noqa: C901, PLR0912  calls and records cost more than a row itself
    rows: tuple[Integers, Bytes, Bytes, Numbers, Bits, Days],
    order: tuple[Integers, NDArray[np.int32]],
    program: tuple[Integers, Integers, Bits, Integers, int],
    asked: tuple[Integers, Numbers, Integers, Numbers, Integers, Numbers],
    now: tuple[int, int],
    holds: Flags,
    doubts: Flags,
) -> None:
    """Judge everyone; `taken` is how many rows an accumulator has seen, and two numbers of its own."""
    at, kinds, flags, columns, texts, days = rows
    begins, came = order
    firsts, windows, masks, steps, gatherers = program
    after, until = windows
    mask, tested = masks
    does, column, many, gatherer = steps
    count, first, second = np.zeros((3, len(does)), dtype=np.int64)
    sums = np.zeros((2, len(does)), dtype=np.float64)
    number, lost = sums
    gathered, told = _room_for_all(begins, gatherers)
    finished = (np.flatnonzero(does == COUNT), np.flatnonzero(does > SUM))
    taken = (count, first, second)
    for person in range(len(begins) - 1):
        count[:] = 0
        sums[:] = 0.0
        for place in range(begins[person], begins[person + 1]):
            row = came[place]
            instant = at[row]
            bits = _bits_of(flags, row)
            for sort in range(len(kinds)):
                kind = kinds[sort, row]
                for one in range(firsts[kind], firsts[kind + 1]):
                    if after[one] >= instant:
                        break  # those that follow reach back even less far
                    fits = (bits & mask[one] == mask[one]) & (instant <= until[one])
                    action = does[one]
                    if action == COUNT or not fits:
                        count[one] += fits
                        continue
                    if action in (SUM, AVG):
                        _add_number(one, columns[column[one], row], number, lost)
                        if many[one] >= 0:
                            count[one] += np.int64(columns[many[one], row]) - 1
                    elif action in (MIN, MAX):
                        _add_extreme(one, action == MIN, columns[column[one], row], count, number)
                    elif action in (DAYS, STREAK):
                        _add_day(one, np.int64(days[row]), count, first, second)
                        continue
                    elif action == MEDIAN:
                        gathered[gatherer[one], count[one]] = columns[column[one], row]
                    elif action == DISTINCT:
                        told[gatherer[one], count[one]] = texts[column[one], row]
                    elif action == LATEST:
                        _add_latest(one, instant, bits & tested[one] != 0, count, first, second)
                    elif action == LAST or count[one] == 0:
                        first[one] = instant
                    count[one] += 1
        _finish(finished, (does, gatherer), taken, number, (gathered, told), now)
        _answer(asked[0], asked[1], number, person, holds)
        _answer_others(asked[2:], taken, number, person, holds, doubts)


@compiled
def _room_for_all(begins: Integers, gatherers: int) -> tuple[Numbers, Bits]:
    """Room for the values of whoever has most rows, where values have to be seen together."""
    most = np.diff(begins).max() if len(begins) > 1 else 1
    return np.empty((gatherers, most), dtype=np.float64), np.empty((gatherers, most), dtype=np.uint64)


@njit(nogil=True, inline="always")
def _bits_of(flags: Bytes, row: int) -> int:
    """A row's flags, eight to a byte, as one number."""
    bits = np.uint64(0)
    for word in range(len(flags)):
        bits |= np.uint64(flags[word, row]) << np.uint64(8 * word)
    return bits


@njit(nogil=True, inline="always")
def _add_number(one: int, value: float, number: Numbers, lost: Numbers) -> None:
    """A step of Kahan's sum, as the engine takes it."""
    added = value - lost[one]
    following = number[one] + added
    lost[one] = (following - number[one]) - added
    number[one] = following


@njit(nogil=True, inline="always")
def _add_extreme(one: int, is_least: bool, value: float, count: Integers, number: Numbers) -> None:
    """The smallest or the largest number so far."""
    if count[one] == 0 or (value < number[one] if is_least else value > number[one]):
        number[one] = value


@njit(nogil=True, inline="always")
def _add_day(one: int, day: int, count: Integers, first: Integers, second: Integers) -> None:
    """How many days there were; which was the latest, and how many without a gap end with it."""
    if count[one] and day <= first[one]:
        return
    second[one] = second[one] + 1 if count[one] and day == first[one] + 1 else 1
    first[one] = day
    count[one] += 1


@njit(nogil=True, inline="always")
def _add_latest(
    one: int, instant: int, passed: bool, count: Integers, first: Integers, second: Integers
) -> None:
    """The latest row's bit; a bit more where rows of the same instant say different things."""
    said = 1 if passed else 0
    differs = count[one] > 0 and instant == first[one] and (second[one] & 2 != 0 or second[one] != said)
    first[one] = instant
    second[one] = said | (2 if differs else 0)


@compiled
def _finish(
    finished: tuple[Integers, Integers],
    program: tuple[Integers, Integers],
    taken: tuple[Integers, Integers, Integers],
    number: Numbers,
    gathered: tuple[Numbers, Bits],
    now: tuple[int, int],
) -> None:
    """Bring what was taken down to one number each, not a number where there is none."""
    does, gatherer = program
    count, first, second = taken
    numbers, told = gathered
    for one in finished[0]:
        number[one] = count[one]
    for one in finished[1]:
        action, rows = does[one], count[one]
        if action == DAYS:
            number[one] = rows
        elif action == STREAK:
            age = now[1] - first[one]
            number[one] = second[one] if rows > 0 and age >= 0 and age <= 1 else 0
        elif action == DISTINCT:
            number[one] = _distinct(told[gatherer[one]], rows)
        elif rows == 0:
            number[one] = np.nan
        elif action in (FIRST, LAST):
            number[one] = np.float64(now[0] - first[one]) / _A_DAY
        elif action == AVG:
            number[one] /= np.float64(rows)
        elif action == MEDIAN:
            number[one] = _median(numbers[gatherer[one]], rows)


@compiled
def _median(values: Numbers, length: int) -> float:
    if length == 0:
        return 0.0
    _put_in_order(values, length)
    last = length - 1
    low, high = values[last // 2], values[(last + 1) // 2]
    return low + 0.5 * (high - low)


@compiled
def _distinct(values: Bits, length: int) -> float:
    _put_in_order(values, length)
    found = 0
    for place in range(length):
        if place == 0 or values[place] != values[place - 1]:
            found += 1
    return np.float64(found)


@compiled
def _put_in_order(values: Numbers | Bits, length: int) -> None:
    if length > _FEW:
        values[:length] = np.sort(values[:length])
        return
    for place in range(1, length):
        value = values[place]
        before = place - 1
        while before >= 0 and values[before] > value:
            values[before + 1] = values[before]
            before -= 1
        values[before + 1] = value


@compiled
def _answer(plain: Integers, ranges: Numbers, number: Numbers, person: int, holds: Flags) -> None:
    """The verdicts that are nothing but a test of one number."""
    for one in range(len(plain)):
        value = number[plain[one, 0]]
        low, high = ranges[one, 0], ranges[one, 1]
        if plain[one, 2]:
            holds[person, plain[one, 1]] = (value < low) | (value > high)
        else:
            holds[person, plain[one, 1]] = (value >= low) & (value <= high)


@compiled
def _answer_others(
    asked: tuple[Integers, Numbers, Integers, Numbers],
    taken: tuple[Integers, Integers, Integers],
    number: Numbers,
    person: int,
    holds: Flags,
    doubts: Flags,
) -> None:
    """The verdicts that are more than that, and who is in doubt."""
    others, limits, earlier, literals = asked
    count, first, second = taken
    for one in range(len(others)):
        sort, of, place = others[one, 0], others[one, 1], others[one, 2]
        if sort == SOME:
            doubts[person] = doubts[person] or count[of] > 0
        elif sort == BY:
            holds[person, place] = count[of] > 0 and first[of] <= others[one, 8]
        elif sort == PASSED:
            holds[person, place] = (second[of] & 1 if count[of] > 0 else others[one, 8]) != 0
            doubts[person] = doubts[person] or (count[of] > 0 and second[of] & 2 != 0)
        else:
            value = number[of]
            if sort != NUMBER:
                before = _mean(others[one, 3], others[one, 4], earlier, number)
                value = _change(value, sort, before, limits[one, 2])
            if others[one, 7] < AMONG:
                inside = value >= limits[one, 0] and value <= limits[one, 1]
            else:
                inside = _is_among(value, literals, others[one, 5], others[one, 6])
            holds[person, place] = inside != (others[one, 7] & 1 != 0) and not np.isnan(value)


@compiled
def _mean(begin: int, end: int, earlier: Integers, number: Numbers) -> float:
    """The mean of the numbers that there are."""
    total, many = 0.0, 0
    for place in range(begin, end):
        if not np.isnan(number[earlier[place]]):
            total += number[earlier[place]]
            many += 1
    return total / many if many else np.nan


@compiled
def _change(value: float, sort: int, before: float, floor: float) -> float:
    """How far a number is from what was before; not a number where one is missing or before is too little."""
    if not before >= floor:
        return np.nan
    if sort == DIFFERENCE:
        return value - before
    # Multiplied before it is divided: 93 after 100 is -7, and -7.000000000000001 would miss ">= -7%".
    return (value - before) * 100.0 / before if before != 0.0 else np.nan


@compiled
def _is_among(value: float, literals: Numbers, begin: int, end: int) -> bool:
    """Whether a number is one of several."""
    for place in range(begin, end):  # noqa: SIM110  a loop is compiled, a generator is not
        if value == literals[place]:
            return True
    return False
