"""Questions as a program of plain arrays, which the walk over the rows carries out.

Two tables: accumulators, what is counted of a person's rows; and verdicts, what is made of those. A table's
rows are the records below, laid out as columns by their fields.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from perennial.backends.clickhouse.arrays import codes
from perennial.backends.clickhouse.arrays.asked import (
    Amount,
    Asked,
    AskedChange,
    AskedFirst,
    AskedLast,
    AskedNumber,
    Chosen,
)
from perennial.kernel.conditions.model import Test

_EVER = -(2**63)
_OPEN = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the walk finds what is named: the bit of each flag, the place of each column."""

    flags: Mapping[str, int]
    numbers: Sequence[str]
    texts: Sequence[str]

    def mask(self, names: Sequence[str]) -> int:
        """Flags as bits."""
        mask = 0
        for name in names:
            mask |= 1 << self.flags[name]
        return mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Accumulator:
    """Something that is counted of a person's rows of a kind."""

    kind: int
    does: int
    after: int = _EVER
    until: int = _OPEN
    mask: int = 0
    """Bits that a row has to have."""
    bit: int = 0
    """The bit that the latest row is asked for."""
    column: int = -1
    how_many: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Questions, compiled: accumulators side by side in columns, verdicts one below the other in rows."""

    firsts: NDArray[np.int64]
    """Where the accumulators of each kind of rows begin, those that reach back furthest first, and end."""
    windows: NDArray[np.int64]
    """Of each accumulator the instants that bound it, from the first exclusive to the second inclusive."""
    masks: NDArray[np.uint64]
    """Of each accumulator the bits a row must have, and the bit that is asked for."""
    steps: NDArray[np.int64]
    """Of each accumulator what it does, its column, its column of counts."""
    plain: NDArray[np.int64]
    """Of each verdict that tests one number: the accumulator, the place of the answer, whether outside."""
    ranges: NDArray[np.float64]
    """Of each of those the borders, inclusive."""
    others: NDArray[np.int64]
    """Of each other verdict: its sort, accumulator, place, the range of earlier accumulators, the range of
    literals, how it passes, and an instant or what is said where there is no row."""
    limits: NDArray[np.float64]
    """Of each of those the borders, and the least that was before."""
    earlier: NDArray[np.int64]
    literals: NDArray[np.float64]
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Which numbers pass a test."""

    how: int
    low: float = 0.0
    high: float = 0.0
    among: tuple[float, ...] = ()


