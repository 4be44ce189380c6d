"""What a power cut took comes back once: rows are looked for, whatever became of their token."""

from datetime import timedelta

import pytest

from perennial.backends.clickhouse import ClickHouseEventStore, Transport
from perennial.collect.events.columns import EventRow, to_table
from perennial.collect.events.ports import EventStore
from perennial.kernel.ids import ProfileId
from perennial.testing.builders import NOON

ANNA, BOB = ProfileId(2**63 - 1), ProfileId(2)


@pytest.fixture
def store(transport: Transport) -> EventStore:
    return ClickHouseEventStore(transport)


def a_row(number: int, *, person: ProfileId | None = None, source: str = "web") -> EventRow:
    return EventRow(
        profile_id=ProfileId(number % 97) if person is None else person,
        occurred_at=NOON - number * timedelta(hours=5),
        received_at=NOON,
        name="seen",
        kind="track",
        source=source,
        message_id=f"m'{number}",
        texts={"colour": "red"},
        lists={"sizes": ["a", "b"]},
        raw='{"colour": "red", "sizes": ["a", "b"]}',
    )


def test_only_the_rows_that_are_gone_are_added(store: EventStore) -> None:
    whole = to_table([a_row(number) for number in range(12_000)])
    store.append(whole.slice(0, 9_000), token="intake:1:12000")
    assert store.restore(whole) == 3_000
    assert store.restore(whole) == 0
    assert sorted(store.message_ids()) == sorted(whole["message_id"].to_pylist())


def test_rows_come_back_although_their_token_is_remembered(store: EventStore) -> None:
    rows = [a_row(number) for number in range(10)]
    store.append(to_table(rows[:5]), token="intake:1:10")
    store.append(to_table(rows), token="intake:1:10")
    assert store.count() == 5
    store.restore(to_table(rows))
    assert store.count() == 10


def test_whoever_began_a_batch_and_was_replaced_adds_nothing_after_it_was_restored(store: EventStore) -> None:
    whole = to_table([a_row(number) for number in range(100)])
    assert store.restore(whole, token="intake:1:100") == 100
    store.append(whole, token="intake:1:100")
    assert store.count() == 100


def test_a_whole_batch_comes_back_although_its_token_is_remembered(store: EventStore) -> None:
    rows = [a_row(number) for number in range(10)]
    store.append(to_table(rows[:5]), token="intake:1:5")
    assert store.restore(to_table(rows[5:]), token="intake:1:5") == 5
    assert store.count() == 10


def test_a_row_comes_back_as_it_was(store: EventStore) -> None:
    store.restore(to_table([a_row(1, person=ANNA)]))
    (entry,), _ = store.timeline(ANNA, until=NOON, limit=9)
    assert entry["properties"] == {"colour": "red", "sizes": ["a", "b"]}
    assert entry["occurred_at"] == NOON - timedelta(hours=5)


def test_a_row_that_stands_under_a_merged_profile_is_there(store: EventStore) -> None:
    store.append(to_table([a_row(1, person=BOB)]), token="one")
    store.override({BOB: ANNA}, version=1)
    assert store.restore(to_table([a_row(1, person=ANNA)])) == 0
    assert store.restore(to_table([a_row(1, person=BOB)])) == 0


def test_one_message_id_of_two_sources_is_two_rows(store: EventStore) -> None:
    store.append(to_table([a_row(1, source="web")]), token="one")
    assert store.restore(to_table([a_row(1, source="app")])) == 1


def test_an_empty_batch_has_lost_nothing(store: EventStore) -> None:
    assert store.restore(to_table([])) == 0
