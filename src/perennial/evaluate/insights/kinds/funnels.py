"""Funnels: how many people go from step to step within a window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.answers import Answer, Cell, number, rate_of, wilson, with_part
from perennial.evaluate.insights.facts import Contributors, Facts, labelled
from perennial.evaluate.insights.model import FEW_PEOPLE, MOST_VALUES, NONE, OTHER, Funnel
from perennial.evaluate.insights.periods import Period
from perennial.evaluate.insights.ports import Flags, Ids, Rows, Words
from perennial.evaluate.insights.sequences import NEVER, FunnelRules, Reached, run_funnel
from perennial.kernel.conditions.model import EventPattern
from perennial.kernel.events import ANY_EVENT
from perennial.kernel.values import Json

_MICROS = 1_000_000
_HISTOGRAM = 20
_MOST_PATTERNS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempts:
    """Attempts that count: of each person the best one, or all of them."""

    people: Ids
    depth: NDArray[np.int64]
    times: NDArray[np.int64]
    part: NDArray[np.int64]
    labels: tuple[str, ...]

    def where(self, chosen: Flags) -> "_Attempts":
        """Some of the attempts."""
        return _Attempts(
            people=self.people[chosen],
            depth=self.depth[chosen],
            times=self.times[chosen],
            part=self.part[chosen],
            labels=self.labels,
        )


class Funnels:
    """Answers funnels."""

    def __init__(self, spec: Funnel, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period
        self._window = round(spec.window.total_seconds() * _MICROS)
        self._attempts: _Attempts | None = None

    def answer(self) -> Answer:
        """Every step, how long it takes, and how it went over time."""
        attempts = self._all()
        parts = self._parts(attempts)
        answer: Answer = {
            "steps": [step for label, mine in parts for step in self._steps(mine, label)],
            "histogram": self._histogram(attempts),
            "over_time": self._over_time(attempts),
            "incomplete": self._open(attempts),
        }
        return answer

    def people(self, cell: Cell) -> Contributors:
        """Who reached a step, or stopped before it."""
        cell.known("step", "reached", "breakdown", "at")
        step = cell.whole("step", most=len(self._spec.steps) - 1)
        reached = cell.get("reached")
        attempts = self._all()
        parts = self._parts(attempts)
        mine = parts[cell.part([label for label, _ in parts])][1]
        if cell.get("at") is not None:
            place = cell.interval("at", self._period)
            mine = mine.where(self._places(mine) == place)
        has = self._has(mine, step)
        if reached is False:
            has = (self._has(mine, step - 1) if step else np.zeros(len(mine.people), dtype=np.bool_)) & ~has
        people, counts = np.unique(mine.people[has], return_counts=True)
        is_totals = self._spec.count == "totals"
        return Contributors(people=people, amounts=counts.astype(np.float64) if is_totals else None)

    # --- attempts ------------------------------------------------------------------------------------

    def _all(self) -> _Attempts:
        if self._attempts is None:
            self._attempts = self._found()
        return self._attempts

    def _found(self) -> _Attempts:
        spec = self._spec
        rows = self._rows()
        steps, excluded = self._bits(rows)
        order, firsts, people = self._sequences(rows)
        reached = run_funnel(
            firsts,
            rows.at[order],
            steps[order],
            excluded[order],
            FunnelRules(
                steps=len(spec.steps),
                window=self._window,
                start=self._period.start,
                end=self._period.until,
                order=spec.order,
                optional=tuple(place for place, step in enumerate(spec.steps) if step.optional),
                exclusions=tuple((one.start, one.end) for one in spec.exclude),
                totals=spec.count == "totals",
            ),
        )
        chosen = ~reached.is_dropped
        if spec.same is not None and spec.count == "people":
            chosen = _best(people[reached.sequence], reached)
        who = people[reached.sequence[chosen]]
        part, labels = self._divided(rows, who, order[reached.first_row[chosen]])
        return _Attempts(
            people=who,
            depth=reached.depth[chosen],
            times=reached.times[chosen],
            part=part,
            labels=labels,
        )

    def _patterns(self) -> Sequence[EventPattern]:
        """The distinct events that are asked for; of a strict funnel anything else matters as well."""
        spec = self._spec
        wanted = [step.pattern for step in spec.steps] + [one.pattern for one in spec.exclude]
        if spec.order == "strict":
            wanted.append(EventPattern(event=ANY_EVENT))
        return list(dict.fromkeys(wanted))[:_MOST_PATTERNS]

    def _rows(self) -> Rows:
        period, breakdown = self._period, self._spec.shared.breakdown
        words = [self._spec.same] if self._spec.same is not None else []
        if breakdown is not None and breakdown.by == "property":
            words.append(breakdown.name)
        return self._facts.rows(
            self._patterns(),
            start=period.start,
            until=min(period.end + self._window, period.as_of + 1),
            words=words,
        )

    def _bits(self, rows: Rows) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Which steps and which exclusions each row is an event of."""
        place = {pattern: bit for bit, pattern in enumerate(self._patterns())}

        def gathered(patterns: Sequence[EventPattern]) -> NDArray[np.uint32]:
            bits = np.zeros(len(rows.at), dtype=np.uint32)
            for bit, pattern in enumerate(patterns):
                matched = (rows.matches >> np.uint32(place[pattern])) & np.uint32(1)
                bits |= matched.astype(np.uint32) << np.uint32(bit)
            return bits

        steps = gathered([step.pattern for step in self._spec.steps])
        return steps, gathered([one.pattern for one in self._spec.exclude])

    def _sequences(self, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64], Ids]:
        """The rows in order of sequence, where each begins and the end, and whose each is."""
        order = np.arange(len(rows.people))
        begins = np.append([True], rows.people[1:] != rows.people[:-1]) if len(order) else np.empty(0, bool)
        if self._spec.same is not None:
            keys = rows.words[0].codes
            kept = np.flatnonzero(keys > 0)
            order = kept[np.lexsort((kept, keys[kept], rows.people[kept]))]
            people, keys = rows.people[order], keys[order]
            begins = np.append([True], (people[1:] != people[:-1]) | (keys[1:] != keys[:-1]))[: len(order)]
        firsts = np.flatnonzero(begins)
        return order, np.append(firsts, len(order)), rows.people[order][firsts]

    def _divided(
        self, rows: Rows, people: Ids, first_row: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """The part of the breakdown that each attempt is of."""
        breakdown = self._spec.shared.breakdown
        if breakdown is None:
            return np.zeros(len(people), dtype=np.int64), ("",)
        if breakdown.by != "property":
            part = np.zeros(len(people), dtype=np.int64)
            labels: list[str] = []
            for place, (name, chosen) in enumerate(labelled(people, self._facts.labels(breakdown))):
                labels.append(name)
                part[chosen] = place
            return part, tuple(labels)
        words = rows.words[-1]
        if breakdown.first_touch:
            steps, _ = self._bits(rows)
            starting = np.flatnonzero(steps & np.uint32(1))
            first_row = starting[np.searchsorted(rows.people[starting], people, side="left")]
        return _shown_parts(words, first_row)

    def _parts(self, attempts: _Attempts) -> Sequence[tuple[str, _Attempts]]:
        if attempts.labels == ("",):
            return [("", attempts)]
        return [
            (label, attempts.where(attempts.part == place)) for place, label in enumerate(attempts.labels)
        ]

    # --- what is shown -------------------------------------------------------------------------------

    def _has(self, attempts: _Attempts, step: int) -> Flags:
        """Which attempts reached a step; of any order, how many different ones."""
        if self._spec.steps[step].optional:
            return attempts.times[:, step] != NEVER
        return attempts.depth > step

    def _steps(self, attempts: _Attempts, label: str) -> Sequence[Json]:
        shown: list[Json] = []
        former, at_former = 0, 0
        counts = [int(np.count_nonzero(self._has(attempts, step))) for step in range(len(self._spec.steps))]
        for step, one in enumerate(self._spec.steps):
            count = counts[step]
            before = counts[former] if step else count
            seconds = self._seconds(attempts, at_former, step)
            shown.append(
                {
                    "step": step,
                    "name": one.pattern.event,
                    "optional": one.optional,
                    "breakdown": label or None,
                    "people": count,
                    "rate": rate_of(count, counts[0]),
                    "rate_from_previous": rate_of(count, before),
                    "interval95": wilson(count, counts[0]),
                    "median_seconds": _quantile(seconds, 0.5),
                    "p90_seconds": _quantile(seconds, 0.9),
                    "few": counts[0] < FEW_PEOPLE,
                    "cell": with_part({"step": step, "reached": True}, label),
                    "left_cell": with_part({"step": step, "reached": False}, label) if step else None,
                }
            )
            if not one.optional:
                former = at_former = step
        return shown

    def _seconds(self, attempts: _Attempts, former: int, step: int) -> NDArray[np.float64]:
        """How long it took from one step to another, of those that reached both."""
        begin, end = attempts.times[:, former], attempts.times[:, step]
        chosen = (begin != NEVER) & (end != NEVER)
        return (end[chosen] - begin[chosen]) / _MICROS

    def _histogram(self, attempts: _Attempts) -> Json:
        """How long it took from the first step to the last."""
        seconds = self._seconds(attempts, 0, len(self._spec.steps) - 1)
        if not len(seconds):
            return []
        most = max(float(seconds.max()), 1.0)
        counts, edges = np.histogram(seconds, bins=min(_HISTOGRAM, max(1, int(most))), range=(0.0, most))
        return [
            {"from_seconds": float(low), "to_seconds": float(high), "people": int(count)}
            for low, high, count in zip(edges, edges[1:], counts, strict=False)
        ]

    def _over_time(self, attempts: _Attempts) -> Json:
        """Of those who began in an interval, how many went all the way."""
        places = self._places(attempts)
        last = len(self._spec.steps) - 1
        converted = self._has(attempts, last)
        open_at = self._period.as_of + 1 - self._window
        shown: list[Json] = []
        for place in range(len(self._period)):
            begun = places == place
            entered, reached = int(np.count_nonzero(begun)), int(np.count_nonzero(begun & converted))
            at = self._period.label(place)
            incomplete = self._period.is_incomplete(place) or self._period.borders[place + 1] > open_at
            shown.append(
                {
                    "at": at,
                    "entered": entered,
                    "converted": reached,
                    "rate": number(rate_of(reached, entered)),
                    "interval95": wilson(reached, entered),
                    "incomplete": incomplete,
                    "few": entered < FEW_PEOPLE,
                    "cell": {"step": 0, "reached": True, "at": at},
                    "converted_cell": {"step": last, "reached": True, "at": at},
                }
            )
        return shown

    def _places(self, attempts: _Attempts) -> NDArray[np.int64]:
        """The interval in which each attempt began."""
        begun = attempts.times[:, 0] if self._spec.order != "any" else attempts.times.max(axis=1, initial=0)
        if self._spec.order == "any":
            known = np.where(attempts.times == NEVER, np.iinfo(np.int64).max, attempts.times)
            begun = known.min(axis=1, initial=np.iinfo(np.int64).max)
        return np.searchsorted(np.array(self._period.borders), begun, side="right") - 1

    def _open(self, attempts: _Attempts) -> int:
        """How many did not go all the way and still may."""
        begun = np.where(attempts.times == NEVER, np.iinfo(np.int64).max, attempts.times)
        if not len(begun):
            return 0
        is_open = begun.min(axis=1) + self._window > self._period.as_of
        return int(np.count_nonzero(is_open & ~self._has(attempts, len(self._spec.steps) - 1)))


def _best(people: Ids, reached: Reached) -> Flags:
    """Of each person's sequences the one that went furthest, the earliest of those; none that is dropped."""
    chosen = np.zeros(len(people), dtype=np.bool_)
    order = np.lexsort((reached.times[:, 0], -reached.depth, reached.is_dropped, people))
    firsts = order[np.append([True], people[order][1:] != people[order][:-1])] if len(order) else order
    chosen[firsts] = True
    return chosen & ~reached.is_dropped


def _shown_parts(words: Words, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The most frequent values by themselves, the others together, and none."""
    codes = words.codes[rows]
    counts = np.bincount(codes, minlength=len(words.labels) + 1)
    ranked = sorted(range(1, len(counts)), key=lambda code: (-int(counts[code]), words.labels[code - 1]))
    shown = [code for code in ranked if counts[code]][:MOST_VALUES]
    has_other = np.count_nonzero(counts[1:]) > len(shown)
    labels = [words.labels[code - 1] for code in shown]
    places: Mapping[int, int] = {code: place for place, code in enumerate(shown)}
    other = len(labels)
    labels += [OTHER] if has_other else []
    labels += [NONE] if counts[0] else []
    table = np.full(len(counts), other, dtype=np.int64)
    for code, place in places.items():
        table[code] = place
    table[0] = len(labels) - 1
    return table[codes], tuple(labels)


def _quantile(seconds: NDArray[np.float64], share: float) -> float | None:
    return float(np.quantile(seconds, share)) if len(seconds) else None
