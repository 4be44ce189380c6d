"""How long it takes from one thing to the next other thing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.ports import Flags, Instants


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Every gap: the row it begins with, and how long it is."""

    row: NDArray[np.int64]
    seconds: NDArray[np.float64]


def gaps_of(sequence: NDArray[np.int64], at: Instants, starts: Flags, ends: Flags) -> Gaps:
    """From each beginning to the next end; rows lie by sequence, then time.

    An end of the same instant follows (ties are in the order of the steps). An event that is both a beginning
    and an end begins a gap and ends the one before; what follows it comes behind it.
    """
    rows = np.flatnonzero(starts)
    ending = np.flatnonzero(ends)
    is_new = np.append([True], (sequence[1:] != sequence[:-1]) | (at[1:] != at[:-1]))[: len(at)]
    instant = np.maximum.accumulate(np.where(is_new, np.arange(len(at)), 0)) if len(at) else rows
    following = np.where(
        ends[rows],
        np.searchsorted(ending, rows, side="right"),
        np.searchsorted(ending, instant[rows], side="left"),
    )
    has_end = following < len(ending)
    rows, following = rows[has_end], ending[following[has_end]]
    same = sequence[rows] == sequence[following]
    rows, following = rows[same], following[same]
    return Gaps(row=rows, seconds=(at[following] - at[rows]) / 1_000_000)
