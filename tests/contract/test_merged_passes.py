"""Questions about everyone where some have several profiles: the same answers, and no row read twice."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation, Transport
from perennial.backends.clickhouse.groups import Costs
from perennial.backends.clickhouse.parameters import Parameter, Sql
from perennial.backends.clickhouse.transport import NO_PARAMETERS, Table
from perennial.collect.events.columns import to_table
from perennial.compute.profiles import EVERYONE, Quantity
from perennial.kernel.conditions import Ask, parse_condition
from perennial.kernel.conditions.model import Aggregate, AggregateKind, EventPattern
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.testing import HistoryEvent, PersonHistory, an_event, an_identify, at, rows_of
from perennial.testing.builders import NOON

DAY = timedelta(days=1)
ANNA, BOB, CARL, DORA = ProfileId(1), ProfileId(2**61), ProfileId(3), ProfileId(2**63 - 1)
PATHS = ("amount", "plan")
IN_MEMORY, BY_ENGINE = Costs(arrays=0, promotion=0), Costs(promotion=0)
TWICE: Json = {"did": "order_paid", "times": ">= 2"}
SPENT: Json = {"measure": "sum(amount)", "of": "order_paid", "is": ">= 100"}
GOLD: Json = {"trait": "plan", "is": "gold"}
HOUR, NONE = 1 / 24, math.nan
EXPECTED: Mapping[str, Sequence[tuple[float, float]]] = {
    "count": [(1, 3), (0, 1)],
    "min": [(1, 60), (NONE, 5)],
    "max": [(1, 200), (NONE, 5)],
    "first_ago": [(HOUR, 1), (NONE, 3)],
    "last_ago": [(HOUR, HOUR), (NONE, 3)],
    "sum": [(1, 320), (0, 5)],
    "avg": [(1, 320 / 3), (NONE, 5)],
    "days": [(1, 2), (0, 1)],
}
"""Of orders and of refunds: Carl's number, who has one profile, and Dora's, who has three."""


class Listening:
    """A transport that notes what it is asked."""

    def __init__(self, transport: Transport, heard: list[str]) -> None:
        self._transport = transport
        self.heard = heard

    @property
    def shards(self) -> Sequence[Transport]:
        """Each shard, listened to as well."""
        return [Listening(shard, self.heard) for shard in self._transport.shards]

    def query(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> pa.Table:
        """Asked as it stands."""
        self.heard.append(statement)
        return self._transport.query(statement, parameters)

    def stream(
        self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS
    ) -> AbstractContextManager[Iterator[pa.RecordBatch]]:
        """Asked as it stands."""
        return self._transport.stream(statement, parameters)

    def command(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> None:
        """Carried out as it stands."""
        self._transport.command(statement, parameters)

    def unite(self) -> None:
        """As without listening."""
        self._transport.unite()

    def drop(self) -> None:
        """As without listening."""
        self._transport.drop()

    def insert(self, table: Table, rows: pa.Table, *, token: str) -> None:
        """As without listening."""
        self._transport.insert(table, rows, token=token)


def tell(transport: Transport, person: ProfileId, *events: HistoryEvent) -> None:
    rows = to_table(rows_of(PersonHistory(profile_id=person, events=events)))
    ClickHouseEventStore(transport).append(rows, token=f"{person}-{len(events)}")


def who(population: ClickHousePopulation, *documents: Json) -> list[list[int]]:
    conditions = [parse_condition(document) for document in documents]
    return [members.tolist() for members in population.members(conditions, at=at())]


def a_crowd(transport: Transport) -> None:
    tell(transport, ANNA, an_event("order_paid", {"amount": 60}, ago=DAY), an_identify({"plan": "gold"}))
    tell(transport, BOB, an_event("order_paid", {"amount": 60}), an_identify({"plan": "free"}, ago=DAY))
    tell(transport, CARL, an_event("order_paid", {"amount": 1}))
    tell(transport, DORA, an_event("order_paid", {"amount": 200}))


@pytest.mark.parametrize("costs", [IN_MEMORY, BY_ENGINE], ids=["in-memory", "by-engine"])
def test_whoever_has_several_profiles_is_asked_about_all_of_their_rows(
    transport: Transport, costs: Costs
) -> None:
    a_crowd(transport)
    population = ClickHousePopulation(transport, costs)
    population.promote(PATHS, wait=True)
    ClickHouseEventStore(transport).override({ANNA: BOB, CARL: DORA}, version=1)
    assert who(population, TWICE, SPENT, GOLD) == [[BOB, DORA], [BOB, DORA], [BOB]]
    assert population.count(EVERYONE, at=at()) == 2


def test_no_row_of_the_log_is_read_a_second_time_for_merged_people(transport: Transport) -> None:
    a_crowd(transport)
    heard: list[str] = []
    population = ClickHousePopulation(Listening(transport, heard), IN_MEMORY)
    population.promote(PATHS, wait=True)

    def reads_of_the_log() -> int:
        heard.clear()
        who(population, TWICE, SPENT, GOLD)
        return sum(".events" in statement for statement in heard)

    before = reads_of_the_log()
    ClickHouseEventStore(transport).override({ANNA: BOB, CARL: DORA}, version=1)
    assert reads_of_the_log() == before


def test_two_calls_of_one_instant_under_two_profiles_are_told_apart_by_their_messages(
    transport: Transport,
) -> None:
    """The quick way cannot tell which came last, and asks exactly."""
    for person, number, plan in ((ANNA, 1, "free"), (BOB, 2, "gold")):
        tell(transport, person, replace(an_identify({"plan": plan}), message_id=f"m-{number}"))
    population = ClickHousePopulation(transport, IN_MEMORY)
    population.promote(PATHS, wait=True)
    ClickHouseEventStore(transport).override({BOB: ANNA}, version=1)
    assert who(population, GOLD, {"trait": "plan", "is": "free"}) == [[ANNA], []]


def test_lists_of_merged_people_are_found_where_none_was_expected(transport: Transport) -> None:
    tell(transport, ANNA, an_event("order_paid", {"amount": [70, 50]}))
    tell(transport, BOB, an_event("order_paid", {"amount": 1}))
    tell(transport, CARL, an_event("order_paid", {"amount": 99}))
    population = ClickHousePopulation(transport, IN_MEMORY)
    population.promote(PATHS, wait=True)
    ClickHouseEventStore(transport).override({ANNA: BOB}, version=1)
    assert who(population, SPENT, TWICE) == [[BOB], [BOB]]


def test_whoever_has_one_profile_is_not_asked_differently_because_others_were_merged(
    transport: Transport,
) -> None:
    a_crowd(transport)
    heard: list[str] = []
    population = ClickHousePopulation(Listening(transport, heard))
    ClickHouseEventStore(transport).override({ANNA: BOB}, version=1)
    asks = [Ask(profile_id=one, as_of=NOON) for one in (BOB, CARL, ANNA, DORA)]
    conditions = [parse_condition(TWICE), parse_condition(SPENT)]
    answers = [(True, True), (False, False), (True, True), (False, True)]
    assert population.verdicts(conditions, asks, at=at()) == answers
    heard.clear()
    assert population.verdicts(conditions, [asks[1], asks[3]], at=at()) == [answers[1], answers[3]]
    assert not any("INNER JOIN" in statement for statement in heard)


@pytest.mark.parametrize("kind", ["count", "min", "max", "first_ago", "last_ago", "sum", "avg", "days"])
def test_numbers_of_merged_people_are_those_of_all_their_rows(
    transport: Transport, kind: AggregateKind
) -> None:
    a_crowd(transport)
    tell(transport, ANNA, an_event("refund", {"amount": 5}, ago=3 * DAY))
    of_values = kind in {"min", "max", "sum", "avg"}
    aggregate = Aggregate(kind=kind, property="amount" if of_values else None)
    wanted = [
        Quantity(aggregate=aggregate, pattern=EventPattern(event=event), window=None)
        for event in ("order_paid", "refund")
    ]
    population = ClickHousePopulation(transport)
    ClickHouseEventStore(transport).override({ANNA: DORA, BOB: DORA}, version=1)
    found = population.quantities(wanted, at=at())
    assert found.profile_ids.tolist() == [CARL, DORA]
    assert found.values == pytest.approx(np.array(EXPECTED[kind]).T, nan_ok=True)


def test_what_is_told_of_merges_counts_at_once_whoever_tells_it(transport: Transport) -> None:
    a_crowd(transport)
    population, store = ClickHousePopulation(transport), ClickHouseEventStore(transport)
    asks = [Ask(profile_id=BOB, as_of=NOON)]
    twice = [parse_condition(TWICE)]
    assert population.verdicts(twice, asks, at=at()) == [(False,)]
    store.override({ANNA: BOB}, version=1)
    assert population.verdicts(twice, asks, at=at()) == [(True,)]
    store.restate({ANNA: ANNA}, version=2)
    assert population.verdicts(twice, asks, at=at()) == [(False,)]
    store.restate({ANNA: BOB}, version=3)
    assert population.verdicts(twice, asks, at=at()) == [(True,)]
