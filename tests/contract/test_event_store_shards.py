"""What three shards add to the contract: a person's rows on one of them, and what is about people there."""

from collections.abc import Iterator

import pytest
from tests.services.clickhouse import SHARDS

from perennial.backends.clickhouse import (
    ClickHouseEventStore,
    ClickHousePopulation,
    ClickHouseServer,
    Transport,
    parse_address,
    prepare_database,
)
from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Parameter, Sql, sql
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import EventStoreFailed
from perennial.collect.events.columns import to_table
from perennial.kernel.conditions import parse_condition
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.errors import Refused
from perennial.kernel.ids import ProfileId
from perennial.testing import PersonHistory, an_event, at, rows_of
from perennial.testing.builders import NOON

pytestmark = pytest.mark.service

PEOPLE = range(1, 31)
CROWD = to_table(
    [
        row
        for number in PEOPLE
        for row in rows_of(PersonHistory(profile_id=ProfileId(number), events=(an_event("order_paid"),)))
    ]
)
ORDERED = parse_condition({"did": "order_paid", "times": ">= 2"})


@pytest.fixture(scope="module")
def cluster(clickhouse_cluster: str) -> Iterator[ClickHouseServer]:
    with ClickHouseServer(parse_address(clickhouse_cluster)) as cluster:
        yield cluster


@pytest.fixture
def shards(cluster: ClickHouseServer, request: pytest.FixtureRequest) -> Transport:
    transport = cluster.database(f"ws_{request.node.name}")
    prepare_database(transport)
    return transport


def profiles_at(shard: Transport) -> list[int]:
    found = shard.query(Sql("SELECT profile_id FROM {database:Identifier}.events ORDER BY profile_id"))
    return integers(found, "profile_id")


def test_each_persons_rows_are_on_the_shard_that_the_profile_names(shards: Transport) -> None:
    ClickHouseEventStore(shards).append(CROWD, token="t")
    assert [profiles_at(shard) for shard in shards.shards] == [
        [number for number in PEOPLE if number % SHARDS == place] for place in range(SHARDS)
    ]


def test_an_append_that_reached_some_shards_is_completed_under_its_token(shards: Transport) -> None:
    store = ClickHouseEventStore(shards)
    theirs = [number % SHARDS == 1 for number in PEOPLE]
    shards.shards[1].insert("events", CROWD.filter(theirs), token="t")
    for _ in range(2):
        store.append(CROWD, token="t")
    assert store.count() == len(PEOPLE)


def test_hosts_may_stand_in_the_address_in_any_order(shards: Transport, clickhouse_cluster: str) -> None:
    ClickHouseEventStore(shards).append(CROWD, token="t")
    hosts, _, query = clickhouse_cluster.removeprefix("clickhouse://").partition("/")
    turned = ",".join(reversed(hosts.split(",")))
    with ClickHouseServer(parse_address(f"clickhouse://{turned}/{query}")) as other:
        same = other.database(f"ws_{test_hosts_may_stand_in_the_address_in_any_order.__name__}")
        prepare_database(same)
        assert [profiles_at(shard) for shard in same.shards] == [
            profiles_at(shard) for shard in shards.shards
        ]


def test_questions_about_people_are_answered_by_each_shard_alone(shards: Transport) -> None:
    store, population = ClickHouseEventStore(shards), ClickHousePopulation(shards)
    for token in ("first", "second"):
        store.append(CROWD, token=token)
    # Nothing is left that could read another shard's rows.
    shards.command(sql("DROP TABLE {all:Identifier}.events"), {"all": all_shards_of(shards)})
    with pytest.raises(EventStoreFailed):
        store.count()
    assert population.count(ORDERED, at=at()) == len(PEOPLE)
    assert population.members([ORDERED], at=at())[0].tolist() == list(PEOPLE)
    asks = [Ask(profile_id=ProfileId(number), as_of=NOON) for number in (3, 1, 2, 99)]
    assert population.verdicts([ORDERED], asks, at=at()) == [(True,), (True,), (True,), (False,)]


