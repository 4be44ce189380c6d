"""Channels, costs and first touches on both state engines."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.services.state import OpenStore

from perennial.backends.sql.state import StateStore
from perennial.collect.acquisition import Channel, Code, Cost, Touch, TouchKept
from perennial.kernel.ids import ProfileId

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
FAIR = Channel(channel_id="fair", name="Fair", sources=("booth",))
MARCH = Cost(
    channel_id="fair",
    first_day=date(2026, 3, 1),
    last_day=date(2026, 3, 31),
    amount=3100,
    currency="CNY",
)


def kept(touch_id: str, person: int, at: datetime, channel: str | None = "fair") -> TouchKept:
    touch = Touch(channel=channel, source="x", medium="", campaign="", code="", referrer="")
    return TouchKept(
        touch_id=touch_id,
        profile_id=ProfileId(person),
        owner=ProfileId(person),
        occurred_at=at,
        touch=touch,
        told_first=touch_id,
    )


@pytest.fixture
def state(open_new: OpenStore) -> StateStore:
    return StateStore(open_new("state"))


def test_channels_and_codes_are_kept_as_they_are_said(state: StateStore) -> None:
    code = Code(code="b1", channel_id="fair", target="https://shop.example/", valid_until=NOON)
    with state.begin() as transaction:
        assert transaction.touches.known() is None
        transaction.acquisition.save_channel(Channel(channel_id="fair", name="before"))
        transaction.acquisition.save_channel(FAIR)
        transaction.acquisition.save_code(code)
    with state.read() as transaction:
        known = transaction.touches.known()
        assert transaction.acquisition.channels() == [FAIR]
        assert transaction.acquisition.codes() == [code]
        assert (transaction.acquisition.code("b1"), transaction.acquisition.code("b2")) == (code, None)
        assert known is not None
        assert (known.by_code, known.by_source) == ({"b1": "fair"}, {"fair": "fair", "booth": "fair"})


def test_a_cost_that_is_said_again_replaces_the_one_before(state: StateStore) -> None:
    with state.begin() as transaction:
        counts = [transaction.acquisition.save_costs([MARCH]) for _ in range(2)]
        assert counts == [1, 0]
        assert transaction.acquisition.costs(first=date(2026, 3, 31), last=date(2026, 4, 5)) == [MARCH]
        assert transaction.acquisition.costs(first=date(2026, 4, 1), last=date(2026, 4, 5)) == []


def test_the_first_touch_is_the_earliest_and_each_person_is_new_once(state: StateStore) -> None:
    late, early = kept("a", 7, NOON), kept("b", 7, NOON - timedelta(days=1), None)
    at_once = kept("c", 7, early.occurred_at)
    other = kept("d", 8, NOON)
    with state.begin() as transaction:
        transaction.touches.keep([late, early, at_once, other])
        transaction.touches.keep([late])
        found = transaction.touches.of([ProfileId(7), ProfileId(9)])
        day = transaction.touches.people_gained(start=NOON, end=NOON + timedelta(days=1))
        week = transaction.touches.people_gained(start=NOON - timedelta(days=7), end=NOON + timedelta(days=1))
    # Of two at one instant the greater id comes first, as among the statements in the log.
    assert found == {7: [at_once, early, late]}
    assert (day, week) == ({"fair": 1}, {"fair": 2})
