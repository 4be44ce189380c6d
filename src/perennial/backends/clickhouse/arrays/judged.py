"""Rows judged: columns in, and out comes who there is and what every question says of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from perennial.backends.clickhouse.arrays.asked import Asked
from perennial.backends.clickhouse.arrays.programs import Compiler, Layout

Ids = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]
Column = NDArray[np.generic]
Order = tuple[Ids, Integers, NDArray[np.int32]]

_Scalar = TypeVar("_Scalar", bound=np.generic)
_NOBODY: Ids = np.empty(0, dtype=np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of several people, as they came."""

    ids: Ids
    """Whose each row is; nothing where that is said of stretches of rows."""
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
    def columns(self) -> Sequence[Column]:
        """Everything that is said of a row but whose it is, a column each."""
        days = [self.days] if len(self.days) else []
        return [self.at, *self.kinds, *self.flags, *self.numbers, *self.texts, *days]

    @property
    def bytes_of_row(self) -> int:
        """How much memory a row takes, but for whose it is."""
        return sum(column.itemsize for column in self.columns)

    def room_for(self, count: int) -> "Rows":
        """Room for so many rows of the same form, without ids; nothing is said of them yet.

        One piece of memory for all columns, as the system gives a large one in large pages. The widest come
        first, so that each begins where its numbers may.
        """
        memory = np.empty(count * self.bytes_of_row, dtype=np.uint8)
        used = 0

        def room(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
            nonlocal used
            shape = (*array.shape[:-1], count if array.shape[-1] else 0)
            end = used + math.prod(shape) * array.itemsize
            used, begin = end, used
            return memory[begin:end].view(array.dtype).reshape(shape)

        return Rows(
            ids=_NOBODY,
            at=room(self.at),
            numbers=room(self.numbers),
            texts=room(self.texts),
            days=room(self.days),
            kinds=room(self.kinds),
            flags=room(self.flags),
        )

    def take(self, places: NDArray[np.intp]) -> "Rows":
        """Some of the rows, in this order."""
        taken = self.room_for(len(places))
        self.take_into(taken, places, start=0)
        return replace(taken, ids=self.ids[places])

    def take_into(self, room: "Rows", places: NDArray[np.intp], *, start: int) -> None:
        """Some of the rows, in this order, but for whose they are, into room that there is."""
        for column, kept in zip(self.columns, room.columns, strict=True):
            # Every place is inside; not checking it again halves the time.
            np.take(column, places, out=kept[start : start + len(places)], mode="clip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Rows of profiles that are not judged by themselves, among those of others."""

    rows: Rows
    came: NDArray[np.intp]
    """Which rows those are: one profile's after the other's, each in order of time."""
    profiles: Integers
    """Whose they are: places among the profiles that were to be put apart."""
    begins: Integers
    """Where in `came` each profile's rows begin, and the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Rows of people with several profiles, as they came; each profile's are in order of time."""

    rows: Rows
    """Without ids; there may be room behind them, of which nothing is said."""
    people: Ids
    """Ascending."""
    firsts: Integers
    """Where each one's profiles begin among all profiles, and the end."""
    begins: Integers
    """Where each profile's rows begin."""
    ends: Integers
    """Where each profile's rows end."""


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
        return self.judged_apart(rows, _NOBODY)[0]

    def judged_apart(self, rows: Rows, others: Ids) -> tuple[Judged, Apart]:
        """What is said of all but some other profiles (ascending), and the rows of those."""
        # Loading the compiler takes a second and some memory: nobody pays for it who asks nothing of many.
        from perennial.backends.clickhouse.arrays import ordering  # noqa: PLC0415

        borders = ordering.runs_of(rows.ids)
        if len(borders) > ordering.MOST_RUNS:
            rows = rows.take(np.lexsort((rows.at, rows.ids)))
            borders = np.array([0, len(rows.ids)], dtype=np.int64)
        order, (profiles, begins, theirs) = ordering.in_order(rows.ids, rows.at, borders, others)
        apart = Apart(rows=rows, came=theirs.astype(np.intp), profiles=profiles, begins=begins)
        return self._in_order(rows, order), apart

    def judged_together(self, found: Gathered) -> Judged:
        """What is said of people with several profiles; those without rows are left out."""
        from perennial.backends.clickhouse.arrays import parting  # noqa: PLC0415

        order = parting.together(found.people, found.firsts, found.begins, found.ends, found.rows.at)
        return self._in_order(found.rows, order)

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
