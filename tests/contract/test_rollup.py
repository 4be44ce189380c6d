"""The rollup says what the log says, whatever is repeated, interrupted, late or lost."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from perennial.backends.clickhouse import ClickHouseEventStore, Transport, prepare_database
from perennial.backends.clickhouse.doctor import ClickHouseLogExam
from perennial.backends.clickhouse.parameters import Sql, sql
from perennial.collect.events.columns import EventRow, to_table
from perennial.collect.events.ports import EventStore
from perennial.kernel.events import RowKind
from perennial.kernel.ids import ProfileId
from perennial.testing.builders import NOON

ANNA, BOB, CARL = ProfileId(2**63 - 1), ProfileId(2), ProfileId(1)
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(transport: Transport) -> EventStore:
    return ClickHouseEventStore(transport)


def a_row(
    number: int, *, person: ProfileId = ANNA, at: datetime = NOON, name: str = "seen", kind: RowKind = "track"
) -> EventRow:
    return EventRow(
        profile_id=person,
        occurred_at=at,
        received_at=at,
        name=name,
        kind=kind,
        origin="perennial" if kind == "perennial" else "source",
        source="web",
        message_id=f"m{number}",
        texts={"by": "person"} if name == "message_opened" else {},
    )


def a_batch(size: int = 500) -> list[EventRow]:
    """Rows of a hundred people over three months, some of them in one quarter of an hour."""
    return [
        a_row(number, person=ProfileId(1 + number % 100), at=NOON - (number % 90) * timedelta(days=1))
        for number in range(size)
    ]


def cells(transport: Transport) -> list[tuple[str, datetime, int, int, int]]:
    found = transport.query(
        Sql(
            "SELECT toString(name) AS name, quarter, profile_id, is_activity, sum(events) AS events"
            " FROM {database:Identifier}.rollup"
            " GROUP BY name, quarter, profile_id, is_activity HAVING events != 0"
            " ORDER BY name, quarter, profile_id, is_activity"
        )
    )
    return [(*row.values(),) for row in found.to_pylist()]


def assert_agrees(transport: Transport, *, rows: int) -> None:
    assert list(ClickHouseLogExam(transport).rollup_differences(start=FIRST, end=LAST)) == []
    assert sum(cell[-1] for cell in cells(transport)) == rows


def test_rows_become_cells_of_a_quarter_of_an_hour(store: EventStore, transport: Transport) -> None:
    quarter, second = timedelta(minutes=15), timedelta(seconds=1)
    times = [NOON, NOON + quarter - second, NOON + quarter, NOON - second]
    store.append(to_table([a_row(number, at=at) for number, at in enumerate(times)]), token="one")
    assert [cell[1:] for cell in cells(transport)] == [
        (NOON - quarter, ANNA, 1, 1),
        (NOON, ANNA, 1, 2),
        (NOON + quarter, ANNA, 1, 1),
    ]


def test_what_never_counts_as_an_event_has_no_cell(store: EventStore, transport: Transport) -> None:
    rows = [a_row(1, name="identify", kind="identify"), a_row(2, name="consent", kind="consent")]
    store.append(to_table(rows), token="one")
    assert cells(transport) == []


def test_our_own_events_count_and_only_what_a_person_did_is_activity(
    store: EventStore, transport: Transport
) -> None:
    rows = [
        a_row(1, name="message_opened", kind="perennial"),
        a_row(2, name="message_sent", kind="perennial"),
    ]
    store.append(to_table(rows), token="one")
    assert [(cell[0], cell[3]) for cell in cells(transport)] == [("message_opened", 1), ("message_sent", 0)]


def test_years_before_1970_and_after_2106_have_cells_of_their_own(
    store: EventStore, transport: Transport
) -> None:
    early, late = datetime(1900, 1, 1, 0, 1, tzinfo=UTC), datetime(2299, 12, 31, 23, 59, tzinfo=UTC)
    store.append(to_table([a_row(1, at=early), a_row(2, at=late)]), token="one")
    assert [cell[1] for cell in cells(transport)] == [
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(2299, 12, 31, 23, 45, tzinfo=UTC),
    ]
    assert_agrees(transport, rows=2)


def test_a_batch_repeated_under_its_token_adds_no_cells(store: EventStore, transport: Transport) -> None:
    batch = to_table(a_batch())
    for _ in range(3):
        store.append(batch, token="intake:1:500")
    assert_agrees(transport, rows=500)


def test_a_hundred_thousand_rows_repeated_add_no_cells(store: EventStore, transport: Transport) -> None:
    batch = to_table(a_batch(1)).take([0] * 100_000)
    for _ in range(2):
        store.append(batch, token="many")
    assert_agrees(transport, rows=100_000)


def test_a_crash_between_the_rows_and_their_cells_is_made_good_by_the_repeat(
    store: EventStore, transport: Transport
) -> None:
    batch = to_table(a_batch())
    transport.command(sql("DETACH TABLE {database:Identifier}.rollup_feed"))
    store.append(batch, token="intake:1:500")
    transport.command(sql("ATTACH TABLE {database:Identifier}.rollup_feed"))
    assert cells(transport) == []
    store.append(batch, token="intake:1:500")
    assert_agrees(transport, rows=500)
    store.append(batch, token="intake:1:500")
    assert_agrees(transport, rows=500)


def test_a_late_row_adds_to_its_cell(store: EventStore, transport: Transport) -> None:
    store.append(to_table([a_row(1)]), token="one")
    store.append(to_table([a_row(2)]), token="late")
    assert [cell[-1] for cell in cells(transport)] == [2]


@pytest.mark.parametrize("lost", ["rows", "cells", "both"])
def test_whatever_a_power_cut_took_restoring_makes_both_agree(
    store: EventStore, transport: Transport, lost: str
) -> None:
    batch = to_table(a_batch())
    if lost != "both":
        # Rows without cells, or cells without rows: the other one never came to be.
        transport.command(sql("DETACH TABLE {database:Identifier}.rollup_feed"))
        store.append(batch.slice(0, 400), token="rows")
        transport.command(sql("ATTACH TABLE {database:Identifier}.rollup_feed"))
    if lost == "rows":
        transport.insert("rollup", a_rollup_of_one_cell(), token="cells")
    assert store.restore(batch) == (500 if lost == "both" else 100)
    assert_agrees(transport, rows=500)
    assert store.restore(batch) == 0
    assert_agrees(transport, rows=500)


def test_the_same_cells_lost_twice_are_added_twice(store: EventStore, transport: Transport) -> None:
    batch = to_table([a_row(1, person=BOB)])
    store.append(batch, token="one")
    for token in ("lost-once", "lost-twice"):
        transport.insert("rollup", a_rollup_of_one_cell(person=BOB, events=-1), token=token)
        store.restore(batch)
        assert_agrees(transport, rows=1)


def a_rollup_of_one_cell(*, person: ProfileId = CARL, events: int = 7) -> pa.Table:
    return pa.table(
        {
            "name": pa.array(["seen"]),
            "quarter": pa.array([NOON], pa.timestamp("s", tz="UTC")),
            "profile_id": pa.array([person], pa.uint64()),
            "is_activity": pa.array([1], pa.uint8()),
            "events": pa.array([events], pa.int64()),
        }
    )


def test_a_store_that_is_older_than_the_rollup_is_filled_and_one_that_broke_off_begins_anew(
    store: EventStore, transport: Transport
) -> None:
    store.append(to_table(a_batch()), token="before")
    expected = cells(transport)
    for _ in range(2):
        transport.command(sql("DROP VIEW {database:Identifier}.rollup_feed"))
        transport.command(sql("TRUNCATE TABLE {database:Identifier}.schema_versions"))
        prepare_database(transport)
        assert cells(transport) == expected
    store.append(to_table([a_row(1_000)]), token="after")
    assert_agrees(transport, rows=501)
