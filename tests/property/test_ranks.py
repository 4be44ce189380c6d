"""Who is in a share of everyone: those whom fewer people beat than it has places, on every engine."""

from collections.abc import Iterator
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.crowds import PHASES, crowds
from tests.property.questioned_logs import LARGE, Log, written
from tests.property.strategies import ranks
from tests.services.event_stores import SERVERS, Workspaces, opened

from perennial.backends.clickhouse import ClickHousePopulation
from perennial.compute.profiles.ranking import find_cut
from perennial.kernel.conditions import All, Condition, KnownDefinitions, Not, Rank, resolve
from perennial.kernel.conditions.evaluator import evaluate, ranked_inside
from perennial.kernel.conditions.moment import Ask
from perennial.testing import exists

EXAMPLES = max(4, ceil(settings().max_examples / 25))


@pytest.fixture(scope="module")
def embedded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspaces]:
    with opened("embedded", request, tmp_path_factory) as make:
        yield make


@pytest.fixture(scope="module", params=SERVERS)
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspaces]:
    with opened(str(request.param), request, tmp_path_factory) as make:
        yield make


@settings(max_examples=EXAMPLES, phases=PHASES, suppress_health_check=LARGE, deadline=None)
@given(log=crowds(), asked=st.lists(ranks(), min_size=8, max_size=8))
def test_a_share_is_what_the_reference_evaluator_says(
    embedded: Workspaces, log: Log, asked: list[Rank]
) -> None:
    check(written(log, embedded()), log, asked)


@settings(max_examples=max(2, EXAMPLES // 4), phases=PHASES, suppress_health_check=LARGE, deadline=None)
@given(log=crowds(), asked=st.lists(ranks(), min_size=8, max_size=8))
def test_a_share_is_one_of_all_shards_together(servers: Workspaces, log: Log, asked: list[Rank]) -> None:
    check(written(log, servers()), log, asked)


def check(population: ClickHousePopulation, log: Log, asked: list[Rank]) -> None:
    """Everyone at once, and one by one, with respect to one cut."""
    at = log.moment
    found = {rank: find_cut(rank, population, at=at) for rank in asked}
    cuts = {rank: cut.value for rank, cut in found.items() if cut.value is not None}
    definitions = KnownDefinitions(cuts=cuts)
    others = log.conditions[: len(asked)]
    whole: list[Condition] = [
        part
        for rank, other in zip(asked, others, strict=True)
        for part in (rank, Not(of=rank), All(of=(rank, other)))
    ]
    resolved = [resolve(one, definitions) for one in whole]
    members = [ids.tolist() for ids in population.members(resolved, at=at)]
    people = [person for person in log.united if exists(person, at)]
    asks = [Ask(profile_id=person.profile_id, as_of=at.as_of) for person in people]
    verdicts = population.verdicts(resolved, asks, at=at)
    for place, rank in enumerate(asked):
        inside = {person.profile_id for person in ranked_inside(rank, people, at)}
        assert members[3 * place] == sorted(inside), rank
        assert members[3 * place + 1] == sorted({person.profile_id for person in people} - inside), rank
        both = {person.profile_id for person in people if evaluate(others[place], person, at)} & inside
        assert members[3 * place + 2] == sorted(both), (rank, others[place])
    for place, ids in enumerate(members):
        held = [ask.profile_id for ask, verdict in zip(asks, verdicts, strict=True) if verdict[place]]
        assert sorted(held) == ids, whole[place]
