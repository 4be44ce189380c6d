"""Kept insights, boards and links on both state engines."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.services.state import OpenStore

from perennial.backends.sql.state import StateStore
from perennial.evaluate.boards import Kept, Share

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
GROWTH = Kept(
    kind="board",
    id="growth",
    version=1,
    document={"id": "growth", "name": "增长"},
    owner="mem_1",
    saved_by="mem_1",
    saved_at=NOON,
)
LINK = Share(
    share_id="shr_1",
    board_id="growth",
    created_at=NOON,
    expires_at=NOON + timedelta(days=7),
    created_by="mem_1",
)


@pytest.fixture
def state(open_new: OpenStore) -> StateStore:
    return StateStore(open_new("state"))


def test_versions_follow_one_another_and_the_newest_counts(state: StateStore) -> None:
    later = replace(GROWTH, version=2, saved_by="mem_2", saved_at=NOON + timedelta(hours=1))
    same_name = replace(GROWTH, kind="insight", version=7)
    with state.begin() as transaction:
        for one in (GROWTH, later, same_name):
            transaction.boards.add(one)
    with state.read() as transaction:
        assert transaction.boards.latest("board", "growth") == later
        assert transaction.boards.live("board") == [later]
        assert transaction.boards.live("insight") == [same_name]
        assert transaction.boards.latest("board", "other") is None


def test_what_was_taken_away_is_no_longer_listed(state: StateStore) -> None:
    gone = replace(GROWTH, version=2, document={}, is_removed=True)
    with state.begin() as transaction:
        transaction.boards.add(GROWTH)
        transaction.boards.add(gone)
        assert transaction.boards.live("board") == []
        assert transaction.boards.latest("board", "growth") == gone


def test_a_link_is_taken_back_once(state: StateStore) -> None:
    with state.begin() as transaction:
        transaction.boards.add_share(LINK)
        transaction.boards.add_share(replace(LINK, share_id="shr_2", created_at=NOON + timedelta(hours=1)))
        transaction.boards.revoke("shr_1", at=NOON + timedelta(days=1))
        transaction.boards.revoke("shr_1", at=NOON + timedelta(days=2))
    with state.read() as transaction:
        assert transaction.boards.find_share("shr_1") == replace(LINK, revoked_at=NOON + timedelta(days=1))
        assert [one.share_id for one in transaction.boards.shares("growth")] == ["shr_2", "shr_1"]
        assert transaction.boards.find_share("shr_3") is None
