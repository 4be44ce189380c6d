"""What insights need of the event store: narrow columns about people, by interval, or row by row.

People are canonical profiles: who was merged is one person in every answer. Ids are ascending.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.model import Count
from perennial.evaluate.insights.periods import Period
from perennial.kernel.conditions.model import EventPattern

Ids = NDArray[np.uint64]
Instants = NDArray[np.int64]
"""Microseconds since 1970, UTC."""
Numbers = NDArray[np.float64]
Places = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Who was there in which intervals of a period."""

    people: Ids
    words: NDArray[np.uint64]
    """People by words: the interval's place is bit `place % 64` of word `place // 64`."""
    events: int
    """How many events that rests on."""

    def at(self, place: int) -> Flags:
        """Who was there in an interval."""
        word = self.words[:, place >> 6]
        return (word >> np.uint64(place & 63)) & np.uint64(1) != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What each person did in each interval, in each part of a breakdown; absent where they did nothing."""

    people: Ids
    place: Places
    group: Places
    """Which part of the breakdown: its place in `labels`."""
    events: NDArray[np.int64]
    numbers: NDArray[np.int64]
    """How many of the events' values are numbers."""
    total: Numbers
    low: Numbers
    high: Numbers
    labels: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What happened in each interval, in each part of a breakdown, whoever did it."""

    place: Places
    group: Places
    value: Numbers
    events: NDArray[np.int64]
    labels: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text of each row as a code; 0 is that there is none."""

    codes: NDArray[np.int64]
    labels: tuple[str, ...]
    """The text of code 1, of code 2 …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of the log, by person, then time, then message."""

    people: Ids
    at: Instants
    matches: NDArray[np.uint32]
    """Which of the patterns asked for a row is an event of: one bit each."""
    words: tuple[Words, ...] = ()
    """The texts asked for, in their order."""
    numbers: tuple[Numbers, ...] = ()
    """The numbers asked for; not a number where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firsts:
    """When each person did something first."""

    people: Ids
    at: Instants


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What is known of each person at a trait or tag; people of whom nothing is known are absent."""

    people: Ids
    codes: Places
    labels: tuple[str, ...]


NAME = "\0name"
"""In place of a property's name: the event's own name is asked for."""


class InsightLog(Protocol):
    """The log as insights read it."""

    def version(self) -> Hashable:
        """What is equal only while the log is the same."""
        ...

    def presence(self, pattern: EventPattern, period: Period, *, at_least: int = 1) -> Presence:
        """In which intervals people had so many such events."""
        ...

    def cells(
        self, pattern: EventPattern, period: Period, *, value: str | None = None, by: str | None = None
    ) -> Cells:
        """Such events of each person by interval, with sums of a property, divided by another."""
        ...

    def totals(
        self, pattern: EventPattern, period: Period, count: Count, *, by: str | None = None, raw: bool = False
    ) -> Totals:
        """A number of each interval that no person matters to: total, sum, avg, min, max, median, p90."""
        ...

    def rows(
        self,
        patterns: Sequence[EventPattern],
        *,
        start: int,
        until: int,
        words: Sequence[str] = (),
        numbers: Sequence[str] = (),
        within: Ids | None = None,
    ) -> Rows:
        """Rows that match any of at most 32 patterns, of some people only where those are named."""
        ...

    def firsts(self, pattern: EventPattern | None, *, until: int) -> Firsts:
        """When each person first did something, ever; None: anything that was told of them."""
        ...

    def traits(self, name: str, *, as_of: datetime) -> Labelled:
        """What everyone's trait was at a moment."""
        ...

    def late(self, start: int, until: int, *, after: datetime) -> int:
        """How many events of a span arrived after a moment."""
        ...
