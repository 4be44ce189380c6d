"""What every engine's event store must keep: each row once, whose it is, and in what order."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from perennial.backends.clickhouse import (
    SETTINGS,
    ClickHouseEventStore,
    EventStoreFailed,
    Transport,
    prepare_database,
)
from perennial.backends.clickhouse.database import NewerEventStore
from perennial.backends.clickhouse.overrides import profiles_of
from perennial.backends.clickhouse.parameters import Parameter, Sql, sql
from perennial.backends.clickhouse.population import ClickHousePopulation
from perennial.backends.clickhouse.transport import NO_PARAMETERS, Table
from perennial.collect.events.columns import EventRow, to_table
from perennial.collect.events.ports import EventStore
from perennial.kernel.conditions import parse_condition
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.errors import Refused
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.testing import PersonHistory, an_event, an_identify, rows_of
from perennial.testing.builders import NOON

DAY = timedelta(days=1)
ANNA, BOB, CARL = ProfileId(2**63 - 1), ProfileId(2), ProfileId(3)
AWKWARD = "o'k\\\"{p0:String}<<rows>>; DROP TABLE events --\n\t\0 购买"


@pytest.fixture
def store(transport: Transport) -> EventStore:
    return ClickHouseEventStore(transport)


def rows(profile_id: ProfileId, *names: str, properties: dict[str, Json] | None = None) -> list[EventRow]:
    """One event per name, an hour apart, the last an hour before noon."""
    events = [
        an_event(name, properties, ago=timedelta(hours=len(names) - place))
        for place, name in enumerate(names)
    ]
    return rows_of(PersonHistory(profile_id=profile_id, events=tuple(events)))


def names_of(store: EventStore, profile_id: ProfileId) -> list[object]:
    return [row["name"] for row in store.timeline(profile_id, until=NOON, limit=100)[0]]


def test_an_append_repeated_under_its_token_adds_nothing(store: EventStore) -> None:
    batch = to_table(rows(ANNA, "order_paid", "app_open"))
    store.append(batch, token="import:o'rders/1")
    store.append(batch, token="import:o'rders/1")
    assert store.count() == 2


def test_a_batch_over_many_months_is_repeated_without_adding_anything(store: EventStore) -> None:
    events = tuple(an_event(occurred_at=NOON - month * timedelta(days=31)) for month in range(150))
    batch = to_table(rows_of(PersonHistory(profile_id=ANNA, events=events)))
    for _ in range(2):
        store.append(batch, token="years")
    assert store.count() == 150


def test_equal_rows_under_another_token_are_other_rows(store: EventStore) -> None:
    for token in ("one", "two"):
        store.append(to_table(rows(ANNA, "order_paid")), token=token)
    assert store.count() == 2


def test_an_empty_batch_is_no_batch(store: EventStore) -> None:
    store.append(to_table([]), token="empty")
    assert store.count() == 0
    assert store.counts_by_event() == {}


def test_a_hundred_thousand_rows_arrive_whole(store: EventStore) -> None:
    one = rows(BOB, "order_paid", properties={"amount": 0.25, "items": [{"sku": "a"}]})
    batch = to_table(one * 100_000)
    for _ in range(2):
        store.append(batch, token="many")
    assert store.count() == 100_000


def test_counts_are_of_source_events_and_ours_count_by_name_only(store: EventStore) -> None:
    person = PersonHistory(
        profile_id=ANNA,
        events=(
            an_event("order_paid"),
            an_event("page", kind="page"),
            an_identify({"city": "上海"}),
            an_event("message_sent", kind="perennial"),
        ),
    )
    store.append(to_table(rows_of(person)), token="t")
    assert store.count() == 2
    assert store.counts_by_event() == {"order_paid": 1, "page": 1}
    assert store.count(event="message_sent") == 1
    assert store.count(event="identify") == 0
    assert store.count(event="never") == 0


def test_a_count_takes_its_start_and_leaves_its_end(store: EventStore) -> None:
    store.append(to_table(rows(ANNA, "a", "b", "c")), token="t")
    hour = timedelta(hours=1)
    assert store.count(start=NOON - 3 * hour, end=NOON - hour) == 2
    assert store.count(start=datetime(1, 1, 1, tzinfo=UTC), end=datetime(9999, 1, 1, tzinfo=UTC)) == 3


@pytest.mark.parametrize("text", [AWKWARD, "", "'", "\\", "\\'", "\\N", "{database:Identifier}"])
def test_no_text_breaks_out_of_a_statement(store: EventStore, text: str) -> None:
    store.append(to_table(rows(ANNA, text, properties={text: text, "list": [text]})), token=text)
    assert store.count(event=text) == 1
    assert store.counts_by_event() == {text: 1}
    (row,), _ = store.timeline(ANNA, until=NOON, limit=1)
    assert row["properties"] == {text: text, "list": [text]}


def test_a_timeline_is_read_page_by_page_newest_first(store: EventStore) -> None:
    store.append(to_table(rows(ANNA, "a", "b", "c", "d", "e")), token="t")
    store.append(to_table(rows(BOB, "z")), token="u")
    seen: list[object] = []
    cursor: str | None = None
    for _ in range(3):
        page, cursor = store.timeline(ANNA, until=NOON, limit=2, before=cursor)
        seen += [row["name"] for row in page]
    assert seen == ["e", "d", "c", "b", "a"]
    assert cursor is None


def test_a_timeline_of_one_kind_is_paged_past_everything_else(store: EventStore) -> None:
    calls = [an_event("a", ago=timedelta(hours=3)), an_identify(traits={"n": 1}, ago=timedelta(hours=2))]
    calls += [an_event("b", ago=timedelta(hours=1)), an_identify(traits={"n": 2}, ago=timedelta(minutes=1))]
    store.append(to_table(rows_of(PersonHistory(profile_id=ANNA, events=tuple(calls)))), token="t")

    (newest,), cursor = store.timeline(ANNA, until=NOON, limit=1, kind="identify")
    assert (newest["properties"], cursor is None) == ({"n": 2}, False)
    (oldest,), cursor = store.timeline(ANNA, until=NOON, limit=1, before=cursor, kind="identify")
    assert (oldest["properties"], cursor) == ({"n": 1}, None)
    assert store.timeline(ANNA, until=NOON, limit=9, kind="consent") == ([], None)


def test_a_timeline_ends_at_its_instant_and_gives_back_what_was_sent(store: EventStore) -> None:
    nested: dict[str, Json] = {"n": 1, "f": 2.5, "t": "x", "b": True, "none": None, "deep": {"l": [1, "a"]}}
    store.append(to_table(rows(ANNA, "a", "b", properties=nested)), token="t")
    page, _ = store.timeline(ANNA, until=NOON - timedelta(hours=2), limit=9)
    assert [row["name"] for row in page] == ["a"]
    assert page[0]["properties"] == nested
    assert page[0]["occurred_at"] == NOON - timedelta(hours=2)


def test_a_cursor_that_is_none_is_refused(store: EventStore) -> None:
    for text in ("", "x", "[]", "[1]", '["a", "b", "c"]', "[1e99, 1, 1]"):
        with pytest.raises(Refused):
            store.timeline(ANNA, until=NOON, limit=1, before=text)


def test_a_merge_makes_two_timelines_one_and_chains_are_followed(store: EventStore) -> None:
    for person, name in ((ANNA, "a"), (BOB, "b"), (CARL, "c")):
        store.append(to_table(rows(person, name)), token=name)
    store.override({ANNA: BOB}, version=1)
    store.override({BOB: CARL}, version=2)
    store.override({ANNA: BOB}, version=3)
    for person in (ANNA, BOB, CARL):
        assert sorted(map(str, names_of(store, person))) == ["a", "b", "c"]


def test_merges_in_both_directions_are_one_merge(store: EventStore) -> None:
    store.append(to_table([*rows(ANNA, "a"), *rows(BOB, "b")]), token="t")
    store.override({ANNA: BOB, BOB: ANNA}, version=1)
    assert sorted(map(str, names_of(store, ANNA))) == ["a", "b"]


def test_a_merge_that_is_taken_back_makes_two_timelines_and_counts_of_one(transport: Transport) -> None:
    store, population = ClickHouseEventStore(transport), ClickHousePopulation(transport)
    for person, name in ((ANNA, "a"), (BOB, "b"), (CARL, "c")):
        store.append(to_table(rows(person, name)), token=name)
    everyone = parse_condition({"did": "*"})
    at = Moment(as_of=NOON, zone=Zone())
    store.override({ANNA: BOB}, version=1)
    store.override({BOB: CARL}, version=2)
    assert population.count(everyone, at=at) == 1
    for _ in range(2):
        store.restate({BOB: BOB, ANNA: BOB}, version=3)
        assert population.count(everyone, at=at) == 2
        assert sorted(map(str, names_of(store, ANNA))) == sorted(map(str, names_of(store, BOB))) == ["a", "b"]
        assert names_of(store, CARL) == ["c"]
    store.restate({ANNA: ANNA}, version=4)
    asks = [Ask(profile_id=one, as_of=NOON) for one in (ANNA, BOB, CARL)]
    twice = parse_condition({"did": "*", "times": ">= 2"})
    assert population.verdicts([everyone, twice], asks, at=at) == [(True, False)] * 3
    store.override({ANNA: CARL}, version=5)
    assert sorted(map(str, names_of(store, CARL))) == ["a", "c"]


class CountingTransport:
    """A transport that counts the rows it was answered with."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.rows = 0

    def stream(
        self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS
    ) -> AbstractContextManager[Iterator[pa.RecordBatch]]:
        return self._transport.stream(statement, parameters)

    @property
    def shards(self) -> Sequence[Transport]:
        return self._transport.shards

    def query(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> pa.Table:
        answer = self._transport.query(statement, parameters)
        self.rows += answer.num_rows
        return answer

    def command(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> None:
        self._transport.command(statement, parameters)

    def unite(self) -> None:
        self._transport.unite()

    def drop(self) -> None:
        self._transport.drop()

    def insert(self, table: Table, rows: pa.Table, *, token: str) -> None:
        self._transport.insert(table, rows, token=token)


def test_a_merge_among_many_asks_for_those_it_touches(transport: Transport) -> None:
    counting = CountingTransport(transport)
    store = ClickHouseEventStore(counting)
    store.override(
        {ProfileId(10_000 + lost): ProfileId(20_000 + lost // 2) for lost in range(2_000)}, version=1
    )
    counting.rows = 0
    store.override({ProfileId(20_000): ProfileId(7), ProfileId(8): ProfileId(20_999)}, version=2)
    assert counting.rows < 10
    (united,) = profiles_of(transport, [ProfileId(7)]).values()
    assert sorted(united) == [7, 10_000, 10_001, 20_000]


def test_several_threads_write_and_read_at_once(store: EventStore) -> None:
    def write(number: int) -> int:
        store.append(to_table(rows(ProfileId(number + 1), "a", "b")), token=str(number))
        return store.count(event="a")

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(write, range(40)))
    assert all(1 <= count <= 40 for count in counts)
    assert store.counts_by_event() == {"a": 40, "b": 40}


def test_threads_never_read_each_others_parameters(store: EventStore) -> None:
    for number in range(8):
        store.append(to_table(rows(ProfileId(number + 1), *["e"] * (number + 1))), token=str(number))

    def length(turn: int) -> bool:
        number = turn % 8
        return len(names_of(store, ProfileId(number + 1))) == number + 1

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(length, range(400)))


def test_a_database_of_a_newer_version_is_refused(transport: Transport) -> None:
    transport.command(
        sql("INSERT INTO {database:Identifier}.schema_versions SELECT {v:UInt32}"),
        {"v": Parameter(type="UInt32", value=9999)},
    )
    with pytest.raises(NewerEventStore, match="newer"):
        prepare_database(transport)


def test_preparing_a_database_again_keeps_what_is_there(transport: Transport) -> None:
    store = ClickHouseEventStore(transport)
    store.append(to_table(rows(ANNA, "a")), token="t")
    prepare_database(transport)
    assert store.count() == 1


def test_our_settings_hold_for_every_statement(transport: Transport) -> None:
    for name, value in SETTINGS.items():
        answer = transport.query(
            sql("SELECT toString(getSetting({name:String})) AS value"),
            {"name": Parameter(type="String", value=name)},
        )
        wanted = {value.strip("'"), "true" if value == "1" else value, "false" if value == "0" else value}
        assert answer["value"].to_pylist()[0] in wanted, name


def test_an_answer_that_fails_halfway_is_no_shorter_answer(transport: Transport) -> None:
    for number in range(2):
        with pytest.raises(EventStoreFailed):
            transport.query(sql("SELECT throwIf(number = 9000000) AS bad FROM numbers(10000000)"))
        answer = transport.query(sql("SELECT {n:UInt64} AS n"), {"n": Parameter(type="UInt64", value=number)})
        assert answer["n"].to_pylist() == [number]


def test_a_database_that_was_taken_away_is_gone_and_may_be_made_anew(transport: Transport) -> None:
    store = ClickHouseEventStore(transport)
    store.append(to_table(rows(ANNA, "order_paid")), token="t")
    for _ in range(2):
        transport.drop()
    prepare_database(transport)
    assert store.count() == 0
    store.append(to_table(rows(BOB, "app_open")), token="t")
    assert store.count() == 1
