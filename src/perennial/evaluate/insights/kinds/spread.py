"""Distribution: how many people did something how often, in each interval."""

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.answers import Answer, Cell, number, with_part
from perennial.evaluate.insights.facts import Contributors, Facts
from perennial.evaluate.insights.model import Distribution
from perennial.evaluate.insights.periods import Period
from perennial.evaluate.insights.ports import Cells
from perennial.kernel.values import Json


class Distributions:
    """Answers distributions: people by how much of a measure they have in an interval."""

    def __init__(self, spec: Distribution, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """Every interval's buckets; who has nothing is in none."""
        cells = self._facts.divided_cells(self._spec.event, self._period, value=self._spec.count.property)
        bucket = self._buckets(cells)
        intervals: list[Json] = []
        for part, label in enumerate(cells.labels):
            if len(cells.labels) > 1 and not (cells.group == part).any():
                continue
            for place in range(len(self._period)):
                chosen = (cells.group == part) & (cells.place == place) & (bucket >= 0)
                counts = np.bincount(bucket[chosen], minlength=len(self._spec.buckets))
                intervals.append(self._shown(place, label, counts))
        return {"intervals": intervals}

    def people(self, cell: Cell) -> Contributors:
        """Who is in a bucket, and with how much."""
        cell.known("at", "bucket", "breakdown")
        cells = self._facts.divided_cells(self._spec.event, self._period, value=self._spec.count.property)
        place = cell.interval("at", self._period)
        wanted = cell.whole("bucket", most=len(self._spec.buckets) - 1)
        chosen = (cells.group == cell.part(cells.labels)) & (cells.place == place)
        chosen &= self._buckets(cells) == wanted
        return Contributors(people=cells.people[chosen], amounts=self._measures(cells)[chosen])

    def _shown(self, place: int, label: str, counts: NDArray[np.int64]) -> Answer:
        at = self._period.label(place)
        edges = self._spec.buckets
        buckets: list[Json] = []
        for bucket, low in enumerate(edges):
            high = edges[bucket + 1] if bucket + 1 < len(edges) else None
            buckets.append(
                {
                    "from": number(low),
                    "to": number(high),
                    "people": int(counts[bucket]),
                    "cell": with_part({"at": at, "bucket": bucket}, label),
                }
            )
        incomplete = self._period.is_incomplete(place)
        return {"at": at, "breakdown": label or None, "incomplete": incomplete, "buckets": buckets}

    def _buckets(self, cells: Cells) -> NDArray[np.int64]:
        """The bucket of each cell, -1 for those below all, or without a number."""
        measures = self._measures(cells)
        places = np.searchsorted(np.array(self._spec.buckets), measures, side="right") - 1
        return np.where(np.isnan(measures), -1, places)

    def _measures(self, cells: Cells) -> NDArray[np.float64]:
        has = cells.numbers > 0
        match self._spec.count.kind:
            case "total":
                return cells.events.astype(np.float64)
            case "sum":
                return np.where(has, cells.total, np.nan)
            case "avg":
                return np.where(has, cells.total / np.maximum(cells.numbers, 1), np.nan)
            case "min":
                return np.where(has, cells.low, np.nan)
            case _:
                return np.where(has, cells.high, np.nan)
