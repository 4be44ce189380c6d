"""How far each person went through a funnel.

The definition is that of `insight-definitions.md` section 1: a window is measured from step 1, its last
instant included; a newer step 1 refreshes the first level; one event fills one step; events of one instant
are taken in the order of the steps they fit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.model import Order
from perennial.evaluate.insights.ports import Instants
from perennial.evaluate.insights.sequences.any_order import any_order
from perennial.evaluate.insights.sequences.in_order import in_order

NEVER = -1
"""A step that was not reached, and a row that there is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelRules:
    """What a funnel asks of a sequence of events."""

    steps: int
    window: int
    """In microseconds, from step 1; its last instant is inside."""
    start: int
    end: int
    """Step 1 lies in this half-open span; later steps may follow."""
    order: Order = "ordered"
    optional: tuple[int, ...] = ()
    """Steps, counted from 0, that may be left out."""
    exclusions: tuple[tuple[int, int], ...] = ()
    """Of each kind of excluded event, between which two steps it must not lie."""
    totals: bool = False
    """Whether attempts are counted, one after the other, rather than each sequence once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Attempts at a funnel: of each sequence its best one, or all of them."""

    sequence: NDArray[np.int64]
    """Which sequence: its place among those handed in."""
    depth: NDArray[np.int64]
    """The deepest step reached, from 1."""
    times: NDArray[np.int64]
    """Attempts by steps: when each was reached, `NEVER` where it was not."""
    first_row: NDArray[np.int64]
    """The row of step 1."""
    is_dropped: NDArray[np.bool_]
    """Whether an excluded event takes the sequence out of the funnel, step 1 included."""


def run_funnel(
    firsts: NDArray[np.int64],
    at: Instants,
    steps: NDArray[np.uint32],
    excluded: NDArray[np.uint32],
    rules: FunnelRules,
) -> Reached:
    """How far sequences go: rows lie by sequence, then time; `firsts` says where each begins, and the end.

    `steps` and `excluded` are bits: which steps an event fits, which exclusions. Rows of a strict funnel are
    all of a person's events; of others those that fit something are enough.
    """
    between = np.array(rules.exclusions or [(0, 0)], dtype=np.int64).reshape(-1, 2)
    optional = np.zeros(rules.steps + 1, dtype=np.bool_)
    optional[[place + 1 for place in rules.optional]] = True
    if rules.order == "any":
        found = any_order(
            firsts, at, steps, excluded, rules.steps, rules.window, rules.start, rules.end, rules.totals
        )
    else:
        found = in_order(
            firsts,
            at,
            steps,
            excluded,
            between,
            optional,
            rules.window,
            rules.start,
            rules.end,
            rules.order == "strict",
            rules.totals,
        )
    sequence, depth, times, first_row, is_dropped = found
    return Reached(sequence=sequence, depth=depth, times=times, first_row=first_row, is_dropped=is_dropped)
