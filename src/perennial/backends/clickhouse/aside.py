"""Rows of merged people, set aside by the slices they lie in and judged together in the end (0034).

A person's profiles lie anywhere among the ids, so their rows come with different slices, and from different
shards. Reading them a second time would cost a second pass over the log; keeping them costs their memory.
"""

from threading import Lock

import numpy as np

from perennial.backends.clickhouse.arrays import Apart, Gathered, Rows
from perennial.backends.clickhouse.overrides import Merged

MOST_BYTES = 400_000_000
"""Of rows that are kept: ten million or more. Beyond that the log is read a second time, which needs less."""
_SPARE = 1.1
"""How many times the rows that are to be expected there is room for."""


class Aside:
    """Rows of people with several profiles, kept until all of them have come.

    Nothing is sorted for that: where each profile stands among those of its person is known beforehand.
    `rows` is how many rows are read in all, about: room that stays empty takes no memory.
    """

    def __init__(self, merged: Merged, *, rows: int, most_bytes: int = MOST_BYTES) -> None:
        self._merged = merged
        self._expected = rows
        self._most_bytes = most_bytes
        self._kept: Rows | None = None
        self._count = 0
        # Of each profile, in order of person, where its rows are; those of one come all at once.
        self._begins, self._ends = np.zeros((2, len(merged.profiles)), dtype=np.int64)
        self._adding = Lock()
        self.is_complete = True
        """Whether there was room for all rows; where there was not, none is kept."""

    def add(self, apart: Apart) -> None:
        """Keep rows of profiles none of whose rows were kept before."""
        with self._adding:
            start, end = self._count, self._count + len(apart.came)
            self.is_complete &= end * apart.rows.bytes_of_row <= self._most_bytes
            if not self.is_complete:
                self._kept = None
                return
            self._kept = self._room_for(end, apart)
            apart.rows.take_into(self._kept, apart.came, start=start)
            places = self._merged.places[apart.profiles]
            borders = apart.begins + start
            self._begins[places], self._ends[places] = borders[:-1], borders[1:]
            self._count = end

    def gathered(self) -> Gathered:
        """All rows, of which there is at least one, by person; they are no longer kept here."""
        kept, self._kept = self._kept, None
        if kept is None:
            raise RuntimeError("no rows are kept")
        return Gathered(
            rows=kept,
            people=self._merged.owners,
            firsts=self._merged.firsts,
            begins=self._begins,
            ends=self._ends,
        )

    def _room_for(self, count: int, apart: Apart) -> Rows:
        """Room for so many rows: those that are there, and as many as these make expect."""
        if self._kept is None:
            # Ids are spread evenly, so all slices put about the same share of their rows aside.
            expected = len(apart.came) * self._expected // len(apart.rows.at)
            return apart.rows.room_for(int(max(count, expected) * _SPARE))
        if count <= len(self._kept.at):
            return self._kept
        larger = self._kept.room_for(2 * count)
        for column, room in zip(self._kept.columns, larger.columns, strict=True):
            room[: self._count] = column[: self._count]
        return larger
