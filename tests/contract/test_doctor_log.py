"""What the event store says about itself, on every engine: each thing that may be wrong is told."""

from datetime import timedelta

import pytest

from perennial.backends.clickhouse import ClickHouseEventStore, Transport
from perennial.backends.clickhouse.doctor import ClickHouseLogExam
from perennial.backends.clickhouse.parameters import sql
from perennial.collect.events.columns import EventRow, to_table
from perennial.collect.events.ports import EventStore
from perennial.kernel.ids import ProfileId
from perennial.testing.builders import NOON

ANNA, BOB, CARL = ProfileId(2**63 - 1), ProfileId(2), ProfileId(3)
DAY = timedelta(days=1)


@pytest.fixture
def store(transport: Transport) -> EventStore:
    return ClickHouseEventStore(transport)


@pytest.fixture
def exam(transport: Transport) -> ClickHouseLogExam:
    return ClickHouseLogExam(transport)


def a_row(number: int, *, person: ProfileId = ANNA, source: str = "web") -> EventRow:
    return EventRow(
        profile_id=person,
        occurred_at=NOON,
        received_at=NOON,
        name="seen",
        kind="track",
        source=source,
        message_id=f"m{number}",
    )


def a_change(change: str, person: ProfileId, *, ago: timedelta) -> EventRow:
    return EventRow(
        profile_id=person,
        occurred_at=NOON - ago,
        received_at=NOON - ago,
        name=f"segment_{change}",
        kind="perennial",
        origin="perennial",
        source="perennial",
        message_id=f"{change}:{person}:{ago}",
        texts={"segment": "vip"},
    )


def test_a_new_store_is_current_and_set_as_it_must_be(exam: ClickHouseLogExam) -> None:
    present, head = exam.schema()
    assert present == head
    assert list(exam.strange_settings()) == []
    assert (exam.doubled(since=NOON - DAY), exam.overrides(), exam.segment_members()) == ([], {}, {})


def test_a_table_that_is_not_synced_is_told(exam: ClickHouseLogExam, transport: Transport) -> None:
    transport.command(sql("ALTER TABLE {database:Identifier}.rollup MODIFY SETTING fsync_part_directory = 0"))
    assert set(exam.strange_settings()) == {"rollup is made without fsync_part_directory = 1"}


def test_a_schema_file_that_one_part_lacks_is_told(exam: ClickHouseLogExam, transport: Transport) -> None:
    transport.shards[-1].command(sql("TRUNCATE TABLE {database:Identifier}.schema_versions"))
    assert exam.schema()[0] == 0


def test_rows_that_are_not_there_are_named(exam: ClickHouseLogExam, store: EventStore) -> None:
    rows = [a_row(number, person=ProfileId(number + 1)) for number in range(9)]
    store.append(to_table(rows[:6]), token="some")
    assert sorted(exam.missing(to_table(rows))) == ["m6", "m7", "m8"]
    assert exam.missing(to_table(rows[:6])) == []


def test_a_call_that_stands_twice_is_named_and_one_id_of_two_sources_is_fine(
    exam: ClickHouseLogExam, store: EventStore
) -> None:
    store.append(to_table([a_row(1), a_row(2), a_row(3, source="web")]), token="one")
    store.append(to_table([a_row(3, source="app")]), token="two")
    assert exam.doubled(since=NOON - DAY) == []
    # Under another profile it is on another shard, perhaps.
    store.append(to_table([a_row(2, person=BOB)]), token="three")
    assert exam.doubled(since=NOON - DAY) == ["m2"]
    assert exam.doubled(since=NOON + DAY) == []


def test_a_rollup_that_says_something_else_is_told_by_event_and_day(
    exam: ClickHouseLogExam, store: EventStore, transport: Transport
) -> None:
    transport.command(sql("DETACH TABLE {database:Identifier}.rollup_feed"))
    store.append(to_table([a_row(1), a_row(2, person=BOB)]), token="one")
    transport.command(sql("ATTACH TABLE {database:Identifier}.rollup_feed"))
    midnight = NOON.replace(hour=0)
    (difference,) = exam.rollup_differences(start=midnight, end=midnight + DAY)
    assert difference == ("seen", midnight.date(), 2, 0)
    assert exam.rollup_differences(start=midnight + DAY, end=midnight + 2 * DAY) == []


def test_members_by_the_log_are_those_who_entered_last_and_were_never_merged(
    exam: ClickHouseLogExam, store: EventStore
) -> None:
    rows = [
        a_change("entered", ANNA, ago=3 * DAY),
        a_change("entered", BOB, ago=3 * DAY),
        a_change("left", BOB, ago=2 * DAY),
        a_change("entered", BOB, ago=DAY),
        a_change("left", ANNA, ago=DAY),
        a_change("entered", CARL, ago=DAY),
    ]
    store.append(to_table(rows), token="one")
    assert exam.segment_members() == {"vip": 2}
    store.override({CARL: ProfileId(7)}, version=1)
    assert exam.segment_members() == {"vip": 1}
    assert exam.overrides() == {CARL: ProfileId(7)}
