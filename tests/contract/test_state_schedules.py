"""Schedules on both state engines: kept as they stand, and what was written known by its key."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.services.state import OpenStore

from perennial.backends.sql.state import StateStore
from perennial.collect.schedules import Scheduled

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ORDERS = Scheduled(kind="source", schedule_id="orders", document={"id": "orders"}, due_at=NOON)
CRM = Scheduled(kind="export", schedule_id="crm", document={"id": "crm"}, due_at=NOON - timedelta(hours=1))


@pytest.fixture
def state(open_new: OpenStore) -> StateStore:
    return StateStore(open_new("state"))


def test_a_schedule_is_kept_as_it_stands(state: StateStore) -> None:
    ran = Scheduled(
        kind="source",
        schedule_id="orders",
        document={"id": "orders", "query": "select 1"},
        due_at=NOON,
        ran_at=NOON - timedelta(hours=1),
        outcome={"read": 3},
        problem={"code": "database_unavailable"},
        mark={"int": 7},
    )
    with state.begin() as transaction:
        transaction.schedules.save(ORDERS)
        transaction.schedules.save(ran)
    with state.read() as transaction:
        assert transaction.schedules.list() == [ran]


def test_the_next_one_is_the_earliest_of_all(state: StateStore) -> None:
    with state.begin() as transaction:
        assert transaction.schedules.next_due() is None
        transaction.schedules.save(ORDERS)
        transaction.schedules.save(CRM)
        assert transaction.schedules.next_due() == CRM.due_at
        assert [one.schedule_id for one in transaction.schedules.list("source")] == ["orders"]


def test_a_mark_moves_and_nothing_else(state: StateStore) -> None:
    with state.begin() as transaction:
        transaction.schedules.save(ORDERS)
        transaction.schedules.mark("orders", {"instant": "2026-03-31T12:00:00"})
        (found,) = transaction.schedules.list()
    assert (found.mark, found.due_at) == ({"instant": "2026-03-31T12:00:00"}, NOON)


def test_what_was_written_is_known_by_its_key_until_it_is_taken_away(state: StateStore) -> None:
    with state.begin() as transaction:
        shelf = transaction.schedules
        shelf.wrote("crm", {"p1": b"1", "p2": b"2", "上海": b"3"})
        shelf.wrote("crm", {"p1": b"9"})
        shelf.wrote("other", {"p1": b"1"})
        assert shelf.digests("crm", ["p1", "p3"]) == {"p1": b"9"}
        shelf.took_away("crm", ["p2"])
        assert shelf.written_keys("crm", after="", limit=9) == ["p1", "上海"]
        assert shelf.written_keys("crm", after="p1", limit=9) == ["上海"]


def test_a_removed_export_leaves_nothing_behind(state: StateStore) -> None:
    with state.begin() as transaction:
        transaction.schedules.save(CRM)
        transaction.schedules.wrote("crm", {"p1": b"1"})
        transaction.schedules.remove("export", "crm")
        assert transaction.schedules.list() == []
        assert transaction.schedules.written_keys("crm", after="", limit=9) == []
