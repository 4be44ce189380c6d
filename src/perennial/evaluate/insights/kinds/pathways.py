"""Paths, gaps, sessions and touches: what people do one after the other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.answers import Answer, Cell, number, rate_of, wrong_cell
from perennial.evaluate.insights.facts import Contributors, Facts
from perennial.evaluate.insights.model import Attribution, Gap, Paths, Sessions
from perennial.evaluate.insights.periods import Period
from perennial.evaluate.insights.ports import NAME, Flags, Rows
from perennial.evaluate.insights.sequences import (
    MIDDLE,
    Credits,
    Gaps,
    PathRules,
    Visits,
    Walked,
    credits_of,
    gaps_of,
    visits_of,
    walk,
)
from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.values import Json

_MICROS = 1_000_000
_LEFT_OUT = "…"
_BUCKETS = 20
_MOST_EDGES = 500
_NO_TOUCH = "(none)"


class Walking:
    """Answers paths: what follows what, by its place in the session."""

    def __init__(self, spec: Paths, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """Every transition with its people, the most frequent first."""
        walked, names = self._walked()
        keys, place_of = np.unique(_keys(walked), return_inverse=True)
        times = np.bincount(place_of, minlength=len(keys))
        pairs = np.unique(np.column_stack([place_of.astype(np.uint64), walked.people]), axis=0)
        people = np.bincount(pairs[:, 0].astype(np.int64), minlength=len(keys))
        standing = walked.standing.place * _ITEMS + walked.standing.item
        at, stood = np.unique(standing, return_counts=True)
        order = np.lexsort((keys, -times))
        edges: list[Json] = []
        for one in order:
            if people[one] < self._spec.min_people or len(edges) == _MOST_EDGES:
                continue
            place, origin, target = _unpacked(int(keys[one]))
            sessions = int(stood[np.searchsorted(at, place * _ITEMS + origin)])
            begin, end = f"{place}_{names[origin]}", f"{place + 1}_{names[target]}"
            edges.append(
                {
                    "from": begin,
                    "to": end,
                    "people": int(people[one]),
                    "times": int(times[one]),
                    "share": rate_of(int(times[one]), sessions),
                    "cell": {"from": begin, "to": end},
                }
            )
        return {"edges": edges, "transitions": len(keys)}

    def people(self, cell: Cell) -> Contributors:
        """Who went from one item to another at a place of their sessions, and how often."""
        cell.known("from", "to")
        walked, names = self._walked()
        place, origin = _standing(cell, "from", names)
        following, target = _standing(cell, "to", names)
        if following != place + 1:
            raise wrong_cell("$.cell.to", f"What follows place {place} is place {place + 1}.")
        chosen = (walked.place == place) & (walked.origin == origin) & (walked.target == target)
        people, times = np.unique(walked.people[chosen], return_counts=True)
        return Contributors(people=people, amounts=times.astype(np.float64))

    def _walked(self) -> tuple[Walked, Sequence[str]]:
        rows = self._facts.rows(
            self._spec.events,
            start=self._period.start,
            until=self._period.until,
            words=(self._spec.item or NAME,),
        )
        gap = round(self._spec.session_gap.total_seconds() * _MICROS)
        names = (_LEFT_OUT, *rows.words[0].labels, _NO_TOUCH)
        item = np.where(rows.words[0].codes == 0, len(names) - 1, rows.words[0].codes)
        rules = PathRules(
            depth=self._spec.depth,
            collapses=self._spec.collapse_repeats,
            start=self._item(names, self._spec.start),
            end=self._item(names, self._spec.end),
        )
        visits = visits_of(rows.people, rows.at, gap=gap)
        return walk(rows.people, visits.of_row, item, rules), names

    @staticmethod
    def _item(names: Sequence[str], name: str | None) -> int | None:
        """The code of an item, of one that never happened a code that none has."""
        if name is None:
            return None
        return names.index(name, MIDDLE + 1) if name in names[1:] else len(names)


_ITEMS = 1 << 24
_KEYS_OF_PLACE = _ITEMS * _ITEMS


def _keys(walked: Walked) -> NDArray[np.int64]:
    return walked.place * _KEYS_OF_PLACE + walked.origin * _ITEMS + walked.target


def _unpacked(key: int) -> tuple[int, int, int]:
    place, items = divmod(key, _KEYS_OF_PLACE)
    origin, target = divmod(items, _ITEMS)
    return place, origin, target


def _standing(cell: Cell, key: str, names: Sequence[str]) -> tuple[int, int]:
    said = cell.get(key)
    place, _, name = said.partition("_") if isinstance(said, str) else ("", "", "")
    if not place.isdigit() or name not in names:
        raise wrong_cell(f"$.cell.{key}", f"{said!r} is no step of these paths.", nearest(str(name), names))
    return int(place), names.index(name)


class GapsBetween:
    """Answers intervals: from each event to the next other event behind it."""

    def __init__(self, spec: Gap, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """Quantiles, a histogram, and how it went over time."""
        rows, gaps = self._found()
        edges = _edges(gaps.seconds)
        bucket = np.searchsorted(edges, gaps.seconds, side="right") - 1
        histogram: list[Json] = []
        for place, low in enumerate(edges[:-1]):
            chosen = bucket == place
            histogram.append(
                {
                    "from_seconds": float(low),
                    "to_seconds": float(edges[place + 1]),
                    "times": int(np.count_nonzero(chosen)),
                    "people": len(np.unique(rows.people[gaps.row[chosen]])),
                    "cell": {"bucket": place},
                }
            )
        return {
            "times": len(gaps.seconds),
            "people": len(np.unique(rows.people[gaps.row])),
            "quantiles": {f"p{int(share * 100)}": _quantile(gaps.seconds, share) for share in _SHARES},
            "histogram": histogram,
            "intervals": self._over_time(rows, gaps),
        }

    def people(self, cell: Cell) -> Contributors:
        """Whose gaps are in a bucket, and how many."""
        cell.known("bucket")
        rows, gaps = self._found()
        edges = _edges(gaps.seconds)
        wanted = cell.whole("bucket", most=max(len(edges) - 2, 0))
        chosen = np.searchsorted(edges, gaps.seconds, side="right") - 1 == wanted
        people, times = np.unique(rows.people[gaps.row[chosen]], return_counts=True)
        return Contributors(people=people, amounts=times.astype(np.float64))

    def _found(self) -> tuple[Rows, Gaps]:
        words = () if self._spec.same is None else (self._spec.same,)
        rows = self._facts.rows(
            [self._spec.start, self._spec.end],
            start=self._period.start,
            until=self._period.as_of + 1,
            words=words,
        )
        starts = (rows.matches & 1 > 0) & (rows.at < self._period.until)
        ends = rows.matches & 2 > 0
        _, sequence = np.unique(rows.people, return_inverse=True)
        if not words:
            return rows, gaps_of(sequence, rows.at, starts, ends)
        keys = rows.words[0].codes
        order = np.lexsort((np.arange(len(keys)), keys, sequence))
        order = order[keys[order] > 0]
        apart = sequence[order] * (len(rows.words[0].labels) + 1) + keys[order]
        found = gaps_of(apart, rows.at[order], starts[order], ends[order])
        return rows, Gaps(row=order[found.row], seconds=found.seconds)

    def _over_time(self, rows: Rows, gaps: Gaps) -> Json:
        places = np.searchsorted(np.array(self._period.borders), rows.at[gaps.row], side="right") - 1
        return [
            {
                "at": self._period.label(place),
                "times": int(np.count_nonzero(places == place)),
                "median_seconds": _quantile(gaps.seconds[places == place], 0.5),
                "incomplete": self._period.is_incomplete(place),
            }
            for place in range(len(self._period))
        ]


_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


def _edges(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Buckets of one width up to the longest of the usual; the last takes all that is longer."""
    if not len(seconds):
        return np.array([0.0, 1.0])
    usual = max(float(np.quantile(seconds, 0.95)), 1.0)
    edges = np.linspace(0.0, usual, _BUCKETS + 1)
    edges[-1] = max(float(seconds.max()), usual) + 1e-6
    return edges


