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
    """From each beginning to the next end behind it; rows lie by sequence, then time.

    An event that is both a beginning and an end begins a gap and ends the one before.
    """
    rows = np.flatnonzero(starts)
    ending = np.flatnonzero(ends)
    following = np.searchsorted(ending, rows, side="right")
    has_end = following < len(ending)
    rows, following = rows[has_end], ending[following[has_end]]
    same = sequence[rows] == sequence[following]
    rows, following = rows[same], following[same]
    return Gaps(row=rows, seconds=(at[following] - at[rows]) / 1_000_000)
