"""Why a condition holds: node by node what the reference evaluator says, and the values it sees."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil

import pytest
from hypothesis import given, settings
from tests.property.crowds import PHASES
from tests.property.defined import Defined, defined
from tests.property.questioned_logs import LARGE, Log, logs, written
from tests.services.event_stores import ENGINES, Workspaces, opened

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation
from perennial.compute.profiles.ports import Cut, Quantity
from perennial.compute.reasons import Finding, LastTold, Reason, why
from perennial.compute.reasons.rules import WithCuts
from perennial.compute.tags.model import Scalar
from perennial.kernel.conditions import (
    All,
    Condition,
    InSegment,
    KnownDefinitions,
    MeasureRule,
    Not,
    ScoreRule,
    TagIs,
    ValueRule,
    resolve,
)
from perennial.kernel.conditions.evaluator import first_seen, ranked_inside, trait_leaves
from perennial.kernel.conditions.model import (
    ASSIGNING_EVENT,
    Aggregate,
    AggregateKind,
    AssignedIs,
    Change,
    ConsentIs,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    Measure,
    Rank,
    Seen,
    Told,
    Trait,
)
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.events import ANY_EVENT
from perennial.kernel.ids import ProfileId, SegmentId, TagId
from perennial.kernel.values import flatten, path_and_parents
from perennial.kernel.windows import MICROSECOND, Between, Window
from perennial.runtime.reasoning import last_told
from perennial.testing import HistoryEvent, PersonHistory, evaluate, exists, measure_value
from perennial.testing.population import MemoryPopulation

COUNT = Aggregate(kind="count")
ANYTHING = EventPattern(event=ANY_EVENT)
EVERY_FORM = {
    Did,
    Measure,
    Change,
    DidInOrder,
    DidWithout,
    Seen,
    Rank,
    TagIs,
    InSegment,
    Trait,
    ConsentIs,
    AssignedIs,
    Not,
    All,
}
EXAMPLES = {"embedded": max(6, ceil(settings().max_examples / 40)), "server": 6, "shards": 6}
"""Each is a log of six to eight people, of whom two pairs may be one; every form is explained to each."""


@dataclass(frozen=True, slots=True)
class Engines:
    """`Witnesses` without a state: nobody is on a list."""

    population: ClickHousePopulation
    events: ClickHouseEventStore

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, at: Moment
    ) -> list[tuple[bool, ...]]:
        return self.population.verdicts(conditions, asks, at=at)

    def numbers_of(
        self, profile_id: ProfileId, wanted: Sequence[Quantity], *, at: Moment
    ) -> Sequence[float | None]:
        return self.population.numbers_of(profile_id, wanted, at=at)

    def cut_of(self, rank: Rank, *, at: Moment) -> Cut:
        return self.population.cut_of(rank, at=at)

    def told_of(
        self, profile_id: ProfileId, wanted: Collection[Told], *, at: Moment
    ) -> Mapping[Told, LastTold]:
        return last_told(self.events, profile_id, wanted, until=at.as_of)

    def kept_of(
        self, profile_id: ProfileId, segments: Collection[SegmentId], *, at: Moment
    ) -> Mapping[SegmentId, datetime]:
        return {}

    def stored_of(
        self, profile_id: ProfileId, tags: Collection[TagId], *, at: Moment
    ) -> Mapping[TagId, Scalar]:
        return {}


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Workspaces, int]]:
    with opened(str(request.param), request, tmp_path_factory) as make:
        yield make, EXAMPLES[str(request.param)]


def test_reasons_equal_the_reference_evaluator_node_by_node(engine: tuple[Workspaces, int]) -> None:
    make, examples = engine
    people: list[PersonHistory] = []
    forms: set[type[Condition]] = set()

    @settings(max_examples=examples, phases=PHASES, suppress_health_check=LARGE, deadline=None)
    @given(log=logs(fewest=6, most=8), asked=defined())
    def check(log: Log, asked: Defined) -> None:
        log = replace(log, moment=replace(log.moment, known_by=None))
        transport = make()
        witnesses = Engines(written(log, transport), ClickHouseEventStore(transport))
        for person in log.united:
            for condition in (All(of=asked.every_form), log.conditions[0]):
                told = why(
                    condition,
                    person.profile_id,
                    at=log.moment,
                    definitions=asked.definitions,
                    witnesses=witnesses,
                )
                judge = Judge(person, log, asked.definitions)
                for node in nodes(told):
                    judge.check(node)
                    forms.add(type(node.condition))
        people.extend(person for person in log.united if exists(person, log.moment))

    check()
    assert len(people) >= 20
    assert forms >= EVERY_FORM


def nodes(told: Reason) -> Iterator[Reason]:
    yield told
    for part in told.parts:
        yield from nodes(part)


class Judge:
    """What the reference evaluator says and sees of one person, without an engine."""

    def __init__(self, person: PersonHistory, log: Log, known: KnownDefinitions) -> None:
        self.person = person
        self.log = log
        self.at = log.moment
        self.people = [one for one in log.united if exists(one, log.moment)]
        everyone = MemoryPopulation(self.people)
        self.definitions = WithCuts(known, partial(everyone.cut_of, at=self.at), at=self.at)

    def check(self, node: Reason) -> None:
        meant = resolve(node.condition, self.definitions)
        assert node.holds == evaluate(meant, self.person, self.at), node
        expected = self.expected(node)
        assert node.seen.keys() == expected.keys(), node
        for name, value in expected.items():
            assert alike(node.seen[name], value), (name, value, node)

    def expected(self, node: Reason) -> Mapping[str, Finding]:
        match node.condition:
            case Did(pattern=pattern, window=window):
                return {
                    "count": int(self.number(COUNT, pattern, window) or 0),
                    **self.when("last_at", pattern, window),
                }
            case Measure(aggregate=aggregate, pattern=pattern, window=window):
                return {
                    "value": self.number(aggregate, pattern, window),
                    **self.when("last_at", pattern, window),
                }
            case Change():
                return self.of_change(node.condition)
            case DidInOrder(steps=steps, window=window):
                return {"counts": [int(self.number(COUNT, step, window) or 0) for step in steps]}
            case DidWithout(after=after, without=without):
                return {**self.when("did_at", after), **self.when("answered_at", without)}
            case Seen(end=end):
                return self.when("at", ANYTHING, kind="first_ago" if end == "first" else "last_ago")
            case Rank():
                return self.of_rank(node.condition)
            case TagIs():
                return self.of_tag(node.condition, node)
            case Trait() | ConsentIs() | AssignedIs():
                return self.of_told(node.condition)
            case _:
                return {}

    def number(self, aggregate: Aggregate, pattern: EventPattern, window: Window | None) -> float | None:
        return measure_value(aggregate, pattern, window, self.person, self.at)

    def when(
        self,
        name: str,
        pattern: EventPattern,
        window: Window | None = None,
        kind: AggregateKind = "last_ago",
    ) -> Mapping[str, Finding]:
        ago = self.number(Aggregate(kind=kind), pattern, window)
        return {} if ago is None else {name: self.at.as_of - timedelta(days=ago)}

    def of_change(self, change: Change) -> Mapping[str, Finding]:
        """Now, the mean of what it is against, and how they differ."""
        back = [change.against.shift or k * change.over for k in range(1, change.against.windows + 1)]
        now, *before = (
            self.number(change.aggregate, change.pattern, before_now(self.at, ago, change.over))
            for ago in (timedelta(), *(back[:1] if change.against.shift else back))
        )
        known = [value for value in before if value is not None]
        baseline = sum(known) / len(known) if known else None
        seen: dict[str, Finding] = {"now": now, "before": baseline}
        first = first_seen(self.person, self.at)
        if first is not None:
            seen["first_seen_at"] = first
        if now is not None and baseline is not None:
            if not change.percent:
                seen["difference"] = now - baseline
            elif baseline:
                seen["percent"] = (now - baseline) / baseline * 100
        return seen

    def of_rank(self, rank: Rank) -> Mapping[str, Finding]:
        among = None if rank.among is None else resolve(rank.among, self.definitions)
        rank = replace(rank, among=among)
        everyone = [self.value_of(one, rank) for one in ranked_inside(all_of(rank), self.people, self.at)]
        inside = [self.value_of(one, rank) for one in ranked_inside(rank, self.people, self.at)]
        last = (min if rank.side == "top" else max)(inside, default=None)
        value = self.number(rank.aggregate, rank.pattern, rank.window)
        return {"value": value, "border": last, "people": len(everyone), "found_at": self.at.as_of}

    def value_of(self, person: PersonHistory, rank: Rank) -> float:
        value = measure_value(rank.aggregate, rank.pattern, rank.window, person, self.at)
        assert value is not None
        return value

    def of_tag(self, asked: TagIs, node: Reason) -> Mapping[str, Finding]:
        """The value, where the tag is taken apart; where it stands again only its verdict is told."""
        rule = self.definitions.tag(asked.tag)
        match rule:
            case MeasureRule(aggregate=aggregate, pattern=pattern, window=window):
                return {"value": self.number(aggregate, pattern, window)}
            case ValueRule() if node.parts:
                held = (value for value, condition in rule.values if self.holds(condition))
                return {"value": next(held, rule.otherwise)}
            case ScoreRule() if node.parts:
                return self.of_scores(rule)
            case _:
                return {}

    def of_scores(self, rule: ScoreRule) -> Mapping[str, Finding]:
        if not self.holds(rule.population):
            return {"value": None}
        seen: dict[str, Finding] = {}
        high: list[bool] = []
        for part in rule.parts:
            value = self.number(part.aggregate, part.pattern, part.window)
            passed = (
                []
                if value is None
                else [cut for cut in part.cuts if (value <= cut if part.low_is_good else value >= cut)]
            )
            seen |= {part.name: value, f"{part.name}_score": 1 + len(passed)}
            high.append(1 + len(passed) >= part.high_from)
        named = {group.high: group.name for group in rule.groups}
        return {**seen, "value": named.get(tuple(high))}

    def of_told(self, told: Trait | ConsentIs | AssignedIs) -> Mapping[str, Finding]:
        """What the newest call that says anything of it says."""
        calls = [
            call for call in self.person.events if call.occurred_at <= self.at.as_of and says(call, told)
        ]
        if not calls:
            return {"value": None}
        last = max(calls, key=lambda call: (call.occurred_at, call.message_id))
        match told:
            case Trait(trait=path):
                found = trait_leaves(path, self.person, self.at)
                value = None if not found else found[0] if len(found) == 1 else [*found]
            case ConsentIs():
                value = last.properties["state"]
            case AssignedIs():
                value = last.properties["arm"]
        return {"value": value, "told_at": last.occurred_at, "source": "test"}

    def holds(self, condition: Condition) -> bool:
        return evaluate(resolve(condition, self.definitions), self.person, self.at)


def says(call: HistoryEvent, told: Trait | ConsentIs | AssignedIs) -> bool:
    found = call.properties
    match told:
        case Trait(trait=path):
            flat = flatten(found, marks_objects=True)
            said = flat.numbers.keys() | flat.texts.keys() | flat.lists.keys()
            return call.kind == "identify" and not said.isdisjoint(path_and_parents(path))
        case ConsentIs():
            about = (told.channel, told.topic)
            return call.kind == "consent" and (found["channel"], found["topic"]) == about
        case AssignedIs():
            return call.name == ASSIGNING_EVENT and found["journey"] == told.journey


def before_now(at: Moment, ago: timedelta, over: timedelta) -> Window:
    """`(as_of - ago - over, as_of - ago]`."""
    until = at.as_of - ago
    return Between(start=until - over + MICROSECOND, end=until + MICROSECOND)


def all_of(rank: Rank) -> Rank:
    return replace(rank, percent=100.0)


def alike(found: Finding, expected: Finding) -> bool:
    """Equal; numbers but for the order they were added in, instants to the millisecond."""
    match found, expected:
        case datetime(), datetime():
            return abs(found - expected) <= timedelta(milliseconds=1)
        case (bool() | str() | list(), _) | (_, bool() | None):
            return found == expected
        case float() | int(), float() | int():
            return found == pytest.approx(expected, abs=1e-9)
        case _:
            return found == expected
