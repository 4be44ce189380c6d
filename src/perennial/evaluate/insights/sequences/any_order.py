"""The loop of funnels whose steps may come in any order, as machine code."""

import numpy as np
from numpy.typing import NDArray

from perennial.kernel.compiling import compiled

_Whole = NDArray[np.int64]
_Bits = NDArray[np.uint32]
Attempts = tuple[_Whole, _Whole, _Whole, _Whole, NDArray[np.bool_]]


@compiled
def any_order(
    firsts: _Whole,
    at: _Whole,
    steps: _Bits,
    excluded: _Bits,
    wanted: int,
    window: int,
    start: int,
    end: int,
    counts_all: bool,
) -> Attempts:
    """The window of each sequence with most different steps, or every attempt where all are counted.

    An event fills one step: events and steps are matched so that as many steps as can be are filled. What is
    excluded ends a window, wherever it lies in it.
    """
    most = len(at) if counts_all else len(firsts) - 1
    sequence = np.empty(most, dtype=np.int64)
    depth = np.empty(most, dtype=np.int64)
    times = np.full((most, wanted), -1, dtype=np.int64)
    first_row = np.empty(most, dtype=np.int64)
    is_dropped = np.zeros(most, dtype=np.bool_)
    filled_by = np.empty(wanted, dtype=np.int64)
    tried = np.empty(wanted, dtype=np.bool_)
    # One way through the matching: the steps that were tried, and the event that asked for each.
    stack = np.empty(wanted + 1, dtype=np.int64)
    came = np.empty(wanted, dtype=np.int64)
    reached = np.full(wanted, -1, dtype=np.int64)
    found = 0
    for place in range(len(firsts) - 1):
        furthest, is_marked, begun = 0, False, -1
        row = firsts[place]
        last = firsts[place + 1]
        while row < last:
            if steps[row] == 0 or not start <= at[row] < end:
                row += 1
                continue
            filled_by[:] = -1
            count, has_exclusion, behind = 0, False, row
            reached[:] = -1
            while behind < last and at[behind] - at[row] <= window and count < wanted:
                if excluded[behind] and behind > row:
                    has_exclusion = True
                    break
                if steps[behind]:
                    # Look for a free step for this event, moving events that have one to other steps.
                    tried[:] = False
                    stack[0], height, free = behind, 1, -1
                    while height > 0 and free < 0:
                        event = stack[height - 1]
                        is_moved = False
                        for step in range(wanted):
                            if tried[step] or not steps[event] >> np.uint32(step) & np.uint32(1):
                                continue
                            tried[step] = True
                            came[step] = event
                            if filled_by[step] < 0:
                                free = step
                            else:
                                stack[height] = filled_by[step]
                                height += 1
                            is_moved = True
                            break
                        if not is_moved:
                            height -= 1
                    if free >= 0:
                        step = free
                        while True:
                            event = came[step]
                            held = -1
                            for other in range(wanted):
                                if filled_by[other] == event:
                                    held = other
                            filled_by[step] = event
                            if held < 0:
                                break
                            step = held
                        reached[count] = at[behind]
                        count += 1
                behind += 1
            is_over = count < wanted and has_exclusion
            if counts_all:
                sequence[found], depth[found], is_dropped[found] = place, count, is_over
                first_row[found] = row
                times[found, :] = reached
                found += 1
                row = behind + 1 if is_over else behind
                continue
            if count > furthest or (count == furthest and is_marked and not is_over):
                furthest, is_marked, begun = count, is_over, row
                times[found, :] = reached
            if furthest == wanted and not is_marked:
                break
            row += 1
        if not counts_all and furthest > 0:
            sequence[found], depth[found], is_dropped[found] = place, furthest, is_marked
            first_row[found] = begun
            found += 1
    return sequence[:found], depth[:found], times[:found], first_row[:found], is_dropped[:found]
