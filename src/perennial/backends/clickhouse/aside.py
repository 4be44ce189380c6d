"""Rows of merged people, set aside by the slices they lie in and judged together in the end (0034).

A person's profiles lie anywhere among the ids, so their rows come with different slices, and from different
shards. Reading them a second time would cost a second pass over the log; keeping them costs their memory.
"""

from collections.abc import Sequence
from itertools import pairwise
from threading import Lock

import numpy as np

from perennial.backends.clickhouse.arrays import Rows
from perennial.backends.clickhouse.overrides import Merged

_BYTES_OF_PART = 16_000_000
"""Of rows that are judged at once."""
MOST_BYTES = 400_000_000
"""Of rows that are kept: about four million. Beyond that the log is read a second time, which needs less."""
_LAST = 2**64 - 1
Part = tuple[int, int]


class Aside:
    """Rows of people with several profiles, each under the profile that is kept."""

    def __init__(self, merged: Merged, *, most_bytes: int = MOST_BYTES) -> None:
        self._people = np.unique(merged.people)
        self._pieces: list[Rows] = []
        self._room = most_bytes
        self._adding = Lock()

    @property
    def is_complete(self) -> bool:
        """Whether there was room for all rows; where there was not, none is kept."""
        return self._room >= 0

    def add(self, rows: Rows) -> None:
        """Keep rows, which are in order of person; each profile's are in order of time."""
        with self._adding:
            self._room -= rows.bytes
            if self.is_complete:
                self._pieces.append(rows)
            else:
                self._pieces.clear()

    def parts(self, *, at_least: int = 1) -> Sequence[Part]:
        """All people in ranges of ids, ascending, with not too many rows each."""
        count = max(at_least, -(-sum(rows.bytes for rows in self._pieces) // _BYTES_OF_PART))
        firsts = self._people[len(self._people) * np.arange(1, count) // count].tolist()
        return list(pairwise([0, *firsts, _LAST]))

    def of_part(self, part: Part) -> Rows:
        """The rows of a range of people: from the first id on, up to the second, which is not among them."""
        borders = np.array(part, dtype=np.uint64)
        theirs: list[Rows] = []
        for rows in self._pieces:
            start, end = np.searchsorted(rows.ids, borders)
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
