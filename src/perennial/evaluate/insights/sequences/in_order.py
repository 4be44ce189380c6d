"""The loop of ordered and strict funnels, as machine code."""

import numpy as np
from numpy.typing import NDArray

from perennial.kernel.compiling import compiled

_Whole = NDArray[np.int64]
_Bits = NDArray[np.uint32]
_Flags = NDArray[np.bool_]
Attempts = tuple[_Whole, _Whole, _Whole, _Whole, _Flags]

# What is known of the chain at a level (how many steps it has): in one array, a row for each level.
_IS_THERE, _START, _IS_MARKED = 0, 1, 2
_KNOWN = 3


@compiled
def in_order(
    firsts: _Whole,
    at: _Whole,
    steps: _Bits,
    excluded: _Bits,
    between: _Whole,
    optional: _Flags,
    window: int,
    start: int,
    end: int,
    is_strict: bool,
    counts_all: bool,
) -> Attempts:
    """The furthest chain of each sequence, or every attempt of it where all are counted."""
    wanted = len(optional) - 1
    most = len(at) if counts_all else len(firsts) - 1
    sequence = np.empty(most, dtype=np.int64)
    depth = np.empty(most, dtype=np.int64)
    times = np.full((most, wanted), -1, dtype=np.int64)
    first_row = np.empty(most, dtype=np.int64)
    is_dropped = np.zeros(most, dtype=np.bool_)
    known = np.zeros((wanted + 1, _KNOWN), dtype=np.int64)
    rows = np.full((wanted + 1, wanted + 1), -1, dtype=np.int64)
    best = np.full(wanted + 1, -1, dtype=np.int64)
    best_rows = np.full(wanted + 1, -1, dtype=np.int64)
    found = 0
    for place in range(len(firsts) - 1):
        known[:] = 0
        # The chain that counts: its steps, whether an exclusion marks it, its begin, the open attempt's.
        furthest, is_marked, begun, opened = 0, False, 0, 0
        row = firsts[place]
        last = firsts[place + 1]
        while row < last:
            behind = row + 1
            is_mixed = False
            while behind < last and at[behind] == at[row]:
                is_mixed = is_mixed or steps[behind] != steps[row] or excluded[behind] != excluded[row]
                behind += 1
            now = at[row]
            for one in range(row, behind):
                if excluded[one]:
                    for kind in range(len(between)):
                        if excluded[one] >> np.uint32(kind) & np.uint32(1):
                            for level in range(between[kind, 0] + 1, between[kind, 1] + 1):
                                if known[level, _IS_THERE] and now - known[level, _START] <= window:
                                    known[level, _IS_MARKED] = 1
                            if between[kind, 0] < furthest <= between[kind, 1] and now - begun <= window:
                                is_marked = True
            # Of one instant and of different steps, events are taken in the order of the steps that they fit.
            passes = wanted if is_mixed else 1
            for turn in range(passes):
                for one in range(row, behind):
                    bits = steps[one]
                    if is_mixed:
                        bits = bits & (np.uint32(1) << np.uint32(turn))
                    if bits == 0 and (is_mixed or not is_strict):
                        continue
                    for level in range(wanted, 0, -1):
                        if not bits >> np.uint32(level - 1) & np.uint32(1):
                            continue
                        former = level - 1
                        if level == 1:
                            if not start <= now < end:
                                continue
                        else:
                            # Over steps that may be left out, to the chain that began last.
                            chosen = -1
                            while former > 0:
                                is_open = known[former, _IS_THERE] and now - known[former, _START] <= window
                                if is_open and is_mixed:
                                    for step in range(former + 1):
                                        is_open = is_open and rows[former, step] != one
                                if is_open and (chosen < 0 or known[former, _START] > known[chosen, _START]):
                                    chosen = former
                                if not optional[former]:
                                    break
                                former -= 1
                            if chosen < 0:
                                continue
                            former = chosen
                            if known[level, _IS_THERE] and known[level, _START] == known[former, _START]:
                                continue
                        if level == 1:
                            known[1, _IS_THERE] = 1
                            known[1, _START] = now
                            known[1, _IS_MARKED] = 0
                            rows[1, :] = -1
                            rows[1, 1] = one
                        else:
                            known[level, :] = known[former, :]
                            rows[level, :] = rows[former, :]
                            rows[level, level] = one
                        if counts_all and furthest > 0 and now - opened > window:
                            # The open attempt is over: what comes now is another one.
                            sequence[found], depth[found], is_dropped[found] = place, furthest, is_marked
                            first_row[found] = best_rows[1]
                            times[found, :] = best[1:]
                            found += 1
                            furthest, is_marked = 0, False
                        if level > furthest or (
                            level == furthest and is_marked and not known[level, _IS_MARKED]
                        ):
                            if furthest == 0:
                                opened = known[level, _START]
                            furthest = level
                            is_marked = known[level, _IS_MARKED] == 1
                            begun = known[level, _START]
                            for step in range(1, wanted + 1):
                                best_rows[step] = rows[level, step]
                                best[step] = at[rows[level, step]] if rows[level, step] >= 0 else -1
                        if counts_all and level == wanted and not is_marked:
                            sequence[found], depth[found], is_dropped[found] = place, furthest, False
                            first_row[found] = best_rows[1]
                            times[found, :] = best[1:]
                            found += 1
                            furthest, is_marked = 0, False
                            known[:] = 0
                            break
                    if is_strict and not is_mixed:
                        for level in range(1, wanted + 1):
                            if not bits >> np.uint32(level - 1) & np.uint32(1):
                                known[level, _IS_THERE] = 0
            row = behind
        if furthest > 0:
            sequence[found], depth[found], is_dropped[found] = place, furthest, is_marked
            first_row[found] = best_rows[1]
            times[found, :] = best[1:]
            found += 1
    return sequence[:found], depth[:found], times[:found], first_row[:found], is_dropped[:found]
