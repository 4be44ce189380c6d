"""Compiled to SQL, a condition means what the reference evaluator says it means.

Short by default; `HYPOTHESIS_PROFILE=long` runs the thousands that a release promises. The same SQL is asked
of the server versions as well, in a shorter form: they are other versions of the engine.
"""

from collections.abc import Iterator
from math import ceil

import pytest
from hypothesis import given, settings
from tests.property.questioned_logs import (
    APART,
    CONDITIONS,
    IN_MEMORY,
    LARGE,
    Log,
    check_alone,
    check_quantities,
    check_together,
    logs,
    written,
)
from tests.services.event_stores import SERVERS, Workspaces, opened

PROMOTED = ("amount", "items.sku", "when", "city", "birthday", "vip")
"""Some of the paths that logs hold, and not all: a statement then reads both columns and maps."""
ALL_PATHS = ("amount", "code", "items.sku", "context.ip", "when", "city", "age", "vip", "birthday")
"""All of them."""
EXAMPLES = max(25, ceil(settings().max_examples / CONDITIONS))
"""300 conditions in the short form, 2,000 in the long one, each about several people and asks."""


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


@settings(max_examples=EXAMPLES, suppress_health_check=LARGE)
@given(log=logs())
def test_compiled_conditions_equal_the_reference_evaluator(embedded: Workspaces, log: Log) -> None:
    check_together(written(log, embedded()), log)


@settings(max_examples=EXAMPLES, suppress_health_check=LARGE)
@given(log=logs())
def test_a_pass_in_many_statements_equals_the_reference_evaluator(embedded: Workspaces, log: Log) -> None:
    check_together(written(log, embedded(), costs=APART), log)


@settings(max_examples=EXAMPLES, suppress_health_check=LARGE)
@given(log=logs())
def test_promoted_paths_answer_as_the_reference_evaluator(embedded: Workspaces, log: Log) -> None:
    population = written(log, embedded(), costs=APART)
    population.promote(PROMOTED, wait=True)
    check_together(population, log)
    check_quantities(population, log)


@settings(max_examples=EXAMPLES, suppress_health_check=LARGE)
@given(log=logs())
def test_rows_counted_in_memory_answer_as_the_reference_evaluator(embedded: Workspaces, log: Log) -> None:
    population = written(log, embedded(), costs=IN_MEMORY)
    population.promote(ALL_PATHS, wait=True)
    check_together(population, log)


@settings(max_examples=max(10, EXAMPLES // 3), suppress_health_check=LARGE)
@given(log=logs())
def test_rows_counted_in_memory_for_a_condition_alone_answer_as_well(embedded: Workspaces, log: Log) -> None:
    population = written(log, embedded(), costs=IN_MEMORY)
    population.promote(PROMOTED, wait=True)
    check_alone(population, log)


@settings(max_examples=max(10, EXAMPLES // 3), suppress_health_check=LARGE)
@given(log=logs())
def test_a_condition_asked_alone_equals_the_reference_evaluator(embedded: Workspaces, log: Log) -> None:
    check_alone(written(log, embedded()), log)


@settings(max_examples=max(10, EXAMPLES // 3), suppress_health_check=LARGE)
@given(log=logs())
def test_quantities_equal_the_reference_evaluator(embedded: Workspaces, log: Log) -> None:
    check_quantities(written(log, embedded()), log)


@settings(max_examples=max(10, EXAMPLES // 3), suppress_health_check=LARGE)
@given(log=logs())
def test_a_server_and_shards_answer_as_the_reference_evaluator(servers: Workspaces, log: Log) -> None:
    population = written(log, servers(), costs=APART)
    population.promote(PROMOTED, wait=True)
    check_together(population, log)
    check_quantities(population, log)
