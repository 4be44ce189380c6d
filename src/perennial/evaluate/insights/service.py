"""The use cases: an insight's answer, and who makes up any number of it."""

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from perennial.evaluate.insights.answers import Answer, Cell
from perennial.evaluate.insights.differences import differences
from perennial.evaluate.insights.facts import Contributors, Facts, KnownPeople
from perennial.evaluate.insights.kinds.activity import Lifecycles, Sticking
from perennial.evaluate.insights.kinds.cohorts import Retained
from perennial.evaluate.insights.kinds.funnels import Funnels
from perennial.evaluate.insights.kinds.pathways import GapsBetween, Touching, Visiting, Walking
from perennial.evaluate.insights.kinds.spread import Distributions
from perennial.evaluate.insights.kinds.together import Baskets, Maps, Overlapping, Trees
from perennial.evaluate.insights.kinds.trends import Trends
from perennial.evaluate.insights.kinds.worth import Scoring, Worth
from perennial.evaluate.insights.model import (
    DEFINITION_VERSION,
    Attribution,
    Basket,
    Distribution,
    Funnel,
    Gap,
    JourneyMap,
    Lifecycle,
    MetricTree,
    Overlap,
    Paths,
    Retention,
    Rfm,
    Sessions,
    Shared,
    Spec,
    Stickiness,
    Trend,
    Value,
)
from perennial.evaluate.insights.parse import parse_insight
from perennial.evaluate.insights.periods import Period, instant_at, period_of, previous
from perennial.evaluate.insights.ports import InsightLog
from perennial.kernel.conditions import Vocabulary
from perennial.kernel.conditions.moment import moment_asked
from perennial.kernel.values import Json, canonical
from perennial.kernel.windows import Zone

MOST_KEPT = 200
"""Answers kept in memory, the latest asked for."""
KEPT_FOR = timedelta(minutes=1)
"""So old may an answer be while nothing is added to the log: intervals end without news."""

_WHOLE_UNITS = (Retention, Lifecycle, Stickiness, Value)
"""Kinds whose first and last intervals are whole: half a week is no cohort."""


class Answering(Protocol):
    """A kind of insight about to answer one specification."""

    def answer(self) -> Answer:
        """The numbers."""
        ...

    def people(self, cell: Cell) -> Contributors:
        """Who makes up one of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An insight and what it is answered with."""

    document: Json
    known: KnownPeople
    vocabulary: Vocabulary
    zone: Zone
    now: datetime
    resolve: Callable[[Spec, datetime], Spec] = lambda spec, _as_of: spec


class Insights:
    """Answers insights about one workspace's log. Safe to use from several threads."""

    def __init__(self, log: InsightLog) -> None:
        self._log = log
        self._kept = _Kept()

    def run(self, asked: Asked) -> Answer:
        """An insight's answer with where it comes from. Raises InvalidDocument."""
        spec = self._read(asked)
        rests_on_people = _rests_on_people(spec)
        version = self._log.version()
        key = (canonical(asked.document), version, asked.zone, _kept_moment(asked, spec))
        if rests_on_people:
            # Segments and tags change without the log: such answers are worked out each time.
            return self._answer(asked, spec)
        return self._kept.get(key, lambda: self._answer(asked, spec))

    def people(self, asked: Asked, cell: Json) -> Contributors:
        """Who makes up a number. Raises InvalidDocument where the cell is none of the answer."""
        spec = self._read(asked)
        period = self._period(spec, asked.now)
        read = Cell(cell)
        if read.get("compare") is True:
            period = self._compared(spec, period, asked.now)
        return self._answering(asked, spec, period)[0].people(read)

    def _read(self, asked: Asked) -> Spec:
        spec = parse_insight(asked.document, zone=asked.zone, known=asked.vocabulary)
        return asked.resolve(spec, spec.shared.as_of or asked.now)

    def _answer(self, asked: Asked, spec: Spec) -> Answer:
        period = self._period(spec, asked.now)
        answering, facts = self._answering(asked, spec, period)
        numbers = answering.answer()
        told: Answer = {
            "kind": _kind_of(asked.document),
            "spec": asked.document,
            "definition_version": DEFINITION_VERSION,
            "timezone": spec.shared.zone.name,
            "range": period.shown(),
            "interval": spec.shared.interval,
            "as_of": instant_at(period.as_of).isoformat(),
            "answered_at": asked.now.isoformat(),
            "events_read": facts.events,
            "late_events": self._late(spec, period),
            **numbers,
        }
        if spec.shared.compare is not None:
            other = self._compared(spec, period, asked.now)
            compared, _ = self._answering(asked, spec, other)
            before = compared.answer()
            told["compare"] = {
                "range": other.shown(),
                **_marked(before),
                "tests": list(differences(str(told["kind"]), numbers, before)),
            }
        return told

    def _late(self, spec: Spec, period: Period) -> int:
        """Events that a question about a past moment counts though they arrived after it."""
        if spec.shared.as_of is None:
            return 0
        return self._log.late(period.start, period.until, after=instant_at(period.as_of))

    def _answering(self, asked: Asked, spec: Spec, period: Period) -> tuple[Answering, Facts]:
        facts = Facts(
            log=self._log,
            known=asked.known,
            shared=spec.shared,
            at=moment_asked(instant_at(period.as_of), zone=spec.shared.zone),
        ).narrowed()
        return _answering(spec, facts, period), facts

    def _period(self, spec: Spec, now: datetime) -> Period:
        return self._cut(spec, spec.shared, now)

    def _cut(self, spec: Spec, shared: Shared, now: datetime) -> Period:
        return period_of(
            shared.range,
            shared.interval,
            zone=shared.zone,
            now=now,
            as_of=shared.as_of or now,
            whole_units=isinstance(spec, _WHOLE_UNITS),
        )

    def _compared(self, spec: Spec, period: Period, now: datetime) -> Period:
        wanted = spec.shared.compare
        if wanted is None or wanted == "previous":
            return previous(period)
        return self._cut(spec, replace(spec.shared, range=wanted), now)


