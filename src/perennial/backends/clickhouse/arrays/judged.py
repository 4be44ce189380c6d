"""Rows judged: columns in, and out comes who there is and what every question says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from perennial.backends.clickhouse.arrays.asked import Asked
from perennial.backends.clickhouse.arrays.programs import Compiler, Layout

Ids = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Order = tuple[Ids, NDArray[np.int64], NDArray[np.int32]]

_Scalar = TypeVar("_Scalar", bound=np.generic)
_NOBODY: Ids = np.empty(0, dtype=np.uint64)
_NO_ROWS: NDArray[np.int32] = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of several people, as they came."""

    ids: Ids
    at: NDArray[np.int64]
    """Microseconds since 1970."""
    kinds: NDArray[np.uint8]
    """Codes of the kinds that a row is of, 0 for none: one row of the array for each kind it may have.

    None at all where every row is of the one kind that is asked about."""
    flags: NDArray[np.uint8]
    """Flags as bits: byte by row."""
    numbers: NDArray[np.float64]
    """Column by row."""
    texts: NDArray[np.uint64]
    """Texts as hashes of 64 bits: column by row."""
    days: NDArray[np.int32]
    """The local day of each row, counted from 1970-01-01; empty where no question asks for days."""

    def has_any(self, flag: int) -> bool:
        """Whether a flag, by its bit, is set of any row."""
        return bool((self.flags[flag // 8] & np.uint8(1 << flag % 8)).any())

    @property
    def bytes(self) -> int:
        """How much memory they take."""
        arrays = (self.ids, self.at, self.kinds, self.flags, self.numbers, self.texts, self.days)
        return sum(array.nbytes for array in arrays)

    def under(self, people: Ids) -> "Rows":
        """The same rows as those of other people: an id for each row."""
        return replace(self, ids=people)

    def between(self, start: int, end: int) -> "Rows":
        """Some neighbouring rows, without copying them."""
        return Rows(
            ids=self.ids[start:end],
            at=self.at[start:end],
            kinds=self.kinds[:, start:end],
            flags=self.flags[:, start:end],
            numbers=self.numbers[:, start:end],
            texts=self.texts[:, start:end],
            days=self.days[start:end],
        )

    def take(self, places: NDArray[np.intp] | NDArray[np.int32]) -> "Rows":
        """Some of the rows, in this order."""

        def taken(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
            # Every place is inside; not checking it again halves the time.
            return np.take(array, at, axis=-1, mode="clip")

        at = places.astype(np.intp)
        return Rows(
            ids=taken(self.ids),
            at=taken(self.at),
            kinds=taken(self.kinds),
            flags=taken(self.flags),
            numbers=taken(self.numbers),
            texts=taken(self.texts),
            days=taken(self.days) if len(self.days) else self.days,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Who there is, and what is said of them."""

    people: Ids
    """Ascending."""
    holds: Flags
    """Question by person."""
    doubts: Flags
    """Of whom an answer may be wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Questions about people, asked of any number of rows."""

    asked: Sequence[Asked]
    flags: Mapping[str, int]
    """The bit of each flag."""
    numbers: Sequence[str]
    texts: Sequence[str]
    kinds: int
    """The highest code of a kind of rows."""
    now: int
    """The moment of asking, in microseconds since 1970."""
    today: int
    """Its local day, counted from 1970-01-01."""

    def judged(self, rows: Rows) -> Judged:
        """What is said of the people whose rows these are; all of a person's have to be among them."""
        return self.judged_apart(rows, _NOBODY, _NOBODY)[0]

    def judged_apart(self, rows: Rows, others: Ids, owners: Ids) -> tuple[Judged, Rows]:
        """What is said of all but some other profiles (ascending), and the rows of those as their owners'.

        Those rows are in order of owner; each profile's are in order of time.
        """
        # Loading the compiler takes a second and some memory: nobody pays for it who asks nothing of many.
        from perennial.backends.clickhouse.arrays import ordering, parting  # noqa: PLC0415

        borders = ordering.runs_of(rows.ids)
        if len(borders) > ordering.MOST_RUNS:
            rows = rows.take(np.lexsort((rows.at, rows.ids)))
            borders = np.array([0, len(rows.ids)], dtype=np.int64)
        order = ordering.in_order(rows.ids, rows.at, borders)
        theirs, whose = _NO_ROWS, _NOBODY
        if len(others):
            order, (theirs, whose) = parting.without(*order, others, owners)
        return self._in_order(rows, order), rows.take(theirs).under(whose)

    def judged_together(self, rows: Rows) -> Judged:
        """What is said of people whose rows come in stretches, each in order of time."""
        from perennial.backends.clickhouse.arrays import parting  # noqa: PLC0415

        return self._in_order(rows, parting.together(rows.ids, rows.at))

    def _in_order(self, rows: Rows, order: Order) -> Judged:
        from perennial.backends.clickhouse.arrays import walking  # noqa: PLC0415

        people, begins, came = order
        layout = Layout(flags=self.flags, numbers=self.numbers, texts=self.texts)
        program = Compiler(layout=layout, kinds=self.kinds + 1).program(self.asked)
        holds = np.empty((program.answers, len(people)), dtype=np.bool_)
        doubts = np.zeros(len(people), dtype=np.bool_)
        walking.walk(
            (rows.at, rows.kinds, rows.flags, rows.numbers, rows.texts, rows.days),
            (begins, came),
            (program.firsts, program.windows, program.masks, program.steps),
            (
                program.plain,
                program.ranges,
                program.others,
                program.limits,
                program.earlier,
                program.literals,
            ),
            (self.now, self.today),
            holds,
            doubts,
        )
        return Judged(people=people, holds=holds, doubts=doubts)
