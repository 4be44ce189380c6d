"""The log read from end to end, on every engine: whole rows, each under its person's profile of today."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from perennial.backends.clickhouse import ClickHouseEventStore, Transport
from perennial.backends.clickhouse.exports import ClickHouseEventScan
from perennial.collect.events.columns import EventRow, to_table
from perennial.kernel.ids import ProfileId
from perennial.testing import PersonHistory, an_event, rows_of
from perennial.testing.builders import NOON

ANNA, BOB = ProfileId(2**63 - 1), ProfileId(2)


def rows(profile_id: ProfileId, *names: str) -> list[EventRow]:
    events = [an_event(name, {"amount": 1.5, "sku": "购"}, ago=timedelta(hours=1)) for name in names]
    return rows_of(PersonHistory(profile_id=profile_id, events=tuple(events)))


def read(scan: ClickHouseEventScan, names: Sequence[str] | None = None) -> list[dict[str, object]]:
    with scan.rows(names=names, start=None, end=None, with_ours=True) as batches:
        return [row for batch in batches for row in batch.to_pylist()]


@pytest.fixture
def filled(transport: Transport) -> ClickHouseEventStore:
    store = ClickHouseEventStore(transport)
    store.append(to_table([*rows(ANNA, "order_paid", "seen"), *rows(BOB, "order_paid")]), token="t")
    return store


def test_every_row_is_read_whole(transport: Transport, filled: ClickHouseEventStore) -> None:
    found = read(ClickHouseEventScan(transport))
    assert len(found) == filled.count()
    assert {(row["profile_id"], row["name"]) for row in found} == {
        (ANNA, "order_paid"),
        (ANNA, "seen"),
        (BOB, "order_paid"),
    }
    assert found[0]["numbers"] == [("amount", 1.5)]
    assert found[0]["texts"] == [("sku", "购")]
    assert {row["occurred_at"] for row in found} == {NOON - timedelta(hours=1)}


@pytest.mark.usefixtures("filled")
def test_only_some_names_or_a_span_are_read(transport: Transport) -> None:
    scan = ClickHouseEventScan(transport)
    assert [row["name"] for row in read(scan, ["seen"])] == ["seen"]
    assert scan.count(names=None, start=NOON, end=None, with_ours=False) == 0
    assert scan.count(names=["order_paid"], start=None, end=NOON, with_ours=False) == 2


def test_merged_people_are_read_under_the_profile_that_is_kept(
    transport: Transport, filled: ClickHouseEventStore
) -> None:
    filled.override({BOB: ANNA}, version=1)
    assert {row["profile_id"] for row in read(ClickHouseEventScan(transport))} == {ANNA}


@pytest.mark.usefixtures("filled")
def test_a_reading_that_is_given_up_leaves_the_store_as_it_was(
    transport: Transport, filled: ClickHouseEventStore
) -> None:
    scan = ClickHouseEventScan(transport)
    with scan.rows(names=None, start=None, end=None, with_ours=True) as batches:
        next(batches)
    assert filled.count() == 3