def _quantile(seconds: NDArray[np.float64], share: float) -> Json:
    return float(np.quantile(seconds, share)) if len(seconds) else None


class Touching:
    """Answers attribution: what the goals are owed to."""

    def __init__(self, spec: Attribution, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """Every touch with its credit; shares sum to the goals."""
        rows, names, shares = self._found()
        touch = self._names_of(rows, shares)
        credit = np.bincount(touch, weights=shares.weight, minlength=len(names))
        touches: list[Json] = []
        for place in sorted(range(len(names)), key=lambda place: (-credit[place], names[place])):
            chosen = touch == place
            goals = len(np.unique(shares.goal[chosen & (shares.weight > 0)]))
            if goals:
                cell: Answer = {"touch": names[place]}
                touches.append(
                    {"name": names[place], "credit": float(credit[place]), "goals": goals, "cell": cell}
                )
        return {"goals": len(np.unique(shares.goal)), "touches": touches}

    def people(self, cell: Cell) -> Contributors:
        """Whose goals are owed to a touch, and how much of them."""
        cell.known("touch")
        rows, names, shares = self._found()
        wanted = list(names).index(cell.word("touch", names))
        chosen = (self._names_of(rows, shares) == wanted) & (shares.weight > 0)
        people, place = np.unique(rows.people[shares.goal[chosen]], return_inverse=True)
        amounts = np.bincount(place, weights=shares.weight[chosen], minlength=len(people))
        return Contributors(people=people, amounts=amounts.astype(np.float64))

    def _names_of(self, rows: Rows, shares: Credits) -> NDArray[np.int64]:
        codes = rows.words[0].codes
        return (
            np.where(shares.touch >= 0, codes[np.maximum(shares.touch, 0)], 0) if len(codes) else shares.touch
        )

    def _found(self) -> tuple[Rows, Sequence[str], Credits]:
        spec = self._spec
        lookback = round(spec.lookback.total_seconds() * _MICROS)
        patterns = list(dict.fromkeys([spec.goal, *spec.touches]))
        if len(patterns) > _MOST_PATTERNS:
            message = f"At most {_MOST_PATTERNS - 1} different touches can be told apart."
            raise InvalidDocument([Problem(path="$.touches", code="too_many_touches", message=message)])
        rows = self._facts.rows(
            patterns,
            start=self._period.start - lookback,
            until=self._period.until,
            words=(spec.item or NAME,),
        )
        touching = _any_of(rows, [patterns.index(one) for one in spec.touches])
        goals = _any_of(rows, [0]) & (rows.at >= self._period.start)
        shares = credits_of(
            rows.people,
            rows.at,
            goals,
            touching,
            model=spec.model,
            lookback=lookback,
            half_life=round(spec.half_life.total_seconds() * _MICROS),
        )
        return rows, (_NO_TOUCH, *rows.words[0].labels), shares


_MOST_PATTERNS = 32


def _any_of(rows: Rows, bits: Sequence[int]) -> Flags:
    wanted = np.uint32(sum(1 << bit for bit in set(bits)))
    return rows.matches & wanted > 0


class Visiting:
    """Answers sessions: how often people come, how long they stay, how much they do."""

    def __init__(self, spec: Sessions, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """Every interval's sessions, by when they began."""
        visits = self._visits()
        places = self._places(visits)
        intervals: list[Json] = []
        for place in range(len(self._period)):
            mine = places == place
            count = int(np.count_nonzero(mine))
            at = self._period.label(place)
            intervals.append(
                {
                    "at": at,
                    "sessions": count,
                    "people": len(np.unique(visits.people[mine])),
                    "depth": number(float(visits.events[mine].mean())) if count else None,
                    "seconds": number(float(visits.seconds[mine].mean())) if count else None,
                    "bounce": rate_of(int(np.count_nonzero(visits.events[mine] == 1)), count),
                    "incomplete": self._period.is_incomplete(place),
                    "cell": {"at": at},
                }
            )
        return {"intervals": intervals}

    def people(self, cell: Cell) -> Contributors:
        """Who had sessions in an interval, and how many."""
        cell.known("at")
        visits = self._visits()
        mine = self._places(visits) == cell.interval("at", self._period)
        people, count = np.unique(visits.people[mine], return_counts=True)
        return Contributors(people=people, amounts=count.astype(np.float64))

    def _visits(self) -> Visits:
        rows = self._facts.rows(self._spec.events, start=self._period.start, until=self._period.until)
        return visits_of(rows.people, rows.at, gap=round(self._spec.gap.total_seconds() * _MICROS))

    def _places(self, visits: Visits) -> NDArray[np.int64]:
        return np.searchsorted(np.array(self._period.borders), visits.start, side="right") - 1
