"""Events cut into sessions: a new one begins where nothing happened for as long as the gap, or longer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.ports import Ids, Instants


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Sessions, in order of person and time."""

    people: Ids
    start: Instants
    seconds: NDArray[np.float64]
    """From the first event to the last."""
    events: NDArray[np.int64]
    of_row: NDArray[np.int64]
    """Which session each row is of."""


def visits_of(people: Ids, at: Instants, *, gap: int) -> Visits:
    """The sessions of rows by person, then time; the gap in microseconds."""
    if not len(people):
        none = np.empty(0, dtype=np.int64)
        return Visits(people=people, start=at, seconds=none.astype(np.float64), events=none, of_row=none)
    begins = np.append([True], (people[1:] != people[:-1]) | (np.diff(at) >= gap))
    firsts = np.flatnonzero(begins)
    behind = np.append(firsts[1:], len(people))
    return Visits(
        people=people[firsts],
        start=at[firsts],
        seconds=(at[behind - 1] - at[firsts]) / 1_000_000,
        events=behind - firsts,
        of_row=np.cumsum(begins) - 1,
    )
