"""Trends: how much of something happened in each interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from perennial.evaluate.insights.answers import Answer, Cell, number, with_part
from perennial.evaluate.insights.facts import Contributors, Facts, chosen_cells, presence_of
from perennial.evaluate.insights.formulas import evaluate_formula, letter_of
from perennial.evaluate.insights.model import Count, Series, Trend
from perennial.evaluate.insights.periods import Period, extended
from perennial.evaluate.insights.ports import Cells, Flags, Ids, Numbers, Presence
from perennial.kernel.values import Json

_OF_PEOPLE = ("people", "per_person_avg")
_SPREAD: Mapping[str, float] = {"median": 0.5, "p90": 0.9}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One series, in one part of the breakdown."""

    label: str
    values: Sequence[float | None]


class Trends:
    """Answers trends."""

    def __init__(self, spec: Trend, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """Every series, point by point."""
        lines = [self._lines(series) for series in self._spec.series]
        shown: list[Json] = []
        for place, (series, parts) in enumerate(zip(self._spec.series, lines, strict=True)):
            shown += [self._shown(place, series, line) for line in parts]
        answer: Answer = {"series": shown}
        if self._spec.formula is not None:
            answer["formula"] = self._formula(self._spec.formula, lines)
        return answer

    def people(self, cell: Cell) -> Contributors:
        """Who makes up a point."""
        cell.known("series", "at", "breakdown")
        series = self._spec.series[cell.whole("series", most=len(self._spec.series) - 1)]
        place = cell.interval("at", self._period)
        cells = self._cells(series)
        part = cell.part(cells.labels)
        if series.count.kind in _OF_PEOPLE and self._spec.rolling:
            present = self._rolled(cells, part)
            return Contributors(people=present.people[present.at(place)])
        chosen = (cells.group == part) & (cells.place == place)
        people, amounts = cells.people[chosen], _amounts(series.count, cells, chosen)
        if series.count.kind not in (*_OF_PEOPLE, "total"):
            has = cells.numbers[chosen] > 0
            people, amounts = people[has], None if amounts is None else amounts[has]
        return Contributors(people=people, amounts=amounts)

    def _shown(self, place: int, series: Series, line: _Line) -> Answer:
        points: list[Json] = []
        for at, value in enumerate(line.values):
            label = self._period.label(at)
            cell = with_part({"series": place, "at": label}, line.label)
            incomplete = self._period.is_incomplete(at)
            points.append({"at": label, "value": number(value), "incomplete": incomplete, "cell": cell})
        name = series.name or series.pattern.event
        return {"series": place, "name": name, "breakdown": line.label or None, "points": points}

    def _lines(self, series: Series) -> Sequence[_Line]:
        if series.count.kind in _OF_PEOPLE or self._needs_people(series):
            return self._lines_of_people(series)
        totals = self._facts.totals(series.pattern, self._period, series.count)
        lines: list[_Line] = []
        for part, label in enumerate(totals.labels):
            chosen = totals.group == part
            if len(totals.labels) > 1 and not chosen.any():
                continue
            empty = 0.0 if series.count.kind in ("total", "sum") else None
            values: list[float | None] = [empty] * len(self._period)
            for place, value in zip(totals.place[chosen], totals.value[chosen], strict=True):
                values[int(place)] = None if np.isnan(value) else float(value)
            lines.append(_Line(label=label, values=values))
        return lines

    def _needs_people(self, series: Series) -> bool:
        """Whether it matters whose events they are."""
        breakdown = self._spec.shared.breakdown
        of_person = breakdown is not None and breakdown.by != "property"
        return series.first_time or self._facts.among is not None or of_person or bool(self._spec.rolling)

    def _lines_of_people(self, series: Series) -> Sequence[_Line]:
        if series.count.kind == "people" and not self._spec.rolling and not series.first_time:
            return [
                _Line(label=label, values=_heads(present, len(self._period)))
                for label, present in self._facts.parts(series.pattern, self._period)
            ]
        cells = self._cells(series)
        lines: list[_Line] = []
        for part, label in enumerate(cells.labels):
            if len(cells.labels) == 1 or (cells.group == part).any():
                lines.append(_Line(label=label, values=self._values(series, cells, part)))
        return lines

    def _values(self, series: Series, cells: Cells, part: int) -> Sequence[float | None]:
        if series.count.kind in _SPREAD:
            return self._quantiles(series, cells, part)
        if self._spec.rolling:
            return self._rolling_values(series, cells, part)
        chosen = cells.group == part
        sums = _sums(cells, chosen, len(self._period))
        return [_value(series.count, sums, place) for place in range(len(self._period))]

    def _rolling_values(self, series: Series, cells: Cells, part: int) -> Sequence[float | None]:
        """Each point over so many days up to its own."""
        days = self._spec.rolling or 1
        sums = _sums(cells, cells.group == part, len(self._period) + days - 1)
        heads = _heads(self._rolled(cells, part), len(self._period))
        rolled: list[float | None] = []
        for place in range(len(self._period)):
            window = slice(place, place + days)
            one = {
                "events": sums["events"][window].sum(keepdims=True),
                "numbers": sums["numbers"][window].sum(keepdims=True),
                "total": sums["total"][window].sum(keepdims=True),
                "low": np.fmin.reduce(sums["low"][window], keepdims=True),
                "high": np.fmax.reduce(sums["high"][window], keepdims=True),
                "people": np.array([heads[place] or 0.0]),
            }
            rolled.append(_value(series.count, one, 0))
        return rolled

    def _rolled(self, cells: Cells, part: int) -> Presence:
        """Who was there in any of so many days up to each."""
        days = self._spec.rolling or 1
        chosen = cells.group == part
        people = np.repeat(cells.people[chosen], days)
        places = (cells.place[chosen][:, None] + np.arange(days)[None, :] - (days - 1)).ravel()
        inside = (places >= 0) & (places < len(self._period))
        order = np.lexsort((places[inside], people[inside]))
        return presence_of(people[inside][order], places[inside][order], len(self._period))

    def _cells(self, series: Series) -> Cells:
        """What each person did when; of first times only the first event of each one's life."""
        period = self._period
        if self._spec.rolling:
            period = replace(extended(period, before=self._spec.rolling - 1), as_of=period.as_of)
        cells = self._facts.divided_cells(series.pattern, period, value=series.count.property)
        if not series.first_time:
            return cells
        firsts = self._facts.firsts(series.pattern, until=period.until)
        return _first_ones(cells, firsts.people, firsts.at, period)

    def _quantiles(self, series: Series, cells: Cells, part: int) -> Sequence[float | None]:
        """Of the numbers themselves, row by row: people's own quantiles say nothing of everyone's."""
        period = self._period
        name = series.count.property or ""
        words, breakdown = (), self._spec.shared.breakdown
        if breakdown is not None and breakdown.by == "property":
            words = (breakdown.name,)
        rows = self._facts.rows(
            [series.pattern], start=period.start, until=period.until, words=words, numbers=(name,)
        )
        chosen = ~np.isnan(rows.numbers[0])
        if words:
            codes = np.array([_part_of(text, cells.labels) for text in ("(none)", *rows.words[0].labels)])
            chosen &= codes[rows.words[0].codes] == part
        elif len(cells.labels) > 1:
            chosen &= _are_among(rows.people, cells.people[cells.group == part])
        places = np.searchsorted(np.array(period.borders), rows.at[chosen], side="right") - 1
        numbers = rows.numbers[0][chosen]
        share = _SPREAD[series.count.kind]
        return [
            float(np.quantile(numbers[places == place], share)) if (places == place).any() else None
            for place in range(len(period))
        ]

    def _formula(self, formula: str, lines: Sequence[Sequence[_Line]]) -> Json:
        """The formula's own line, for each part that all series have."""
        shared = [line.label for line in lines[0] if all(line.label in _labels(one) for one in lines)]
        shown: list[Json] = []
        for label in shared:
            points: list[Json] = []
            for place in range(len(self._period)):
                values = {
                    letter_of(letter): next(one for one in parts if one.label == label).values[place]
                    for letter, parts in enumerate(lines)
                }
                value = evaluate_formula(formula, values)
                at, incomplete = self._period.label(place), self._period.is_incomplete(place)
                points.append({"at": at, "value": number(value), "incomplete": incomplete})
            shown.append({"name": formula, "breakdown": label or None, "points": points})
        return shown


def _labels(lines: Sequence[_Line]) -> set[str]:
    return {line.label for line in lines}


def _part_of(text: str, labels: Sequence[str]) -> int:
    if text in labels:
        return list(labels).index(text)
    return list(labels).index("(other)") if "(other)" in labels else -1


def _are_among(people: Ids, others: Ids) -> Flags:
    return np.isin(people, others)


def _heads(present: Presence, intervals: int) -> list[float | None]:
    return [float(np.count_nonzero(present.at(place))) for place in range(intervals)]


def _sums(cells: Cells, chosen: Flags, intervals: int) -> Mapping[str, Numbers]:
    """Each interval's sums over people."""
    place, has = cells.place[chosen], cells.numbers[chosen] > 0
    low, high = np.full(intervals, np.nan), np.full(intervals, np.nan)
    np.fmin.at(low, place[has], cells.low[chosen][has])
    np.fmax.at(high, place[has], cells.high[chosen][has])

    def counted(weights: Numbers | None) -> Numbers:
        return np.bincount(place, weights=weights, minlength=intervals).astype(np.float64)

    return {
        "events": counted(cells.events[chosen].astype(np.float64)),
        "people": counted(None),
        "numbers": counted(cells.numbers[chosen].astype(np.float64)),
        "total": counted(np.where(has, cells.total[chosen], 0.0)),
        "low": low,
        "high": high,
    }


def _value(count: Count, sums: Mapping[str, Numbers], place: int) -> float | None:
    found = {name: float(column[place]) for name, column in sums.items()}
    match count.kind:
        case "total":
            return found["events"]
        case "people":
            return found["people"]
        case "per_person_avg":
            return found["events"] / found["people"] if found["people"] else None
        case "sum":
            return found["total"]
        case "avg":
            return found["total"] / found["numbers"] if found["numbers"] else None
        case "min":
            return found["low"]
        case _:
            return found["high"]


def _amounts(count: Count, cells: Cells, chosen: Flags) -> Numbers | None:
    """What each contributes: events to counts, their own sum, least or greatest to the others."""
    match count.kind:
        case "people":
            return None
        case "total" | "per_person_avg":
            return cells.events[chosen].astype(np.float64)
        case "sum" | "avg":
            return cells.total[chosen]
        case "min":
            return cells.low[chosen]
        case "max":
            return cells.high[chosen]
        case _:
            return cells.numbers[chosen].astype(np.float64)


def _first_ones(cells: Cells, people: Ids, at: np.ndarray, period: Period) -> Cells:
    """Each person's first event ever, as a cell of one event where it lies in the period."""
    borders = np.array(period.borders)
    places = np.searchsorted(borders, at, side="right") - 1
    first_place = np.full(len(cells.people), -1, dtype=np.int64)
    found = np.minimum(np.searchsorted(people, cells.people), max(len(people) - 1, 0))
    if len(people):
        first_place = places[found]
    is_first = cells.place == first_place
    chosen = chosen_cells(cells, is_first)
    return replace(chosen, events=np.ones(len(chosen.people), dtype=np.int64))
