"""What an insight is answered from: the log, narrowed to whom it is about, and divided as it asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from perennial.compute.profiles.ports import Quantities, Quantity
from perennial.evaluate.insights.model import MOST_VALUES, NONE, OTHER, Breakdown, Count, Shared
from perennial.evaluate.insights.periods import Period
from perennial.evaluate.insights.ports import (
    Cells,
    Firsts,
    Flags,
    Ids,
    InsightLog,
    Labelled,
    Numbers,
    Presence,
    Rows,
    Totals,
)
from perennial.kernel.conditions.model import Condition, EventPattern
from perennial.kernel.conditions.moment import Moment


class KnownPeople(Protocol):
    """What is known of people besides the log."""

    def members(self, condition: Condition, at: Moment) -> Ids:
        """Who meets a condition at a moment, ascending."""
        ...

    def tag(self, tag_id: str, at: Moment) -> Labelled:
        """Everyone's value of a tag at a moment."""
        ...

    def quantities(self, wanted: Sequence[Quantity], at: Moment) -> Quantities:
        """Numbers about everyone at a moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributors:
    """Who makes up a number, ascending, and with how much; None where each is one."""

    people: Ids
    amounts: Numbers | None = None


@dataclass(slots=True, kw_only=True)
class Facts:
    """The log and what is known, as one insight looks at them."""

    log: InsightLog
    known: KnownPeople
    shared: Shared
    at: Moment
    events: int = 0
    """How many events were read so far."""
    _among: Ids | None = field(default=None)
    _labels: Labelled | None = field(default=None)

    def narrowed(self) -> "Facts":
        """The same with whoever the insight is about looked up once."""
        if self.shared.among is not None:
            self._among = self.known.members(self.shared.among, self.at)
        return self

    @property
    def among(self) -> Ids | None:
        """Whom the insight is about; None for everyone."""
        return self._among

    def is_about(self, people: Ids) -> Flags:
        """Which of these people it is about."""
        if self._among is None:
            return np.ones(len(people), dtype=np.bool_)
        return are_in(people, self._among)

    def presence(self, pattern: EventPattern, period: Period, *, at_least: int = 1) -> Presence:
        """In which intervals people had so many such events."""
        found = self.log.presence(pattern, period, at_least=at_least)
        self.events += found.events
        return found if self._among is None else _only(found, self.is_about(found.people))

    def parts(
        self, pattern: EventPattern, period: Period, *, at_least: int = 1
    ) -> Sequence[tuple[str, Presence]]:
        """The same divided by the breakdown: each part's name, and who was there in it."""
        breakdown = self.shared.breakdown
        if breakdown is None:
            return [("", self.presence(pattern, period, at_least=at_least))]
        if breakdown.by == "property":
            return _by_part(self.cells(pattern, period, by=breakdown.name), len(period), at_least)
        found = self.presence(pattern, period, at_least=at_least)
        labels = self.labels(breakdown)
        return [(name, _only(found, chosen)) for name, chosen in labelled(found.people, labels)]

    def cells(
        self, pattern: EventPattern, period: Period, *, value: str | None = None, by: str | None = None
    ) -> Cells:
        """Such events of each person by interval."""
        found = self.log.cells(pattern, period, value=value, by=by)
        self.events += int(found.events.sum())
        return found if self._among is None else chosen_cells(found, self.is_about(found.people))

    def divided_cells(self, pattern: EventPattern, period: Period, *, value: str | None = None) -> Cells:
        """The same with the breakdown's parts as groups."""
        breakdown = self.shared.breakdown
        if breakdown is None or breakdown.by == "property":
            by = None if breakdown is None else breakdown.name
            return self.cells(pattern, period, value=value, by=by)
        found = self.cells(pattern, period, value=value)
        names: list[str] = []
        group = np.zeros(len(found.people), dtype=np.int32)
        for place, (name, chosen) in enumerate(labelled(found.people, self.labels(breakdown))):
            names.append(name)
            group[chosen] = place
        return replace(found, group=group, labels=tuple(names) or ("",))

    def totals(self, pattern: EventPattern, period: Period, count: Count) -> Totals:
        """A number of each interval that no person matters to."""
        breakdown = self.shared.breakdown
        by = breakdown.name if breakdown is not None else None
        found = self.log.totals(pattern, period, count, by=by, raw=self.shared.raw)
        self.events += int(found.events.sum())
        return found

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
        """Rows that match any of the patterns."""
        found = self.log.rows(patterns, start=start, until=until, words=words, numbers=numbers, within=within)
        self.events += len(found.people)
        return found if self._among is None else chosen_rows(found, self.is_about(found.people))

    def firsts(self, pattern: EventPattern | None, *, until: int) -> Firsts:
        """When each person first did something, ever."""
        found = self.log.firsts(pattern, until=until)
        if self._among is None:
            return found
        chosen = self.is_about(found.people)
        return Firsts(people=found.people[chosen], at=found.at[chosen])

    def labels(self, breakdown: Breakdown) -> Labelled:
        """Everyone's trait or tag that the insight is divided by, as of the asking."""
        if self._labels is None:
            if breakdown.by == "trait":
                self._labels = self.log.traits(breakdown.name, as_of=self.at.as_of)
            else:
                self._labels = self.known.tag(breakdown.name, self.at)
        return self._labels


