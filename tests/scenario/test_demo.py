"""The demo, whole: the totals of the data set as published, and a read-out that can be recounted."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from perennial.backends.clickhouse import EmbeddedClickHouse
from perennial.backends.clickhouse.parameters import Parameter, Sql
from perennial.kernel.clock import VirtualClock
from perennial.kernel.ids import bucket, derive_number, profile_text
from perennial.showcase.demo import run_demo
from perennial.showcase.household_year import HouseholdYear, load, weeks_to_shift
from perennial.showcase.replay import REPLAY, SEED, SPAN
from perennial.wiring import App, open_app

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
DAY = timedelta(days=1)

# The published totals of The Complete Journey, copied from the reference values of the data set.
BASKETS = 155_848
LINES = 1_469_307
CONTACTS = 6_589
REDEMPTIONS = 2_102
HOUSEHOLDS = 2_469
SALES_VALUE = 4_596_039.58
BASKETS_NOT_ABOVE_ZERO = 478
HOUSEHOLDS_WITH_DEMOGRAPHICS = 801
HOUSEHOLDS_TARGETED = 1_559
HOUSEHOLDS_REDEEMING = 410


class Demo:
    """One demo that all tests of this module look at."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.summary: Mapping[str, Any] = self.run()
        self.year = load(weeks=weeks_to_shift(NOW))

    def run(self) -> Mapping[str, Any]:
        return run_demo(self.home, workspace="default", clock=VirtualClock(NOW), progress=unseen)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(tmp_path_factory.mktemp("demo") / "home")


@pytest.fixture
def app(demo: Demo) -> Iterator[App]:
    with open_app(demo.home, clock=VirtualClock(NOW)) as app:
        yield app


def test_the_totals_are_those_of_the_published_data_set(demo: Demo) -> None:
    assert demo.summary["counts_by_event"] == {
        "order_paid": BASKETS,
        "item_bought": LINES,
        "campaign_received": CONTACTS,
        "coupon_redeemed": REDEMPTIONS,
    }
    assert demo.summary["events"] == BASKETS + LINES + CONTACTS + REDEMPTIONS
    assert demo.summary["people"] == HOUSEHOLDS


def test_the_last_event_lies_within_the_seven_days_before_now(demo: Demo) -> None:
    assert NOW - timedelta(days=7) < demo.year.last_event_at <= NOW
    assert demo.summary["shifted_weeks"] * timedelta(weeks=1) == demo.year.shift


def test_the_year_in_the_store_adds_up_to_the_published_sums(app: App) -> None:
    shop = app.workspace()
    baskets = {"event": "order_paid", "where": [{"property": "amount", "is": "<= 0"}]}
    assert shop.count_people({"did": "campaign_received"}) == HOUSEHOLDS_TARGETED
    assert shop.count_people({"did": "coupon_redeemed"}) == HOUSEHOLDS_REDEEMING
    assert shop.count_people({"trait": "income", "set": True}) == HOUSEHOLDS_WITH_DEMOGRAPHICS
    assert shop.count_people({"did": "order_paid"}) == HOUSEHOLDS
    assert 0 < shop.count_people({"did": baskets}) <= BASKETS_NOT_ABOVE_ZERO


def test_the_amounts_of_the_baskets_add_up(demo: Demo) -> None:
    amounts = demo.year.events["order_paid"]["amount"].to_numpy()
    assert round(float(amounts.sum()), 2) == SALES_VALUE
    assert int((amounts <= 0).sum()) == BASKETS_NOT_ABOVE_ZERO


def test_segments_hold_the_households_that_a_second_computation_finds(demo: Demo) -> None:
    orders = demo.year.events["order_paid"]
    assert demo.summary["segments"]["spending_fell"] == len(spending_fell(orders, at=NOW))
    assert demo.summary["segments"]["lapsed"] == HOUSEHOLDS - len(buyers(orders, NOW - 56 * DAY, NOW))
    redeemed = demo.year.events["coupon_redeemed"]
    assert demo.summary["segments"]["coupon_users"] == len(buyers(redeemed, NOW - 182 * DAY, NOW))


def test_the_read_out_does_not_claim_an_effect_that_cannot_be(demo: Demo) -> None:
    read_out = demo.summary["read_outs"]["spending_rescue"]
    assert read_out["verdict"] in ("no_effect_shown", "cannot_be_measured")
    low, high = read_out["interval"]
    assert low < 0 < high
    assert demo.summary["replay"]["true_effect"] == 0


