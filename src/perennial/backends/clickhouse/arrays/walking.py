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
from perennial.kernel.compiling import compiled

Integers = NDArray[np.int64]
Bits = NDArray[np.uint64]
Numbers = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Days = NDArray[np.int32]
Flags = NDArray[np.bool_]

_A_DAY = 86_400_000_000.0
_FEW = 32
"""Values that are quicker put in order one by one."""
_AT_ONCE = 232
"""People whose numbers are kept side by side: few enough for a processor's own memory, and no power of two,
with which they would all lie in the same places of it."""
_NOTHING_IS_ZERO = (COUNT, SUM, DISTINCT, DAYS, STREAK)
"""What is zero, and not missing, where there is no row."""


@compiled
def walk(
    rows: tuple[Integers, Bytes, Bytes, Numbers, Bits, Days],
    order: tuple[Integers, NDArray[np.int32]],
    program: tuple[Integers, Integers, Bits, Integers],
    asked: tuple[Integers, Numbers, Integers, Numbers, Integers, Numbers],
    now: tuple[int, int],
    holds: Flags,
    doubts: Flags,
) -> None:
    """Judge everyone, a few people at a time: first what is counted of each, then every verdict about all."""
    does = program[3][0]
    people = len(order[0]) - 1
    numbers = np.empty((len(does), _AT_ONCE), dtype=np.float64)
    first, second = np.empty((2, len(does), _AT_ONCE), dtype=np.int64)
    for begin in range(0, people, _AT_ONCE):
        end = min(begin + _AT_ONCE, people)
        for one in range(len(does)):
            numbers[one] = 0.0 if does[one] in _NOTHING_IS_ZERO else np.nan
        _count(rows, order, program, now, (begin, end), (numbers, first, second))
        _answer(asked[0], asked[1], numbers, (begin, end), holds)
        _answer_others(asked[2:], (numbers, first, second), (begin, end), holds, doubts)


@compiled
def _count(  # noqa: C901, PLR0912, PLR0915  calls and records cost more than a row itself
    rows: tuple[Integers, Bytes, Bytes, Numbers, Bits, Days],
    order: tuple[Integers, NDArray[np.int32]],
    program: tuple[Integers, Integers, Bits, Integers],
    now: tuple[int, int],
    people: tuple[int, int],
    counted: tuple[Numbers, Integers, Integers],
) -> None:
    """What every accumulator says of some people.

    Of each person, the rows of a kind are laid side by side, and each accumulator goes by itself over those
    that its window holds; they are the last ones, as rows are in order of time.
    """
    at, kinds, flags, columns, texts, days = rows
    begins, came = order
    firsts, windows, masks, steps = program
    after, until = windows
    mask, tested = masks
    does, column, many = steps
    numbers, first, second = counted
    most = 1
    for person in range(people[0], people[1]):
        most = max(most, begins[person + 1] - begins[person])
    room = most * max(1, len(kinds))
    instants, bits = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.uint64)
    places = np.empty(room, dtype=np.int32)
    values, told = np.empty(most, dtype=np.float64), np.empty(most, dtype=np.uint64)
    # Where the rows of a kind end, at first where they begin.
    ends = np.zeros(len(firsts) + 1, dtype=np.int64)
    alone, is_alone = 0, True
    for kind in range(len(firsts) - 1):
        if firsts[kind] < firsts[kind + 1]:
            is_alone = firsts[kind] == 0
            alone = kind
    for person in range(people[0], people[1]):
        to = person - people[0]
        if is_alone:
            free = 0
            for place in range(begins[person], begins[person + 1]):
                row = came[place]
                is_asked = len(kinds) == 0
                for sort in range(len(kinds)):
                    is_asked = is_asked or kinds[sort, row] == alone
                if is_asked:
                    places[free], instants[free], bits[free] = row, at[row], _bits_of(flags, row)
                    free += 1
            ends[alone] = free
        else:
            ends[:] = 0
            for place in range(begins[person], begins[person + 1]):
                for sort in range(len(kinds)):
                    ends[kinds[sort, came[place]] + 1] += 1
            for kind in range(1, len(ends)):
                ends[kind] += ends[kind - 1]
            for place in range(begins[person], begins[person + 1]):
                row = came[place]
                for sort in range(len(kinds)):
                    free = ends[kinds[sort, row]]
                    places[free], instants[free], bits[free] = row, at[row], _bits_of(flags, row)
                    ends[kinds[sort, row]] += 1
        begin = np.int64(0)
        for kind in range(len(firsts) - 1):
            start, end = begin, ends[kind]
            begin = end
            for one in range(firsts[kind], firsts[kind + 1]):
                while start < end and instants[start] <= after[one]:
                    start += 1
                if start >= end:
                    break  # those that follow reach back even less far
                stop = end
                while stop > start and instants[stop - 1] > until[one]:
                    stop -= 1
                action, bit, of, rows_found = does[one], mask[one], column[one], 0
                if action == COUNT:
                    if bit == 0:
                        rows_found = stop - start
                    else:
                        for place in range(start, stop):
                            rows_found += bits[place] & bit == bit
                    numbers[one, to] = rows_found
                elif action in (SUM, AVG):
                    total, lost = 0.0, 0.0
                    for place in range(start, stop):
                        if bits[place] & bit == bit:
                            # A step of Kahan's sum, as the engine takes it.
                            added = columns[of, places[place]] - lost
                            following = total + added
                            lost = (following - total) - added
                            total = following
                            rows_found += np.int64(columns[many[one], places[place]]) if many[one] >= 0 else 1
                    if action == SUM:
                        numbers[one, to] = total
                    elif rows_found > 0:
                        numbers[one, to] = total / np.float64(rows_found)
                elif action in (MIN, MAX):
                    for place in range(start, stop):
                        if bits[place] & bit == bit:
                            value = columns[of, places[place]]
                            known = numbers[one, to]
                            if np.isnan(known) or (value < known if action == MIN else value > known):
                                numbers[one, to] = value
                elif action in (DAYS, STREAK):
                    latest, without_gap = np.int64(0), np.int64(0)
                    for place in range(start, stop):
                        day = np.int64(days[places[place]])
                        if bits[place] & bit == bit and (rows_found == 0 or day > latest):
                            without_gap = without_gap + 1 if rows_found and day == latest + 1 else 1
                            latest = day
                            rows_found += 1
                    if action == DAYS:
                        numbers[one, to] = rows_found
                    elif rows_found and 0 <= now[1] - latest <= 1:
                        numbers[one, to] = without_gap
                elif action == MEDIAN:
                    for place in range(start, stop):
                        if bits[place] & bit == bit:
                            values[rows_found] = columns[of, places[place]]
                            rows_found += 1
                    if rows_found:
                        numbers[one, to] = _median(values, rows_found)
                elif action == DISTINCT:
                    for place in range(start, stop):
                        if bits[place] & bit == bit:
                            told[rows_found] = texts[of, places[place]]
                            rows_found += 1
                    numbers[one, to] = _distinct(told, rows_found)
                elif action == LATEST:
                    instant, said = np.int64(0), np.int64(0)
                    for place in range(start, stop):
                        if bits[place] & bit == bit:
                            says = np.int64(bits[place] & tested[one] != 0)
                            same = rows_found > 0 and instants[place] == instant
                            # A bit more where rows of the same instant say different things.
                            said = says | 2 if same and (said & 2 != 0 or said != says) else says
                            instant = instants[place]
                            rows_found += 1
                    if rows_found:
                        numbers[one, to], second[one, to] = 0.0, said
                elif action == FIRST:
                    place = start
                    while place < stop and bits[place] & bit != bit:
                        place += 1
                    if place < stop:
                        first[one, to] = instants[place]
                        numbers[one, to] = np.float64(now[0] - instants[place]) / _A_DAY
                else:
                    place = stop - 1
                    while place >= start and bits[place] & bit != bit:
                        place -= 1
                    if place >= start:
                        numbers[one, to] = np.float64(now[0] - instants[place]) / _A_DAY