def are_in(people: Ids, among: Ids) -> Flags:
    """Which people are among others, ascending."""
    if not len(among):
        return np.zeros(len(people), dtype=np.bool_)
    places = np.minimum(np.searchsorted(among, people), len(among) - 1)
    return among[places] == people


def labelled(people: Ids, labels: Labelled) -> Iterator[tuple[str, Flags]]:
    """People divided by what is known of each: the most frequent values, the others, and nothing."""
    codes = np.full(len(people), -1, dtype=np.int64)
    if len(labels.people):
        places = np.minimum(np.searchsorted(labels.people, people), len(labels.people) - 1)
        is_known = labels.people[places] == people
        codes[is_known] = labels.codes[places[is_known]]
    counts = np.bincount(codes[codes >= 0], minlength=len(labels.labels))
    order = sorted(range(len(labels.labels)), key=lambda code: (-int(counts[code]), labels.labels[code]))
    present = [code for code in order if counts[code]]
    shown = present[:MOST_VALUES]
    for code in shown:
        yield labels.labels[code], codes == code
    if len(present) > len(shown):
        yield OTHER, (codes >= 0) & ~np.isin(codes, shown)
    if (codes < 0).any():
        yield NONE, codes < 0


def chosen_cells(cells: Cells, chosen: Flags) -> Cells:
    """Some of the cells."""
    return Cells(
        people=cells.people[chosen],
        place=cells.place[chosen],
        group=cells.group[chosen],
        events=cells.events[chosen],
        numbers=cells.numbers[chosen],
        total=cells.total[chosen],
        low=cells.low[chosen],
        high=cells.high[chosen],
        labels=cells.labels,
    )


def chosen_rows(rows: Rows, chosen: Flags) -> Rows:
    """Some of the rows."""
    return Rows(
        people=rows.people[chosen],
        at=rows.at[chosen],
        matches=rows.matches[chosen],
        words=tuple(replace(one, codes=one.codes[chosen]) for one in rows.words),
        numbers=tuple(one[chosen] for one in rows.numbers),
    )


def presence_of(people: Ids, place: np.ndarray, intervals: int, events: int = 0) -> Presence:
    """Who was there when, from pairs of people (ascending) and intervals."""
    width = max(1, -(-intervals // 64))
    if not len(people):
        return Presence(people=people, words=np.empty((0, width), dtype=np.uint64), events=events)
    firsts = np.flatnonzero(np.append([True], people[1:] != people[:-1]))
    words = np.zeros((len(firsts), width), dtype=np.uint64)
    bits = np.uint64(1) << (place.astype(np.uint64) & np.uint64(63))
    for word in range(width):
        theirs = np.where(place >> 6 == word, bits, np.uint64(0))
        words[:, word] = np.bitwise_or.reduceat(theirs, firsts)
    return Presence(people=people[firsts], words=words, events=events)


def _only(found: Presence, chosen: Flags) -> Presence:
    return Presence(people=found.people[chosen], words=found.words[chosen], events=found.events)


def _by_part(cells: Cells, intervals: int, at_least: int) -> Sequence[tuple[str, Presence]]:
    parts: list[tuple[str, Presence]] = []
    for place, name in enumerate(cells.labels):
        chosen = (cells.group == place) & (cells.events >= at_least)
        if chosen.any():
            events = int(cells.events[chosen].sum())
            parts.append((name, presence_of(cells.people[chosen], cells.place[chosen], intervals, events)))
    return parts
