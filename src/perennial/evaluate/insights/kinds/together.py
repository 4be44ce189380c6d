"""What belongs together: segments that share people, stages people pass, goods in one basket, factors."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.answers import Answer, Cell, number, rate_of, with_part, wrong_cell
from perennial.evaluate.insights.facts import Contributors, Facts
from perennial.evaluate.insights.kinds.trends import Trends
from perennial.evaluate.insights.kinds.worth import parts_of
from perennial.evaluate.insights.model import Basket, JourneyMap, Metric, MetricTree, Overlap, Trend
from perennial.evaluate.insights.periods import Period, previous
from perennial.evaluate.insights.ports import Ids, Rows
from perennial.kernel.conditions.model import EventPattern
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.values import Json

_NEVER = np.iinfo(np.int64).max
_MICROS = 1_000_000
_MOST_ITEMS = 2_000
_MOST_PAIRS = 500


class Overlapping:
    """Answers overlaps: every combination of segments that anybody is in, each person in one."""

    def __init__(self, spec: Overlap, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        del period

    def answer(self) -> Answer:
        """Who is in exactly which segments, and in no other of them."""
        parts: list[Json] = []
        for inside, people in self._parts():
            outside = [one for one in self._spec.segments if one not in inside]
            cell: Answer = {"in": list(inside), "not_in": list(outside)}
            parts.append({**cell, "people": len(people), "cell": cell})
        sizes = [len(one) for one in self._members()]
        return {"sizes": dict(zip(self._spec.segments, sizes, strict=True)), "parts": parts}

    def people(self, cell: Cell) -> Contributors:
        """Who is in exactly some of the segments."""
        cell.known("in", "not_in")
        wanted = cell.get("in")
        if not isinstance(wanted, Sequence) or isinstance(wanted, str):
            raise wrong_cell("$.cell.in", "`in` is the list of segments.")
        for inside, people in self._parts():
            if set(inside) == {str(one) for one in wanted}:
                return Contributors(people=people)
        return Contributors(people=np.empty(0, dtype=np.uint64))

    def _members(self) -> Sequence[Ids]:
        found = [self._facts.known.members(one, self._facts.at) for one in self._spec.conditions]
        return [one[self._facts.is_about(one)] for one in found]

    def _parts(self) -> Sequence[tuple[tuple[str, ...], Ids]]:
        return parts_of(self._spec.segments, self._members())


class Maps:
    """Answers journey maps: how people move through stages, in their order, and where they leave."""

    def __init__(self, spec: JourneyMap, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """Every stage: who reached it, how long that took, who left there, who came back to it."""
        people, reached, returned = self._found()
        stages: list[Json] = []
        for place, stage in enumerate(self._spec.stages):
            here = reached[:, place] != _NEVER
            onward = here if place + 1 == len(self._spec.stages) else reached[:, place + 1] != _NEVER
            seconds = (reached[here, place] - reached[here, max(place - 1, 0)]) / _MICROS
            count = int(np.count_nonzero(here))
            left = 0 if place + 1 == len(self._spec.stages) else int(np.count_nonzero(here & ~onward))
            stages.append(
                {
                    "name": stage.name,
                    "people": count,
                    "rate": rate_of(count, len(people)),
                    "median_seconds": float(np.median(seconds)) if count and place else None,
                    "left": left,
                    "returned": int(np.count_nonzero(returned[:, place])),
                    "cell": {"stage": stage.name},
                    "left_cell": {"stage": stage.name, "left": True},
                }
            )
        return {"stages": stages}

    def people(self, cell: Cell) -> Contributors:
        """Who reached a stage, or reached it and no further."""
        cell.known("stage", "left")
        names = [stage.name for stage in self._spec.stages]
        place = names.index(cell.word("stage", names))
        people, reached, _ = self._found()
        chosen = reached[:, place] != _NEVER
        if cell.get("left") is True:
            is_last = place + 1 == len(names)
            chosen &= np.zeros(len(chosen), bool) if is_last else reached[:, place + 1] == _NEVER
        return Contributors(people=people[chosen])

    def _found(self) -> tuple[Ids, NDArray[np.int64], NDArray[np.bool_]]:
        """Everyone who entered, when they reached each stage, and where they were again after a later one."""
        rows, patterns = self._rows()
        people, of_row = np.unique(rows.people, return_inverse=True)
        reached = np.full((len(people), len(self._spec.stages)), _NEVER, dtype=np.int64)
        latest = np.full(reached.shape, -1, dtype=np.int64)
        since = np.zeros(len(people), dtype=np.int64)
        for place, stage in enumerate(self._spec.stages):
            bits = np.uint32(sum(1 << patterns.index(event) for event in set(stage.events)))
            mine = np.flatnonzero(rows.matches & bits)
            # A stage is reached at or after the one before it.
            later = mine[rows.at[mine] >= since[of_row[mine]]]
            np.minimum.at(reached[:, place], of_row[later], rows.at[later])
            np.maximum.at(latest[:, place], of_row[mine], rows.at[mine])
            since = reached[:, place]
        entered = reached[:, 0] != _NEVER
        onward = np.column_stack([reached[:, 1:], np.full(len(people), _NEVER)])
        returned = (onward != _NEVER) & (latest > onward)
        return people[entered], reached[entered], returned[entered]

    def _rows(self) -> tuple[Rows, Sequence[EventPattern]]:
        patterns = list(dict.fromkeys(event for stage in self._spec.stages for event in stage.events))
        if len(patterns) > 32:
            message = "A map tells at most 32 different events apart."
            raise InvalidDocument([Problem(path="$.stages", code="too_many_events", message=message)])
        rows = self._facts.rows(patterns, start=self._period.start, until=self._period.until)
        return rows, patterns


class Baskets:
    """Answers baskets: which two things are bought together, and how much more often than by chance."""

    def __init__(self, spec: Basket, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """Pairs from `a` to `b`: support of both, confidence of b where a is, lift over b alone."""
        of, item, names, _ = self._found()
        baskets = len(np.unique(of))
        counts = np.bincount(item, minlength=len(names))
        first, second, together = _pairs(of, item)
        pairs: list[Json] = []
        for one in np.lexsort((second, first, -together)):
            a, b, both = int(first[one]), int(second[one]), int(together[one])
            if baskets == 0 or both / baskets < self._spec.min_support or len(pairs) >= _MOST_PAIRS:
                break
            for begin, end in ((a, b), (b, a)):
                confidence = both / int(counts[begin])
                cell: Answer = {"a": names[begin], "b": names[end]}
                pairs.append(
                    {
                        **cell,
                        "baskets": both,
                        "support": both / baskets,
                        "confidence": confidence,
                        "lift": confidence / (int(counts[end]) / baskets),
                        "cell": cell,
                    }
                )
        return {"baskets": baskets, "items": int(np.count_nonzero(counts)), "pairs": pairs}

    def people(self, cell: Cell) -> Contributors:
        """Who had both in one basket, and in how many."""
        cell.known("a", "b")
        of, item, names, owners = self._found()
        chosen = [list(names).index(cell.word(key, names)) for key in ("a", "b")]
        both = np.intersect1d(of[item == chosen[0]], of[item == chosen[1]])
        people, count = np.unique(owners[both], return_counts=True)
        return Contributors(people=people, amounts=count.astype(np.float64))

    def _found(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Sequence[str], Ids]:
        """Baskets and the items in them, each once; and whose each basket is."""
        words = (self._spec.item,) if self._spec.basket is None else (self._spec.item, self._spec.basket)
        rows = self._facts.rows(
            [self._spec.event], start=self._period.start, until=self._period.until, words=words
        )
        # Where no basket is named each event is one.
        named = np.arange(1, len(rows.at) + 1) if self._spec.basket is None else rows.words[1].codes
        has = (rows.words[0].codes > 0) & (named > 0)
        keys = np.column_stack([rows.people[has], named[has].astype(np.uint64)])
        baskets, of = np.unique(keys, axis=0, return_inverse=True)
        # A list of items was told as one text, with commas between them.
        texts = [label.split(", ") for label in rows.words[0].labels]
        names = sorted({name for text in texts for name in text})
        place = {name: code for code, name in enumerate(names)}
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        every = np.array([place[name] for text in texts for name in text], dtype=np.int64)
        codes = rows.words[0].codes[has] - 1
        if not len(codes):
            none = np.empty(0, dtype=np.int64)
            return none, none, names, np.empty(0, dtype=np.uint64)
        count = lengths[codes]
        spread = np.repeat(of.ravel(), count)
        offset = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        item = every[np.repeat((np.cumsum(lengths) - lengths)[codes], count) + offset]
        pairs = np.unique(np.column_stack([spread, item]), axis=0)
        return pairs[:, 0], pairs[:, 1], names, baskets[:, 0]


def _pairs(
    of: NDArray[np.int64], item: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Every two items that share baskets, and how many; of very many items the most frequent ones."""
    if not len(of):
        none = np.empty(0, dtype=np.int64)
        return none, none, none
    counts = np.bincount(item)
    if len(counts) > _MOST_ITEMS:
        kept = np.argsort(-counts, kind="stable")[:_MOST_ITEMS]
        chosen = np.isin(item, kept)
        of, item = of[chosen], item[chosen]
    firsts = np.flatnonzero(np.append([True], of[1:] != of[:-1]))
    lengths = np.diff(np.append(firsts, len(of)))
    # Each item with those behind it in its basket.
    place = np.arange(len(of)) - np.repeat(firsts, lengths)
    behind = np.repeat(lengths, lengths) - 1 - place
    begin = np.repeat(np.arange(len(of)), behind)
    offset = np.arange(len(begin)) - np.repeat(np.cumsum(behind) - behind, behind) + 1
    found = np.column_stack([item[begin], item[begin + offset]])
    pairs, together = np.unique(found, axis=0, return_counts=True)
    return pairs[:, 0], pairs[:, 1], together