_ANY = Passing(how=codes.INSIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    sort: int
    accumulator: int
    place: int = -1
    earlier: tuple[int, ...] = ()
    passing: Passing = _ANY
    floor: float = 0.0
    extra: int = 0

    @property
    def is_plain(self) -> bool:
        return self.sort == codes.NUMBER and self.passing.how in (codes.INSIDE, codes.OUTSIDE)


@dataclass(slots=True, kw_only=True)
class Compiler:
    """A program in the making."""

    layout: Layout
    kinds: int
    """One more than the highest code of a kind."""
    _accumulators: dict[Accumulator, int] = field(default_factory=dict[Accumulator, int])
    _verdicts: list[_Verdict] = field(default_factory=list[_Verdict])
    _listed: dict[Accumulator, None] = field(default_factory=dict[Accumulator, None])

    def program(self, asked: Sequence[Asked]) -> Program:
        """The questions, in this order, as a program."""
        for place, one in enumerate(asked):
            self._verdicts.append(self._verdict(one, place))
        for listed in self._listed:
            self._verdicts.append(_Verdict(sort=codes.SOME, accumulator=self._accumulator(listed)))
        return self._laid_out(len(asked))

    def _verdict(self, asked: Asked, place: int) -> _Verdict:
        match asked:
            case AskedNumber():
                amount, passing = self._amount(asked.amount), passing_of(asked.test)
                return _Verdict(sort=codes.NUMBER, accumulator=amount, place=place, passing=passing)
            case AskedChange():
                return _Verdict(
                    sort=codes.SHARE if asked.percent else codes.DIFFERENCE,
                    accumulator=self._amount(asked.now),
                    place=place,
                    earlier=tuple(self._amount(amount) for amount in asked.before),
                    passing=passing_of(asked.test),
                    # Without a floor, any number above nothing is ground for a change.
                    floor=float(np.nextafter(0.0, 1.0)) if asked.floor is None else asked.floor,
                )
            case AskedLast():
                last = self._chosen(asked.chosen, codes.LATEST, bit=self.layout.mask([asked.test]))
                return _Verdict(sort=codes.PASSED, accumulator=last, place=place, extra=int(asked.otherwise))
            case AskedFirst():
                first = self._chosen(asked.chosen, codes.FIRST)
                return _Verdict(sort=codes.BY, accumulator=first, place=place, extra=asked.by)
            case _:
                assert_never(asked)

    def _amount(self, amount: Amount) -> int:
        value, tests = amount.value, amount.chosen.tests
        window = (
            _EVER if amount.after is None else amount.after,
            _OPEN if amount.until is None else amount.until,
        )
        if value is None:
            return self._chosen(amount.chosen, codes.DOES[amount.kind], window=window)
        if value.listed is not None:
            mask = self.layout.mask([*tests, value.listed])
            self._listed[
                Accumulator(
                    kind=amount.chosen.kind, does=codes.COUNT, after=window[0], until=window[1], mask=mask
                )
            ] = None
        return self._accumulator(
            Accumulator(
                kind=amount.chosen.kind,
                does=codes.DOES[amount.kind],
                after=window[0],
                until=window[1],
                mask=self.layout.mask([*tests, value.has]),
                column=_place(self.layout.numbers, value.number)
                if value.text is None
                else _place(self.layout.texts, value.text),
                how_many=_place(self.layout.numbers, value.how_many),
            )
        )

    def _chosen(
        self, chosen: Chosen, does: int, *, window: tuple[int, int] = (_EVER, _OPEN), bit: int = 0
    ) -> int:
        mask = self.layout.mask(chosen.tests)
        return self._accumulator(
            Accumulator(kind=chosen.kind, does=does, after=window[0], until=window[1], mask=mask, bit=bit)
        )

    def _accumulator(self, accumulator: Accumulator) -> int:
        """Its number; the same is counted once."""
        return self._accumulators.setdefault(accumulator, len(self._accumulators))

    def _laid_out(self, answers: int) -> Program:
        ordered = sorted(self._accumulators, key=lambda it: (it.kind, it.after))
        places = {self._accumulators[it]: number for number, it in enumerate(ordered)}
        steps = [(it.does, it.column, it.how_many) for it in ordered]
        plain = [it for it in self._verdicts if it.is_plain]
        others = [it for it in self._verdicts if not it.is_plain]
        earlier = [places[number] for it in others for number in it.earlier]
        literals = [number for it in others for number in it.passing.among]
        return Program(
            firsts=np.searchsorted([it.kind for it in ordered], np.arange(self.kinds + 1)).astype(np.int64),
            windows=_columns([(it.after, it.until) for it in ordered], 2),
            masks=np.array([(it.mask, it.bit) for it in ordered], dtype=np.uint64).reshape(-1, 2).T.copy(),
            steps=_columns(steps, 3),
            plain=_rows([(places[it.accumulator], it.place, it.passing.how) for it in plain], 3),
            ranges=_limits([(it.passing.low, it.passing.high) for it in plain], 2),
            others=_rows(_places_of(others, places), 9),
            limits=_limits([(it.passing.low, it.passing.high, it.floor) for it in others], 3),
            earlier=np.array(earlier, dtype=np.int64),
            literals=np.array(literals, dtype=np.float64),
            answers=answers,
        )


def passing_of(test: Test) -> Passing:
    """Which numbers pass a number test: `conditions.rules.number_passes`, as borders or as a few numbers."""
    literals = literals_of(test)
    if test.operator in ("in", "any_of", "not_in"):
        how = codes.NOT_AMONG if test.operator == "not_in" else codes.AMONG
        return Passing(how=how, among=tuple(literals))
    first, last = literals[0], literals[-1]
    match test.operator:
        case "=" | "between":
            return Passing(how=codes.INSIDE, low=first, high=last)
        case "!=":
            return Passing(how=codes.OUTSIDE, low=first, high=first)
        case ">=":
            return Passing(how=codes.INSIDE, low=first, high=np.inf)
        case ">":
            return Passing(how=codes.INSIDE, low=float(np.nextafter(first, np.inf)), high=np.inf)
        case "<=":
            return Passing(how=codes.INSIDE, low=-np.inf, high=first)
        case "<":
            return Passing(how=codes.INSIDE, low=-np.inf, high=float(np.nextafter(first, -np.inf)))
        case _:
            raise TypeError(f"{test.operator} is not a number test")


def _places_of(others: Sequence[_Verdict], places: Mapping[int, int]) -> list[tuple[int, ...]]:
    """Verdicts as numbers; ranges are those of all earlier accumulators and literals, one after the other."""
    rows: list[tuple[int, ...]] = []
    earlier = literals = 0
    for it in others:
        ends = (earlier + len(it.earlier), literals + len(it.passing.among))
        row = (it.sort, places[it.accumulator], it.place, earlier, ends[0], literals, ends[1])
        rows.append((*row, it.passing.how, it.extra))
        earlier, literals = ends
    return rows


def _rows(rows: Sequence[tuple[int, ...]], width: int) -> NDArray[np.int64]:
    return np.array(rows, dtype=np.int64).reshape(-1, width)


def _columns(rows: Sequence[tuple[int, ...]], width: int) -> NDArray[np.int64]:
    return _rows(rows, width).T.copy()


def _limits(rows: Sequence[tuple[float, ...]], width: int) -> NDArray[np.float64]:
    return np.array(rows, dtype=np.float64).reshape(-1, width)


def literals_of(test: Test) -> list[float]:
    """The numbers that a number test compares with."""
    literals = test.literal if isinstance(test.literal, tuple) else (test.literal,)
    return [float(literal) for literal in literals if isinstance(literal, int | float)]


def _place(columns: Sequence[str], name: str | None) -> int:
    return -1 if name is None else columns.index(name)