def test_people_merged_over_shards_are_one_person(shards: Transport) -> None:
    store, population = ClickHouseEventStore(shards), ClickHousePopulation(shards)
    store.append(CROWD, token="t")
    store.override({ProfileId(1): ProfileId(2), ProfileId(4): ProfileId(7)}, version=1)
    assert population.members([ORDERED], at=at())[0].tolist() == [2, 7]
    assert population.count(parse_condition({"not": {"did": "refund"}}), at=at()) == len(PEOPLE) - 2
    asks = [Ask(profile_id=ProfileId(number), as_of=NOON) for number in (1, 2, 3, 4)]
    assert population.verdicts([ORDERED], asks, at=at()) == [(True,), (True,), (False,), (True,)]


def test_merges_are_known_on_every_shard_and_completed_where_they_were_interrupted(shards: Transport) -> None:
    store = ClickHouseEventStore(shards)
    interrupted = {
        "profiles": Parameter(type="Array(UInt64)", value=[1]),
        "canonicals": Parameter(type="Array(UInt64)", value=[2]),
        "version": Parameter(type="UInt64", value=1),
    }
    # The first shard is written last: it is the one that is asked what is there.
    shards.shards[-1].command(statement("add_overrides"), interrupted)
    store.override({ProfileId(1): ProfileId(2)}, version=1)
    for shard in shards.shards:
        assert integers(shard.query(statement("overrides")), "canonical_id") == [2]


def test_a_table_and_a_column_added_later_are_shown_for_all_shards(shards: Transport) -> None:
    ClickHouseEventStore(shards).append(CROWD, token="t")
    shards.command(sql("ALTER TABLE {database:Identifier}.events ADD COLUMN extra UInt8 DEFAULT 7"))
    shards.command(
        sql(
            "CREATE TABLE {database:Identifier}.seen ENGINE = MergeTree ORDER BY profile_id"
            " AS SELECT profile_id, extra FROM {database:Identifier}.events"
        )
    )
    prepare_database(shards)
    for table in ("events", "seen"):
        found = shards.query(
            sql("SELECT sum(extra) AS extra FROM {database:Identifier}.{table:Identifier}"),
            {"table": Parameter(type="Identifier", value=table)},
        )
        assert integers(found, "extra") == [7 * len(PEOPLE)]


def test_a_log_that_was_not_divided_is_not_taken_for_a_shards(
    cluster: ClickHouseServer, clickhouse_cluster: str
) -> None:
    first = clickhouse_cluster.removeprefix("clickhouse://").partition(",")[0]
    with ClickHouseServer(parse_address(f"clickhouse://{first}/")) as server:
        alone = server.database("ws_alone")
        prepare_database(alone)
        ClickHouseEventStore(alone).append(CROWD, token="t")
    with pytest.raises(Refused, match="divided"):
        prepare_database(cluster.database("ws_alone"))


@pytest.mark.parametrize(
    ("address", "message", "hint"),
    [
        ("{0},{1},{2}/?cluster=perenial", "no cluster", "'perennial'"),
        ("{0},{1}/?cluster=perennial", "3 shards", "every shard"),
        ("{0},{1},{1}/?cluster=perennial", "each one once", "remote_servers"),
    ],
)
def test_an_address_must_name_exactly_the_clusters_shards(
    address: str, message: str, hint: str, clickhouse_cluster: str
) -> None:
    hosts = clickhouse_cluster.removeprefix("clickhouse://").partition("/")[0].split(",")
    with pytest.raises(Refused, match=message) as refused:
        ClickHouseServer(parse_address(f"clickhouse://{address.format(*hosts)}"))
    assert hint in refused.value.hint


def all_shards_of(shards: Transport) -> Parameter:
    """The name of the database that shows all shards' tables as one."""
    name = shards.query(Sql("SELECT {database:String} AS name"))["name"].to_pylist()[0]
    return Parameter(type="Identifier", value=str(name))
