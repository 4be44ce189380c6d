"""Why a condition holds: node by node what the reference evaluator says, and the values it sees."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

import pytest
from hypothesis import given, settings
from tests.property.questioned_logs import LARGE, Log, expected_verdict, logs, written
from tests.services.event_stores import ENGINES, Workspaces, opened

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation
from perennial.compute.profiles.ports import Quantity
from perennial.compute.reasons import LastTold, Reason, why
from perennial.compute.tags.model import Scalar
from perennial.kernel.conditions import Condition, InSegment, KnownDefinitions, Not, resolve
from perennial.kernel.conditions.evaluator import trait_leaves
from perennial.kernel.conditions.model import Aggregate, Did, Measure, Told, Trait
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.ids import ProfileId, SegmentId, TagId
from perennial.runtime.reasoning import last_told
from perennial.testing import PersonHistory, measure_value

COUNT = Aggregate(kind="count")
EXAMPLES = {"embedded": max(6, ceil(settings().max_examples / 40)), "server": 6, "shards": 6}
"""Each is a log of up to four people with a dozen conditions, explained for every one of them."""


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
    explained: list[Reason] = []

    @settings(max_examples=examples, suppress_health_check=LARGE, deadline=None)
    @given(log=logs())
    def check(log: Log) -> None:
        log = replace(log, moment=replace(log.moment, known_by=None))
        transport = make()
        witnesses = Engines(written(log, transport), ClickHouseEventStore(transport))
        definitions = KnownDefinitions(segments={"first": log.conditions[0]})
        asked = [*log.conditions, Not(of=InSegment(segment="first"))]
        for person in log.united:
            for condition in asked[-5:]:
                told = why(
                    condition,
                    person.profile_id,
                    at=log.moment,
                    definitions=definitions,
                    witnesses=witnesses,
                )
                explained.append(told)
                for node in nodes(told):
                    check_node(node, person, log, definitions)

    check()
    assert len(explained) >= 20


def nodes(told: Reason) -> Iterator[Reason]:
    yield told
    for part in told.parts:
        yield from nodes(part)


def check_node(node: Reason, person: PersonHistory, log: Log, definitions: KnownDefinitions) -> None:
    at = log.moment
    meant = resolve(node.condition, definitions)
    ask = Ask(profile_id=person.profile_id, as_of=at.as_of)
    assert node.holds == expected_verdict(meant, ask, log), node
    match node.condition:
        case Did(pattern=pattern, window=window):
            counted = measure_value(COUNT, pattern, window, person, at)
            assert node.seen["count"] == counted
        case Measure(aggregate=aggregate, pattern=pattern, window=window):
            value = measure_value(aggregate, pattern, window, person, at)
            assert node.seen["value"] == (None if value is None else pytest.approx(value))
        case Trait(trait=path):
            found = trait_leaves(path, person, at)
            assert node.seen["value"] == (None if not found else found[0] if len(found) == 1 else found)
        case _:
            assert node.parts or not isinstance(node.condition, InSegment)
