"""Pieces of results: numbers with their cells, rates with intervals, and cells that come back."""

import math
from collections.abc import Mapping, Sequence

from scipy.stats import norm

from perennial.evaluate.insights.model import FEW_PEOPLE
from perennial.evaluate.insights.periods import Period
from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.values import Json

Answer = dict[str, Json]
_Z = float(norm.ppf(0.975))


def wilson(successes: float, trials: float) -> Json:
    """Wilson's 95 % interval of a rate, [low, high]; None where nobody was asked (Wilson 1927)."""
    if trials <= 0:
        return None
    rate, square = successes / trials, _Z * _Z
    centre = (rate + square / (2 * trials)) / (1 + square / trials)
    half = _Z / (1 + square / trials) * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials**2))
    return [max(0.0, centre - half), min(1.0, centre + half)]


def rate_of(successes: float, trials: float) -> float | None:
    """A share, None where there is nothing to take it of."""
    return successes / trials if trials else None


def compared_rates(successes: Sequence[int], trials: Sequence[int]) -> Json:
    """Whether two shares differ: the z-test of two proportions with a pooled variance, two-sided."""
    if min(trials) < FEW_PEOPLE:
        return {"difference": None, "p_value": None, "reason": "too_few_people"}
    first, second = (s / n for s, n in zip(successes, trials, strict=True))
    pooled = sum(successes) / sum(trials)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / trials[0] + 1 / trials[1]))
    p_value = 1.0 if spread == 0 else float(2 * norm.sf(abs(first - second) / spread))
    return {"difference": first - second, "p_value": p_value, "reason": None}


def number(value: float | None) -> float | int | None:
    """A number as JSON shows it: whole ones without a point, missing ones as null."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else float(value)


class Cell:
    """A cell that was sent back, to be read."""

    def __init__(self, document: Json) -> None:
        if not isinstance(document, Mapping):
            raise wrong_cell("$.cell", "A cell is an object, as the result has it at each number.")
        self._document = document

    def get(self, key: str) -> Json:
        """A field, None where it is absent."""
        return self._document.get(key)

    def known(self, *keys: str) -> None:
        """Refuse fields that mean nothing here."""
        for key in self._document:
            if key not in (*keys, "compare"):
                raise wrong_cell(f"$.cell.{key}", f"{key!r} is no part of this cell.", nearest(key, keys))

    def whole(self, key: str, *, least: int = 0, most: int) -> int:
        """A whole number within limits."""
        value = self.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise wrong_cell(f"$.cell.{key}", f"`{key}` is a whole number from {least} to {most}, not {value!r}.")

    def word(self, key: str, known: Sequence[str]) -> str:
        """One of the words there are."""
        value = self.get(key)
        if isinstance(value, str) and value in known:
            return value
        raise wrong_cell(f"$.cell.{key}", f"There is no {value!r} here.", nearest(str(value), known))

    def interval(self, key: str, period: Period) -> int:
        """The interval of a name."""
        place = period.place_of_label(self.get(key))
        if place is None:
            named = [period.label(one) for one in range(len(period))]
            hint = nearest(str(self.get(key)), named)
            raise wrong_cell(f"$.cell.{key}", f"There is no interval {self.get(key)!r}.", hint)
        return place

    def part(self, labels: Sequence[str]) -> int:
        """The part of the breakdown; the first where nothing was divided."""
        value = self.get("breakdown")
        if value is None and len(labels) == 1:
            return 0
        return list(labels).index(self.word("breakdown", labels))


def wrong_cell(path: str, message: str, hint: str = "") -> InvalidDocument:
    """That a cell is none of the result."""
    return InvalidDocument([Problem(path=path, code="bad_cell", message=message, hint=hint)])


def with_part(cell: Answer, label: str) -> Answer:
    """A cell with its part of the breakdown, where there is one."""
    return {**cell, "breakdown": label} if label else cell
