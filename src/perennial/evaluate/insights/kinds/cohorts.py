"""Retention: who comes back so many intervals after they began."""

from collections.abc import Iterator
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.answers import Answer, Cell, number, rate_of, wilson, with_part
from perennial.evaluate.insights.facts import Contributors, Facts, presence_of
from perennial.evaluate.insights.model import FEW_PEOPLE, Retention
from perennial.evaluate.insights.periods import Period
from perennial.evaluate.insights.ports import Flags, Ids, Numbers, Presence, Rows
from perennial.kernel.conditions.model import EventPattern
from perennial.kernel.values import Json

_UNITS = {"hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_592_000}
"""Seconds of a unit by the clock: a month has 30 days."""
_NUMBER = np.dtype(np.float64)


class Retained:
    """Answers retention: column 0 is the cohort, column k who came back k intervals later.

    The denominator is column 0; a return in the interval of the start never counts. Intervals that have not
    ended are marked.
    """

    def __init__(self, spec: Retention, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period
        self._edges = tuple(accumulate(spec.brackets))
        self._read: Rows | None = None

    def answer(self) -> Answer:
        """Every cohort with its cells, a triangle."""
        shown: list[Json] = []
        for label, starts, back in self._parts():
            for cohort in range(len(self._period)):
                in_it = starts.at(cohort)
                size = int(np.count_nonzero(in_it))
                cells = [
                    self._cell(label, cohort, k, size, self._value(starts, back, in_it, cohort, k))
                    for k in range(self._columns(cohort))
                ]
                at = self._period.label(cohort)
                incomplete = self._period.is_incomplete(cohort)
                shown.append(
                    {
                        "at": at,
                        "breakdown": label or None,
                        "size": size,
                        "incomplete": incomplete,
                        "cells": cells,
                    }
                )
        return {"cohorts": shown}

    def people(self, cell: Cell) -> Contributors:
        """Who is in a cohort, or came back so many intervals later."""
        cell.known("cohort", "k", "breakdown")
        cohort = cell.interval("cohort", self._period)
        k = cell.whole("k", most=max(self._columns(cohort) - 1, 0))
        parts = list(self._parts())
        _, starts, back = parts[cell.part([label for label, _, _ in parts])]
        in_it = starts.at(cohort)
        if self._spec.value.kind == "sum":
            people, amounts = self._brought(starts.people[in_it], cohort, k)
            return Contributors(people=people, amounts=amounts)
        if k == 0:
            return Contributors(people=starts.people[in_it])
        return Contributors(people=starts.people[in_it & self._returned(starts, back, cohort, k)])

    def _columns(self, cohort: int) -> int:
        if self._spec.brackets:
            return len(self._spec.brackets) + 1
        return len(self._period) - cohort

    def _value(self, starts: Presence, back: Presence, in_it: Flags, cohort: int, k: int) -> float:
        if self._spec.value.kind == "sum":
            return float(self._brought(starts.people[in_it], cohort, k)[1].sum())
        if k == 0:
            return float(np.count_nonzero(in_it))
        return float(np.count_nonzero(in_it & self._returned(starts, back, cohort, k)))

    def _cell(self, label: str, cohort: int, k: int, size: int, value: float) -> Answer:
        first, last = self._span(cohort, k)
        cell = with_part({"cohort": self._period.label(cohort), "k": k}, label)
        is_people = self._spec.value.kind == "people"
        return {
            "k": k,
            "value": number(value),
            "rate": rate_of(value, size),
            "interval95": wilson(value, size) if is_people else None,
            "incomplete": last >= len(self._period)
            or any(self._period.is_incomplete(one) for one in range(first, last + 1)),
            "few": size < FEW_PEOPLE,
            "cell": cell,
        }

    def _span(self, cohort: int, k: int) -> tuple[int, int]:
        """The first and last interval whose returns a column counts."""
        if self._spec.brackets and k > 0:
            before = 0 if k == 1 else self._edges[k - 2]
            return cohort + before + 1, cohort + self._edges[k - 1]
        if self._spec.mode == "on_or_after" and k > 0:
            return cohort + k, len(self._period) - 1
        return cohort + k, cohort + k

    def _returned(self, starts: Presence, back: Presence, cohort: int, k: int) -> Flags:
        first, last = self._span(cohort, k)
        if self._spec.clock == "24h":
            return self._by_clock(starts.people, cohort, k)
        came = np.zeros(len(back.people), dtype=np.bool_)
        for place in range(first, min(last, len(self._period) - 1) + 1):
            came |= back.at(place)
        return _aligned(starts.people, back.people, came)

    def _parts(self) -> Iterator[tuple[str, Presence, Presence]]:
        """Each part: who began when, and who was back when."""
        spec, period = self._spec, self._period
        back = self._facts.presence(spec.back, period, at_least=spec.at_least)
        for label, starts in self._facts.parts(spec.start, period):
            yield label, starts if spec.cohort == "recurring" else self._first_ones(starts), back

    def _first_ones(self, starts: Presence) -> Presence:
        """Only the interval of each one's first start, over all of their life."""
        firsts = self._facts.firsts(self._spec.start, until=self._period.until)
        people, at = firsts.people, firsts.at
        if self._spec.cohort == "first_ever":
            bare = self._facts.firsts(EventPattern(event=self._spec.start.event), until=self._period.until)
            at_all = bare.at[np.searchsorted(bare.people, people)]
            people, at = people[at_all == at], at[at_all == at]
        place = np.searchsorted(np.array(self._period.borders), at, side="right") - 1
        inside = (place >= 0) & (place < len(self._period)) & np.isin(people, starts.people)
        return presence_of(people[inside], place[inside], len(self._period), starts.events)

    # --- by the clock, and in money: row by row ------------------------------------------------------

    def _rows(self) -> tuple[Rows, Flags, Flags]:
        """Rows of starts and returns, and which are which."""
        if self._read is None:
            names = (self._spec.value.property,) if self._spec.value.property else ()
            self._read = self._facts.rows(
                [self._spec.start, self._spec.back],
                start=self._period.start,
                until=self._period.until,
                numbers=names,
            )
        return self._read, self._read.matches & 1 > 0, self._read.matches & 2 > 0

    def _by_clock(self, people: Ids, cohort: int, k: int) -> Flags:
        """Who came back k units of time after their first start of the interval."""
        rows, starts, back = self._rows()
        unit = _UNITS[self._period.unit] * 1_000_000
        begun = self._begun(people, rows, starts, cohort)
        mine = np.minimum(np.searchsorted(people, rows.people), max(len(people) - 1, 0))
        known = people[mine] == rows.people if len(people) else np.zeros(len(rows.people), dtype=np.bool_)
        after = np.full(len(rows.people), -1, dtype=np.int64)
        after[known] = rows.at[known] - begun[mine[known]]
        later = after // unit
        first, last = self._span(0, k)
        chosen = known & back & (begun[mine] >= 0) & (after >= 0) & (later >= first)
        if self._spec.mode == "exact" or self._spec.brackets:
            chosen &= later <= last
        returned = np.zeros(len(people), dtype=np.bool_)
        returned[mine[chosen]] = True
        return returned

    def _begun(self, people: Ids, rows: Rows, starts: Flags, cohort: int) -> NDArray[np.int64]:
        """When each one first started in the interval, -1 where they did not."""
        low, high = self._period.borders[cohort], self._period.borders[cohort + 1]
        chosen = starts & (rows.at >= low) & (rows.at < high)
        who, first = np.unique(rows.people[chosen], return_index=True)
        at = rows.at[chosen][first]
        begun = np.full(len(people), -1, dtype=np.int64)
        places = np.searchsorted(people, who)
        inside = (places < len(people)) & (people[np.minimum(places, max(len(people) - 1, 0))] == who)
        begun[places[inside]] = at[inside]
        return begun

    def _brought(self, people: Ids, cohort: int, k: int) -> tuple[Ids, Numbers]:
        """Who brought how much in a column: in column 0 after the start, unless both are one event."""
        rows, starts, back = self._rows()
        first, last = self._span(cohort, k)
        low = self._period.borders[first]
        high = (
            self._period.borders[min(last, len(self._period) - 1) + 1] if first < len(self._period) else low
        )
        chosen = back & (rows.at >= low) & (rows.at < high) & np.isin(rows.people, people)
        if k == 0 and self._spec.start != self._spec.back:
            begun = self._begun(people, rows, starts, cohort)
            place = np.minimum(np.searchsorted(people, rows.people), max(len(people) - 1, 0))
            chosen &= rows.at > begun[place]
        amounts = np.nan_to_num(rows.numbers[0][chosen])
        who, place = np.unique(rows.people[chosen], return_inverse=True)
        return who, np.bincount(place, weights=amounts, minlength=len(who)).astype(_NUMBER)


def _aligned(people: Ids, others: Ids, flags: Flags) -> Flags:
    """Flags about some people, as flags about others; who is not among them has none."""
    if not len(others):
        return np.zeros(len(people), dtype=np.bool_)
    places = np.minimum(np.searchsorted(others, people), len(others) - 1)
    return flags[places] & (others[places] == people)