def test_every_household_of_the_journey_can_be_recounted_from_the_log(demo: Demo, app: App) -> None:
    replayed = app.workspace(REPLAY)
    read_out = demo.summary["read_outs"]["spending_rescue"]
    arms = {arm["arm"]: arm for arm in read_out["arms"]}
    entered = sum(arm["people"] for arm in arms.values())
    held_out = len(entries_by_household(demo, are_held_out=True))
    assert entered == read_out["entered"]
    assert 0 < held_out < entered / 10
    assert replayed.count_events("journey_entered") == entered + held_out
    assert replayed.count_people({"did": "journey_entered"}) == entered + held_out
    assert demo.summary["journeys"]["spending_rescue"]["write"] == entered + held_out
    withheld = arms["control"]["people"] + held_out
    assert demo.summary["messages"] == {"sent": arms["treated"]["people"], "withheld": withheld}
    assert replayed.count_events("message_sent") == arms["treated"]["people"]
    assert replayed.count_events("message_withheld") == withheld


def test_goals_are_the_households_that_bought_within_fourteen_days_of_entry(demo: Demo) -> None:
    end, begin = demo.year.last_event_at, demo.year.last_event_at - SPAN
    entries = entries_by_household(demo)
    assert all(begin < at <= end for at, _ in entries.values())
    orders = orders_by_household(demo.year)
    for arm in demo.summary["read_outs"]["spending_rescue"]["arms"]:
        matured = {
            name: at
            for name, (at, its_arm) in entries.items()
            if its_arm == arm["arm"] and at + 14 * DAY < end
        }
        reached = [
            name for name, at in matured.items() if any(at < one <= at + 14 * DAY for one in orders[name])
        ]
        assert (arm["matured"], arm["reached"]) == (len(matured), len(reached))


def test_arms_come_from_the_salted_hash_and_nothing_else(demo: Demo) -> None:
    for name, (_, arm) in entries_by_household(demo).items():
        place = bucket(profile_text(profile_of(name)), salt="spending_rescue:control")
        assert arm == ("control" if place < 0.5 else "treated")


def test_a_second_run_reuses_what_is_there(demo: Demo) -> None:
    assert demo.run() == demo.summary


def unseen(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def spending_fell(orders: pa.Table, *, at: datetime) -> set[str]:
    """Households whose spending of 28 days fell by 30 % or more, computed without the product."""
    now = sums(orders, at - 28 * DAY, at)
    before = sums(orders, at - 56 * DAY, at - 28 * DAY)
    known = buyers(orders, datetime(1970, 1, 1, tzinfo=UTC), at - 56 * DAY)
    return {
        name
        for name, spent in before.items()
        if name in known and spent >= 20 and (now.get(name, 0.0) - spent) * 100 / spent <= -30
    }


def sums(orders: pa.Table, after: datetime, until: datetime) -> dict[str, float]:
    part = within(orders, after, until).group_by("user_id").aggregate([("amount", "sum")])
    return dict(zip(part["user_id"].to_pylist(), part["amount_sum"].to_pylist(), strict=True))


def buyers(table: pa.Table, after: datetime, until: datetime) -> set[str]:
    return set(within(table, after, until)["user_id"].to_pylist())


def within(table: pa.Table, after: datetime, until: datetime) -> pa.Table:
    at, kind = table["at"], table["at"].type
    return table.filter(
        pc.and_(pc.greater(at, pa.scalar(after, kind)), pc.less_equal(at, pa.scalar(until, kind)))
    )


def orders_by_household(year: HouseholdYear) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    orders = year.events["order_paid"]
    for name, at in zip(orders["user_id"].to_pylist(), orders["at"].to_pylist(), strict=True):
        found.setdefault(name, []).append(at)
    return found


def entries_by_household(demo: Demo, *, are_held_out: bool = False) -> dict[str, tuple[datetime, str]]:
    """When each household entered the journey and in which arm, read from the log itself.

    Of those who are kept from all marketing, or of all others, whom the read-out is about.
    """
    names = {
        profile_of(name): name for name in pc.unique(demo.year.events["order_paid"]["user_id"]).to_pylist()
    }
    query = Sql(
        "SELECT profile_id, occurred_at, texts['arm'] AS arm FROM {database:Identifier}.events"
        " WHERE name = 'journey_entered' AND (texts['holdout'] = 'true') = {held_out:UInt8}"
    )
    with EmbeddedClickHouse(demo.home / "events") as engine:
        rows = (
            engine.database(f"ws_{REPLAY}")
            .query(query, {"held_out": Parameter(type="UInt8", value=int(are_held_out))})
            .to_pylist()
        )
    return {names[row["profile_id"]]: (row["occurred_at"], row["arm"]) for row in rows}


def profile_of(household: str) -> int:
    """The profile a household has in the replay, whose seed is fixed."""
    return derive_number(SEED, "user", household)
