"""Rows of merged people, set aside by the slices they lie in and judged together in the end (0034).

A person's profiles lie anywhere among the ids, so their rows come with different slices, and from different
shards. Reading them a second time would cost a second pass over the log; keeping them costs their memory.
"""

from collections.abc import Sequence

import numpy as np

from perennial.backends.clickhouse.arrays import Rows
from perennial.backends.clickhouse.overrides import Merged

PARTS = 16
"""Into so many parts, by person, rows are put, so that what is judged at once is small."""
_LAST = 2**64 - 1


class Aside:
    """Rows of people with several profiles, each under the profile that is kept."""

    def __init__(self, merged: Merged) -> None:
        people = np.unique(merged.people)
        self._borders = people[len(people) * np.arange(1, PARTS) // PARTS]
        self._pieces: list[Rows] = []

    def add(self, rows: Rows) -> None:
        """Keep rows, which are in order of person; each profile's are in order of time."""
        self._pieces.append(rows)

    def part(self, number: int) -> Rows:
        """The rows of some of the people: of `PARTS`, in ascending order of person."""
        borders = [0, *self._borders.tolist(), _LAST]
        theirs: list[Rows] = []
        for rows in self._pieces:
            start, end = np.searchsorted(rows.ids, np.array(borders[number : number + 2], dtype=np.uint64))
            theirs.append(rows.between(int(start), int(end)))
        return together(theirs)


def together(pieces: Sequence[Rows]) -> Rows:
    """Rows of several pieces of one form, one after the other."""
    return Rows(
        ids=np.concatenate([one.ids for one in pieces]),
        at=np.concatenate([one.at for one in pieces]),
        kinds=np.concatenate([one.kinds for one in pieces], axis=1),
        flags=np.concatenate([one.flags for one in pieces], axis=1),
        numbers=np.concatenate([one.numbers for one in pieces], axis=1),
        texts=np.concatenate([one.texts for one in pieces], axis=1),
        days=np.concatenate([one.days for one in pieces]),
    )
