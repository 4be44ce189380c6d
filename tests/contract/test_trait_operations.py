"""Traits that are counted up, appended to, set once and deleted: exactly once, in the state as in the log."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from tests.services.processing import Desk, open_desk
from tests.services.state import OpenStore

from perennial.backends.sql.state import StateStore
from perennial.backends.sql.trait_changes import SqlTraitChanges
from perennial.collect.events import Reception
from perennial.collect.events.call import TraitOperation
from perennial.collect.events.model import Call
from perennial.collect.identity import absorb
from perennial.collect.identity.model import TraitChange
from perennial.collect.identity.operations import MAX_APPENDED, as_settled
from perennial.kernel.errors import Unavailable
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.runtime.replay import replay

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Pairs = list[tuple[str, float]]
"""A map as Arrow gives it back."""


@pytest.fixture
def store(open_new: OpenStore) -> StateStore:
    return StateStore(open_new("state"))


def an_identify(
    message_id: str,
    operation: TraitOperation | None,
    traits: dict[str, Json],
    *,
    user: str = "p1",
    at: datetime = NOON,
) -> Call:
    return Call(
        kind="identify",
        name="identify",
        user_id=user,
        occurred_at=at,
        received_at=at,
        message_id=message_id,
        source="web",
        properties=traits,
        operation=operation,
    )


def an_alias(previous: str, user: str) -> Call:
    return Call(
        kind="alias",
        name="alias",
        user_id=user,
        previous_id=previous,
        occurred_at=NOON,
        received_at=NOON,
        message_id=f"{previous}-{user}",
        source="web",
    )


def take(store: StateStore, *calls: Call) -> None:
    """Take calls to heart as one batch."""
    with store.begin() as transaction:
        absorb(calls, transaction, seed="s")


def traits_in_state(store: StateStore, user: str = "p1") -> Mapping[str, Json]:
    with store.begin() as transaction:
        person = absorb([an_identify(f"ask {user}", None, {}, user=user)], transaction, seed="s").people[0]
        return transaction.traits.of([person])[person]


def traits_in_log(store: StateStore, *calls: Call) -> Mapping[str, Json]:
    """What conditions read: of each trait the latest row that names it."""
    with store.read() as transaction:
        rows = sorted(
            as_settled(calls, transaction.trait_changes), key=lambda row: (row.occurred_at, row.message_id)
        )
    latest: dict[str, Json] = {}
    for row in rows:
        latest.update(row.properties)
    return {name: value for name, value in latest.items() if value is not None}


@pytest.mark.parametrize(
    ("before", "operation", "given", "after"),
    [
        ({}, "set_once", {"channel": "ad"}, {"channel": "ad"}),
        (
            {"channel": "ad"},
            "set_once",
            {"channel": "mail", "city": "Oslo"},
            {"channel": "ad", "city": "Oslo"},
        ),
        ({}, "increment", {"orders": 2}, {"orders": 2}),
        ({"orders": 3, "sum": 1.5}, "increment", {"orders": 2, "sum": -1}, {"orders": 5, "sum": 0.5}),
        ({"orders": "many"}, "increment", {"orders": 2}, {"orders": "many"}),
        ({"orders": True}, "increment", {"orders": 2}, {"orders": True}),
        ({"sum": 1e308}, "increment", {"sum": 1e308}, {"sum": 1e308}),
        ({"sum": 10**400}, "increment", {"sum": 0.5}, {"sum": 10**400}),
        ({}, "append", {"likes": ["tea"]}, {"likes": ["tea"]}),
        ({"likes": ["tea"]}, "append", {"likes": ["milk", "tea"]}, {"likes": ["tea", "milk", "tea"]}),
        ({"likes": "tea"}, "append", {"likes": ["milk"]}, {"likes": "tea"}),
        ({"city": "Oslo", "orders": 3}, "delete", {}, {}),
    ],
)
def test_an_operation_builds_on_what_is_known(
    store: StateStore,
    before: dict[str, Json],
    operation: TraitOperation,
    given: dict[str, Json],
    after: Mapping[str, Json],
) -> None:
    first = an_identify("m1", None, before, at=NOON - HOUR)
    then = an_identify("m2", operation, given)
    take(store, first)
    take(store, then)

    assert traits_in_state(store) == traits_in_log(store, first, then) == after


def test_operations_of_one_batch_build_on_each_other(store: StateStore) -> None:
    calls = [
        an_identify("m1", "increment", {"orders": 1}),
        an_identify("m2", "increment", {"orders": 1}),
        an_identify("m3", None, {"orders": 10}),
        an_identify("m4", "increment", {"orders": 1}),
        an_identify("m5", "increment", {"orders": 1}, user="p2"),
    ]
    take(store, *calls)

    assert traits_in_state(store) == traits_in_log(store, *calls[:4]) == {"orders": 11}
    assert traits_in_state(store, "p2") == {"orders": 1}


def test_a_batch_that_is_tried_again_counts_once_and_says_the_same(store: StateStore) -> None:
    calls = [an_identify("m1", "increment", {"orders": 1}), an_identify("m2", "append", {"likes": ["tea"]})]
    take(store, *calls)
    said = traits_in_log(store, *calls)
    take(store, *calls)

    assert traits_in_state(store) == traits_in_log(store, *calls) == said == {"orders": 1, "likes": ["tea"]}


def test_an_increment_that_comes_late_still_counts(store: StateStore) -> None:
    calls = [
        an_identify("m1", None, {"orders": 5}),
        an_identify("m2", "increment", {"orders": 1}, at=NOON - HOUR),
        an_identify("m0", "increment", {"orders": 1}),
    ]
    for call in calls:
        take(store, call)

    assert traits_in_state(store) == traits_in_log(store, *calls) == {"orders": 7}


def test_a_delete_that_comes_late_leaves_what_was_told_since(store: StateStore) -> None:
    calls = [
        an_identify("m1", None, {"city": "Oslo"}, at=NOON - HOUR),
        an_identify("m2", None, {"orders": 1}, at=NOON + HOUR),
        an_identify("m3", "delete", {}),
    ]
    for call in calls:
        take(store, call)

    assert traits_in_state(store) == traits_in_log(store, *calls) == {"orders": 1}


def test_a_trait_that_was_taken_away_can_be_set_once_again(store: StateStore) -> None:
    calls = [
        an_identify("m1", None, {"city": "Oslo"}),
        an_identify("m2", None, {"city": None}, at=NOON + HOUR),
        an_identify("m3", "set_once", {"city": "Bergen"}),
    ]
    for call in calls:
        take(store, call)

    assert traits_in_state(store) == traits_in_log(store, *calls) == {"city": "Bergen"}


def test_an_outcome_moves_with_its_person(store: StateStore) -> None:
    take(store, an_identify("m1", "increment", {"orders": 1}, user="p2"))
    take(store, an_alias("p2", "p1"))
    take(store, an_identify("m2", "increment", {"orders": 1}))

    with store.read() as transaction:
        people = {change.profile_id for change in transaction.trait_changes.of(_keys(store)).values()}
    assert len(people) == 1
    assert traits_in_state(store) == {"orders": 2}


def test_a_list_grows_to_its_limit_and_no_further(store: StateStore) -> None:
    for number in range(3):
        take(store, an_identify(f"m{number}", "append", {"likes": [number] * 200}))

    assert traits_in_state(store) == {"likes": [0] * 200 + [1] * 200 + [2] * (MAX_APPENDED - 400)}


def test_a_list_grows_by_bytes_to_its_limit_too(store: StateStore) -> None:
    for number in range(3):
        take(store, an_identify(f"m{number}", "append", {"likes": ["x" * 15_000]}))

    assert traits_in_state(store) == {"likes": ["x" * 15_000] * 2}


def test_outcomes_that_no_batch_asks_for_are_let_go(store: StateStore) -> None:
    changes = {
        bytes([number]): TraitChange(profile_id=ProfileId(1), occurred_at=NOON, traits={})
        for number in range(4)
    }
    with store.begin() as transaction:
        kept = SqlTraitChanges(transaction.connection, kept=2)
        for key, change in changes.items():
            kept.keep({key: change})

    assert _keys(store) == [bytes([2]), bytes([3])]


def test_a_row_whose_outcome_was_let_go_tells_nothing(store: StateStore) -> None:
    assert traits_in_log(store, an_identify("m1", "increment", {"orders": 1})) == {}


@pytest.mark.parametrize("after_writing", [False, True])
def test_a_batch_that_broke_at_the_event_store_is_counted_once_and_written_as_it_was_settled(
    tmp_path: Path, open_new: OpenStore, after_writing: bool
) -> None:
    with open_desk(tmp_path, open_new) as desk:
        for number in (1, 2):
            record: dict[str, Json] = {"type": "identify", "userId": "p1", "messageId": f"m{number}"}
            added: dict[str, Json] = {"operation": "increment", "traits": {"orders": number}}
            reception = Reception(source="web", received_at=desk.clock.now(), knows_operations=True)
            desk.intake.submit([record | added], reception)
        desk.events.fail_next(after_writing=after_writing)
        with pytest.raises(Unavailable):
            desk.processor.drain()
        desk.processor.drain()
        written = _orders(desk)
        desk.events.rows.clear()
        replay(desk.intake, desk.state, desk.events)

        assert _orders(desk) == written == {"m1": 1.0, "m2": 3.0}
        with desk.state.read() as transaction:
            person = ProfileId(int(str(desk.people()["m1"])))
            assert transaction.traits.of([person])[person] == {"orders": 3}


def _orders(desk: Desk) -> Mapping[str, float]:
    """What each row says of a trait."""
    return {str(row["message_id"]): dict(cast("Pairs", row["numbers"]))["orders"] for row in desk.events.rows}


def _keys(store: StateStore) -> list[bytes]:
    with store.read() as transaction:
        found = transaction.connection.exec_driver_sql("SELECT message_key FROM trait_changes").scalars()
        return [bytes(key) for key in found]
