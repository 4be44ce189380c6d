"""The log in order of name as well: the same answers from fewer rows, on every engine."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta

import pyarrow as pa
import pytest

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation, Transport
from perennial.backends.clickhouse.by_name import complete_order, order_by_name
from perennial.backends.clickhouse.erasing import ClickHouseEventErasure
from perennial.backends.clickhouse.groups import Costs
from perennial.backends.clickhouse.parameters import Parameter, Sql
from perennial.backends.clickhouse.promotion import PromotedPaths
from perennial.backends.clickhouse.transport import NO_PARAMETERS, Table
from perennial.collect.events.columns import EventRow, to_table
from perennial.collect.privacy.model import PersonNames
from perennial.kernel.conditions import parse_condition
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.testing import at

IN_MEMORY = Costs(arrays=0, promotion=0)
BY_THE_ENGINE = Costs(promotion=0)
NOW = at().as_of
PEOPLE, DAYS = 400, 40
NAMES = ("page", "search", "order_paid", "refund", "login")
RARE = ("share", "vote")
DOCUMENTS: list[Json] = [
    {"did": "order_paid", "within": "30d", "times": ">= 6"},
    {"did": "refund", "times": "= 0"},
    {"did": "order_paid", "where": [{"property": "platform", "is": "ios"}], "times": ">= 4"},
    {"measure": "sum(amount)", "of": "order_paid", "within": "20d", "is": ">= 100"},
    {"measure": "distinct(platform)", "of": "search", "is": ">= 2"},
    {"measure": "streak", "of": "page", "is": ">= 1"},
    {"measure": "last_ago", "of": "login", "is": "<= 3"},
    {"did": "*", "within": "10d", "times": ">= 9"},
    {"trait": "plan", "is": "black"},
    {"did": "share"},
    {"did": "vote", "where": [{"property": "platform", "is": "ios"}]},
    {"all": [{"did": "page"}, {"not": {"did": "refund", "within": "20d"}}]},
]


def the_log() -> pa.Table:
    """A row a day of everyone, of names by turns, and what half of them said once."""
    rows = [
        EventRow(
            profile_id=ProfileId(person),
            occurred_at=NOW - timedelta(days=day, minutes=person % 7),
            received_at=NOW,
            name=NAMES[(person * 7 + day * day) % len(NAMES)],
            kind="track",
            source="test",
            message_id=f"m-{person}-{day}",
            numbers={"amount": float((person + day) % 41)},
            texts={"platform": "ios" if (person + day) % 3 else "web"},
        )
        for person in range(1, PEOPLE + 1)
        for day in range(DAYS if person % 3 else 8)
    ]
    rare = [
        EventRow(
            profile_id=ProfileId(person),
            occurred_at=NOW - timedelta(days=2),
            received_at=NOW,
            name=RARE[person % 2],
            kind="track",
            source="test",
            message_id=f"r-{person}",
            texts={"platform": "ios" if person % 3 else "web"},
        )
        for person in range(1, 60)
    ]
    said = [
        EventRow(
            profile_id=ProfileId(person),
            occurred_at=NOW - timedelta(days=1),
            received_at=NOW,
            name="",
            kind="identify",
            source="test",
            message_id=f"i-{person}",
            texts={"plan": "black" if person % 5 else "free"},
        )
        for person in range(1, PEOPLE + 1, 2)
    ]
    return to_table([*rows, *rare, *said])


def who(transport: Transport, costs: Costs) -> list[list[int]]:
    conditions = [parse_condition(document) for document in DOCUMENTS]
    population = ClickHousePopulation(transport, costs)
    return [members.tolist() for members in population.members(conditions, at=at())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """A transport that keeps what is asked, and about which events."""

    inner: Transport
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list[tuple[str, tuple[str, ...]]])

    @property
    def shards(self) -> Sequence["Listening"]:
        return [Listening(inner=shard, asked=self.asked) for shard in self.inner.shards]

    def query(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> pa.Table:
        events = {*NAMES, *RARE}
        named = [list(one.value) for one in parameters.values() if isinstance(one.value, list | tuple)]
        names = [tuple(sorted(map(str, one))) for one in named if one and events.issuperset(one)]
        self.asked.append((str(statement), names[0] if names else ()))
        return self.inner.query(statement, parameters)

    def stream(
        self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS
    ) -> AbstractContextManager[Iterator[pa.RecordBatch]]:
        return self.inner.stream(statement, parameters)

    def command(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> None:
        self.inner.command(statement, parameters)

    def insert(self, table: Table, rows: pa.Table, *, token: str) -> None:
        self.inner.insert(table, rows, token=token)

    def drop(self) -> None:
        self.inner.drop()

    def unite(self) -> None:
        self.inner.unite()


@pytest.fixture
def ordered(transport: Transport) -> Transport:
    """A log that is kept in order of name as well."""
    ClickHouseEventStore(transport).append(the_log(), token="log")
    ClickHousePopulation(transport, IN_MEMORY).promote(["amount", "platform", "plan"], wait=True)
    return transport


def test_answers_by_name_are_those_of_the_engine(ordered: Transport) -> None:
    found = who(ordered, IN_MEMORY)
    assert found == who(ordered, BY_THE_ENGINE)
    assert all(0 < len(members) < PEOPLE for members in found)


def test_each_frequent_event_is_read_by_itself_and_rare_ones_together(ordered: Transport) -> None:
    listening = Listening(inner=ordered)
    who(listening, IN_MEMORY)
    order = complete_order(ordered)
    assert order is not None
    read = [names for asked, names in listening.asked if f"'{order.name}'" in asked]
    assert {names for names in read if names} == {*((name,) for name in NAMES), RARE}
    # Activity is read as the log lies, with everyone who exists.
    assert any("optimize_use_projections = 0" in asked for asked, _ in listening.asked)


def test_the_engine_can_read_an_event_in_order_of_name(ordered: Transport) -> None:
    order = complete_order(ordered)
    assert order is not None
    forced = Sql(
        "SELECT count() AS rows FROM (SELECT profile_id, occurred_at, number_616d6f756e74"  # noqa: S608 - our own
        " FROM {database:Identifier}.events WHERE name IN ('refund') AND kind IN ('track', 'page'))"
        " SETTINGS aggregate_functions_null_for_empty = 0, force_optimize_projection = 1,"
        f" preferred_optimize_projection_name = '{order.name}'"
    )
    rows = [shard.query(forced)["rows"].to_pylist()[0] for shard in ordered.shards]
    assert sum(rows) == the_log().filter(pa.compute.equal(the_log()["name"], "refund")).num_rows


def test_what_comes_later_what_is_repeated_and_what_is_erased_counts_at_once(ordered: Transport) -> None:
    store = ClickHouseEventStore(ordered)
    newcomer = to_table(
        [
            EventRow(
                profile_id=ProfileId(PEOPLE + 1),
                occurred_at=NOW - timedelta(hours=hour),
                received_at=NOW,
                name="order_paid",
                kind="track",
                source="test",
                message_id=f"late-{hour}",
                numbers={"amount": 30.0},
                texts={"platform": "ios"},
            )
            for hour in range(7)
        ]
    )
    store.append(newcomer, token="late")
    store.append(newcomer, token="late")
    before = who(ordered, IN_MEMORY)
    assert PEOPLE + 1 in before[0]
    assert before == who(ordered, BY_THE_ENGINE)
    gone = PersonNames(profiles=[ProfileId(PEOPLE + 1)], names=[])
    ClickHouseEventErasure(ordered).erase(gone)
    after = who(ordered, IN_MEMORY)
    assert after == [[one for one in members if one != PEOPLE + 1] for members in before]
    assert complete_order(ordered) is not None


def test_an_order_that_lacks_a_path_serves_the_others_until_the_next_one_is_complete(
    ordered: Transport,
) -> None:
    first = complete_order(ordered)
    assert first is not None
    assert first.paths == {"amount", "platform", "plan"}
    paths = PromotedPaths(ordered)
    paths.add(["coupon"])
    assert complete_order(ordered) == first
    assert who(ordered, IN_MEMORY) == who(ordered, BY_THE_ENGINE)
    paths.promote(["coupon"], wait=True)
    second = complete_order(ordered)
    assert second is not None
    assert second.paths == {"amount", "platform", "plan", "coupon"}
    shown = Sql("SELECT name FROM system.projections WHERE database = {database:String}")
    assert [shard.query(shown)["name"].to_pylist() for shard in ordered.shards] == [
        [second.name] for _ in ordered.shards
    ]


def test_an_order_is_used_once_every_part_has_it(transport: Transport) -> None:
    ClickHouseEventStore(transport).append(the_log(), token="log")
    paths = PromotedPaths(transport)
    paths.add([])
    # As one that was broken off leaves it: declared, and made for nothing that is there.
    transport.command(
        Sql(
            "ALTER TABLE {database:Identifier}.events ADD PROJECTION by_name_00 "
            "(SELECT name, kind, profile_id, occurred_at, is_activity"
            " ORDER BY kind, name, profile_id, occurred_at)"
        )
    )
    assert complete_order(transport) is None
    order_by_name(transport, [], [], wait=True)
    order = complete_order(transport)
    assert order is not None
    assert order.paths == frozenset()
