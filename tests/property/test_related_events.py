"""Sequences, absences, sightings, consents and assignments mean in SQL what the reference evaluator says."""

from collections.abc import Iterator
from math import ceil

import pytest
from hypothesis import given, settings
from tests.property.crowds import PHASES, crowds
from tests.property.questioned_logs import APART, IN_MEMORY, LARGE, Log, check_alone, check_together, written
from tests.services.event_stores import SERVERS, Workspaces, opened

EXAMPLES = max(8, ceil(settings().max_examples / 36))
"""8 logs in the short form, 56 in the long one: 1,500 pairs or 10,700, and others at earlier instants."""


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
@given(log=crowds())
def test_related_events_answer_as_the_reference_evaluator(embedded: Workspaces, log: Log) -> None:
    check_together(written(log, embedded(), costs=APART), log)


@settings(max_examples=max(3, EXAMPLES // 4), phases=PHASES, suppress_health_check=LARGE, deadline=None)
@given(log=crowds())
def test_they_do_beside_rows_that_are_counted_in_memory(embedded: Workspaces, log: Log) -> None:
    population = written(log, embedded(), costs=IN_MEMORY)
    population.promote(("code", "items.sku", "state"), wait=True)
    check_together(population, log)


@settings(max_examples=max(3, EXAMPLES // 4), phases=PHASES, suppress_health_check=LARGE, deadline=None)
@given(log=crowds())
def test_each_answers_alone_as_well(embedded: Workspaces, log: Log) -> None:
    check_alone(written(log, embedded()), log)


@settings(max_examples=max(3, EXAMPLES // 4), phases=PHASES, suppress_health_check=LARGE, deadline=None)
@given(log=crowds())
def test_a_server_and_shards_relate_events_alike(servers: Workspaces, log: Log) -> None:
    check_together(written(log, servers(), costs=APART), log)