class _Kept:
    """The latest answers by their question; who asks the same meanwhile waits for the one."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._under_way: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def get(self, key: Hashable, answer: Callable[[], Answer]) -> Answer:
        """The kept answer, else this one, worked out once."""
        with self._lock:
            under_way = self._under_way.setdefault(key, Lock())
        try:
            with under_way:
                with self._lock:
                    if key in self._answers:
                        self._answers.move_to_end(key)
                        return self._answers[key]
                found = answer()
                with self._lock:
                    self._answers[key] = found
                    while len(self._answers) > MOST_KEPT:
                        self._answers.popitem(last=False)
                return found
        finally:
            with self._lock:
                self._under_way.pop(key, None)


def _answering(spec: Spec, facts: Facts, period: Period) -> Answering:  # noqa: C901, PLR0912
    # One line a kind: the type checker says which one is missing.
    match spec:
        case Trend():
            return Trends(spec, facts, period)
        case Funnel():
            return Funnels(spec, facts, period)
        case Retention():
            return Retained(spec, facts, period)
        case Lifecycle():
            return Lifecycles(spec, facts, period)
        case Stickiness():
            return Sticking(spec, facts, period)
        case Distribution():
            return Distributions(spec, facts, period)
        case Gap():
            return GapsBetween(spec, facts, period)
        case Paths():
            return Walking(spec, facts, period)
        case Attribution():
            return Touching(spec, facts, period)
        case Sessions():
            return Visiting(spec, facts, period)
        case Value():
            return Worth(spec, facts, period)
        case Rfm():
            return Scoring(spec, facts, period)
        case Overlap():
            return Overlapping(spec, facts, period)
        case JourneyMap():
            return Maps(spec, facts, period)
        case Basket():
            return Baskets(spec, facts, period)
        case MetricTree():
            return Trees(spec, facts, period)


def _rests_on_people(spec: Spec) -> bool:
    """Whether the answer rests on segments or tags, which change without the log."""
    breakdown = spec.shared.breakdown
    by_tag = breakdown is not None and breakdown.by == "tag"
    return spec.shared.among is not None or by_tag or isinstance(spec, Overlap)


def _kept_moment(asked: Asked, spec: Spec) -> Hashable:
    """How long an answer stands while the log stays the same."""
    return spec.shared.as_of or int(asked.now.timestamp() // KEPT_FOR.total_seconds())


def _kind_of(document: Json) -> Json:
    return document.get("kind") if isinstance(document, Mapping) else None


def _marked(answer: Answer) -> Answer:
    """The numbers of the compared range: their cells say so."""
    marked: Answer = json.loads(json.dumps(answer), object_hook=_with_mark)
    return marked


def _with_mark(found: dict[str, Json]) -> dict[str, Json]:
    for key, value in found.items():
        if (key == "cell" or key.endswith("_cell")) and isinstance(value, dict):
            found[key] = {**value, "compare": True}
    return found
