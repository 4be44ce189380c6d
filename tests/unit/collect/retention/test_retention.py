"""From when on events are past: whole local days, whatever the zone does to them."""

from datetime import UTC, datetime, timedelta

import pytest

from perennial.collect.retention import cutoffs, is_past, parse_retention
from perennial.compute.definitions.reach import reach_of
from perennial.kernel.conditions import parse_condition
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

DAY = timedelta(days=1)
SHANGHAI, BERLIN, KATHMANDU = (Zone(name=one) for one in ("Asia/Shanghai", "Europe/Berlin", "Asia/Kathmandu"))


@pytest.mark.parametrize(
    ("zone", "now", "days", "cut"),
    [
        (SHANGHAI, datetime(2026, 3, 31, 15, 59, tzinfo=UTC), 1, datetime(2026, 3, 29, 16, tzinfo=UTC)),
        (SHANGHAI, datetime(2026, 3, 31, 16, tzinfo=UTC), 1, datetime(2026, 3, 30, 16, tzinfo=UTC)),
        # Summer time began on the 29th: the cut is a midnight of winter time, two days and an hour less ago.
        (BERLIN, datetime(2026, 3, 30, 12, tzinfo=UTC), 2, datetime(2026, 3, 27, 23, tzinfo=UTC)),
        (KATHMANDU, datetime(2026, 3, 31, 12, tzinfo=UTC), 30, datetime(2026, 2, 28, 18, 15, tzinfo=UTC)),
    ],
)
def test_so_many_whole_local_days_before_today_are_kept(
    zone: Zone, now: datetime, days: int, cut: datetime
) -> None:
    assert cutoffs(parse_retention({"default": f"{days}d"}), now=now, zone=zone).default == cut


def test_an_event_of_its_own_period_does_not_go_by_the_default() -> None:
    rules = parse_retention({"default": "10d", "events": {"order_paid": "forever", "app_open": "2d"}})
    now = datetime(2026, 3, 31, tzinfo=UTC)
    found = cutoffs(rules, now=now, zone=Zone())
    past = {
        name: is_past(found, name=name, occurred_at=now - 5 * DAY) for name in ("order_paid", "app_open", "x")
    }
    assert past == {"order_paid": False, "app_open": True, "x": False}
    assert found.latest == now - 2 * DAY


def test_a_period_longer_than_there_is_time_is_forever() -> None:
    found = cutoffs(parse_retention({"default": "36525d"}), now=datetime(1950, 1, 1, tzinfo=UTC), zone=Zone())
    assert (found.default, found.latest) == (None, None)


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        ({"did": "a", "within": "30d"}, 30),
        ({"not": {"did": "a"}}, None),
        ({"measure": "count", "of": "a", "within": {"calendar": "last_month"}, "is": 1}, 62),
        ({"did": "a", "within": {"from": "2026-03-01"}}, 30.5),
        ({"change": "count", "of": "a", "over": "7d", "against": {"average_of": 4}, "is": "< 0%"}, 35),
        ({"change": "count", "of": "a", "over": "7d", "against": {"same_time": "52w"}, "is": "< 0%"}, 371),
    ],
)
def test_how_far_back_a_condition_looks(condition: Json, days: float | None) -> None:
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    ((event, span),) = reach_of([parse_condition(condition)], now=now, zone=Zone())
    assert (event, None if span is None else round(span / DAY, 6)) == ("a", days)