@njit(nogil=True, inline="always")
def _bits_of(flags: Bytes, row: int) -> int:
    """A row's flags, eight to a byte, as one number."""
    bits = np.uint64(0)
    for word in range(len(flags)):
        bits |= np.uint64(flags[word, row]) << np.uint64(8 * word)
    return bits


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
def _answer(
    plain: Integers, ranges: Numbers, numbers: Numbers, people: tuple[int, int], holds: Flags
) -> None:
    """The verdicts that are nothing but a test of one number."""
    begin, end = people
    for one in range(len(plain)):
        of, place = plain[one, 0], plain[one, 1]
        low, high = ranges[one, 0], ranges[one, 1]
        if plain[one, 2]:
            for to in range(end - begin):
                holds[place, begin + to] = (numbers[of, to] < low) | (numbers[of, to] > high)
        else:
            for to in range(end - begin):
                holds[place, begin + to] = (numbers[of, to] >= low) & (numbers[of, to] <= high)


@compiled
def _answer_others(
    asked: tuple[Integers, Numbers, Integers, Numbers],
    counted: tuple[Numbers, Integers, Integers],
    people: tuple[int, int],
    holds: Flags,
    doubts: Flags,
) -> None:
    """The verdicts that are more than that, and who is in doubt."""
    others, limits, earlier, literals = asked
    numbers, first, second = counted
    for one in range(len(others)):
        sort, of, place = others[one, 0], others[one, 1], others[one, 2]
        for person in range(people[0], people[1]):
            to = person - people[0]
            value = numbers[of, to]
            if sort == SOME:
                doubts[person] = doubts[person] or value > 0
            elif sort == BY:
                holds[place, person] = not np.isnan(value) and first[of, to] <= others[one, 8]
            elif sort == PASSED:
                holds[place, person] = (others[one, 8] if np.isnan(value) else second[of, to] & 1) != 0
                doubts[person] = doubts[person] or (not np.isnan(value) and second[of, to] & 2 != 0)
            else:
                if sort != NUMBER:
                    before = _mean(others[one, 3], others[one, 4], earlier, numbers, to)
                    value = _change(value, sort, before, limits[one, 2])
                if others[one, 7] < AMONG:
                    inside = value >= limits[one, 0] and value <= limits[one, 1]
                else:
                    inside = _is_among(value, literals, others[one, 5], others[one, 6])
                holds[place, person] = inside != (others[one, 7] & 1 != 0) and not np.isnan(value)


@compiled
def _mean(begin: int, end: int, earlier: Integers, numbers: Numbers, to: int) -> float:
    """The mean of the numbers that there are."""
    total, many = 0.0, 0
    for place in range(begin, end):
        if not np.isnan(numbers[earlier[place], to]):
            total += numbers[earlier[place], to]
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