class Trees:
    """Answers metric trees: what share of a change each factor is owed to.

    The logarithmic mean of the product before and after, times the change of a factor's logarithm (LMDI, Ang
    2004): shares sum to the whole change, and nothing is left over.
    """

    def __init__(self, spec: MetricTree, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """The product now and before, and the factors."""
        before = previous(self._period)
        now, then = self._values(self._period), self._values(before)
        factors = [_factor(one, now) for one in self._spec.factors]
        former = [_factor(one, then) for one in self._spec.factors]
        result, earlier = _product(factors), _product(former)
        shown: list[Json] = []
        for place, one in enumerate(self._spec.factors):
            name = one[0] if one[1] is None else f"{one[0]} / {one[1]}"
            share = _share(result, earlier, factors[place], former[place])
            shown.append(
                {
                    "factor": name,
                    "value": number(factors[place]),
                    "before": number(former[place]),
                    "contribution": number(share),
                    "cell": {"factor": one[0]},
                }
            )
        return {
            "result": self._spec.result,
            "value": number(result),
            "before": number(earlier),
            "change": None if result is None or earlier is None else number(result - earlier),
            "factors": shown,
            "metrics": {name: {"value": number(now[name]), "before": number(then[name])} for name in now},
            "previous_range": before.shown(),
        }

    def people(self, cell: Cell) -> Contributors:
        """Who contributes to a metric, in the present period."""
        cell.known("factor")
        metrics = {metric.name: metric for metric in self._spec.metrics}
        metric = metrics[cell.word("factor", list(metrics))]
        trend, whole = self._trend(metric, self._period)
        return trend.people(Cell(with_part({"series": 0, "at": whole.label(0)}, "")))

    def _values(self, period: Period) -> Mapping[str, float | None]:
        values: dict[str, float | None] = {}
        for metric in self._spec.metrics:
            trend, _ = self._trend(metric, period)
            values[metric.name] = _only_value(trend.answer())
        return values

    def _trend(self, metric: Metric, period: Period) -> tuple[Trends, Period]:
        """A metric over the whole period, as one interval."""
        whole = Period(
            unit=period.unit,
            zone=period.zone,
            borders=(period.start, period.end),
            whole=(period.start, period.end),
            as_of=period.as_of,
        )
        spec = Trend(shared=self._spec.shared, series=(metric.series,))
        return Trends(spec, self._facts, whole), whole


def _only_value(answer: Answer) -> float | None:
    series = answer["series"]
    if not isinstance(series, Sequence) or isinstance(series, str) or not series:
        return None
    line = series[0]
    points = line["points"] if isinstance(line, Mapping) else ()
    point = points[0] if isinstance(points, Sequence) and not isinstance(points, str) and points else None
    value = point["value"] if isinstance(point, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def _factor(one: tuple[str, str | None], values: Mapping[str, float | None]) -> float | None:
    over = values[one[0]]
    if one[1] is None:
        return over
    under = values[one[1]]
    return over / under if over is not None and under else None


def _product(factors: Sequence[float | None]) -> float | None:
    known = [factor for factor in factors if factor is not None]
    return math.prod(known) if len(known) == len(factors) else None


def _share(
    result: float | None, before: float | None, factor: float | None, former: float | None
) -> float | None:
    """A factor's part of the change; None where a logarithm has no value."""
    if not result or not before or not factor or not former:
        return None
    if min(result, before, factor, former) <= 0:
        return None
    mean = result if result == before else (result - before) / (math.log(result) - math.log(before))
    return mean * math.log(factor / former)
