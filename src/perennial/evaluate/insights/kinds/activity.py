"""Lifecycle and stickiness: who is new, stayed, came back, fell asleep; and how often people are there."""

import numpy as np

from perennial.evaluate.insights.answers import Answer, Cell, with_part
from perennial.evaluate.insights.facts import Contributors, Facts
from perennial.evaluate.insights.model import Lifecycle, Stickiness
from perennial.evaluate.insights.periods import Period, extended
from perennial.evaluate.insights.ports import Flags, Ids, Presence
from perennial.kernel.values import Json

STATUSES = ("new", "returning", "resurrecting", "dormant")


class Lifecycles:
    """Answers lifecycles.

    New is whose first sight of all lies in the interval; returning who was active in the one before;
    resurrecting whoever else is active. Dormant, shown negative, was active in the interval before and is not
    now. So the change of active people is new + resurrecting + dormant, always.
    """

    def __init__(self, spec: Lifecycle, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period
        self._longer = extended(period, before=1)

    def answer(self) -> Answer:
        """The four statuses of every interval."""
        intervals: list[Json] = []
        created = self._facts.firsts(None, until=self._longer.until)
        for label, present in self._facts.parts(self._spec.event, self._longer):
            born = _places(present.people, created.people, created.at, self._longer)
            for place in range(len(self._period)):
                counts = {
                    status: int(np.count_nonzero(_are(status, present, born, place + 1)))
                    for status in STATUSES
                }
                intervals.append(self._shown(place, label, counts))
        return {"intervals": intervals}

    def people(self, cell: Cell) -> Contributors:
        """Who has a status in an interval."""
        cell.known("at", "status", "breakdown")
        status = cell.word("status", STATUSES)
        place = cell.interval("at", self._period)
        created = self._facts.firsts(None, until=self._longer.until)
        parts = self._facts.parts(self._spec.event, self._longer)
        present = parts[cell.part([label for label, _ in parts])][1]
        born = _places(present.people, created.people, created.at, self._longer)
        return Contributors(people=present.people[_are(status, present, born, place + 1)])

    def _shown(self, place: int, label: str, counts: dict[str, int]) -> Answer:
        at = self._period.label(place)
        shown: Answer = {"at": at, "breakdown": label or None}
        cells: Answer = {}
        for status, count in counts.items():
            shown[status] = -count if status == "dormant" else count
            cells[status] = with_part({"at": at, "status": status}, label)
        return {**shown, "incomplete": self._period.is_incomplete(place), "cells": cells}


class Sticking:
    """Answers stickiness: people by the number of intervals in which they were active."""

    def __init__(self, spec: Stickiness, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """How many people were active in exactly one interval, in two …"""
        buckets: list[Json] = []
        for label, present in self._facts.parts(self._spec.event, self._period):
            counts = np.bincount(_intervals(present), minlength=len(self._period) + 1)
            for intervals in range(1, len(self._period) + 1):
                cell = with_part({"intervals": intervals}, label)
                people = int(counts[intervals])
                buckets.append(
                    {"intervals": intervals, "people": people, "breakdown": label or None, "cell": cell}
                )
        return {"buckets": buckets}

    def people(self, cell: Cell) -> Contributors:
        """Who was active in exactly so many intervals."""
        cell.known("intervals", "breakdown")
        wanted = cell.whole("intervals", least=1, most=len(self._period))
        parts = self._facts.parts(self._spec.event, self._period)
        present = parts[cell.part([label for label, _ in parts])][1]
        return Contributors(people=present.people[_intervals(present) == wanted])


def _intervals(present: Presence) -> np.ndarray:
    return np.bitwise_count(present.words).sum(axis=1).astype(np.int64)


def _are(status: str, present: Presence, born: np.ndarray, place: int) -> Flags:
    """Who has a status in an interval of the longer period."""
    now, before = present.at(place), present.at(place - 1)
    if status == "dormant":
        return before & ~now
    is_new = born == place
    if status == "new":
        return now & is_new
    return now & ~is_new & (before if status == "returning" else ~before)


def _places(people: Ids, created: Ids, at: np.ndarray, period: Period) -> np.ndarray:
    """The interval in which each person was first seen, -1 where that was before all of them."""
    if not len(created):
        return np.full(len(people), -1, dtype=np.int64)
    firsts = at[np.minimum(np.searchsorted(created, people), len(created) - 1)]
    return np.searchsorted(np.array(period.borders), firsts, side="right") - 1
