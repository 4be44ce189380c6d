"""RFM, lifecycle stages and cohorts of two real data sets, recounted by DuckDB from the same files.

CDNOW (69,659 purchases of 23,570 customers) and The Complete Journey (155,848 baskets of 2,469 households).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from perennial.compute.tags.presets import preset
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json, canonical
from perennial.showcase.household_year import load
from perennial.wiring import Workspace, open_app

CDNOW = Path(__file__).parent / "files" / "cdnow.parquet"
MAPPING: Mapping[str, Json] = {
    "type": "track",
    "event": {"value": "order_paid"},
    "user_id": "user_id",
    "timestamp": "at",
    "message_id": "message_id",
    "properties": {"amount": "amount"},
}
ENOUGH = 100_000
FOUR_WEEKS = timedelta(weeks=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """A data set as Perennial holds it, and as DuckDB reads it."""

    shop: Workspace
    orders: Path
    now: datetime
    people: int

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """A question about `orders` (user_id, paid_at, cents) as of `now`."""
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
            connection.execute(
                'CREATE VIEW orders AS SELECT user_id, make_timestamp(epoch_us("at")) AS paid_at,'  # noqa: S608
                f" CAST(round(amount * 100) AS BIGINT) AS cents FROM '{self.orders}'"
            )
            connection.execute(f"CREATE MACRO now_() AS TIMESTAMP '{self.now:%Y-%m-%d %H:%M:%S}'")
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module", params=["cdnow", "complete journey"])
def customers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Customers]:
    folder = tmp_path_factory.mktemp("golden")
    orders, now = folder / "orders.parquet", datetime(1998, 7, 1, tzinfo=UTC)
    if request.param == "cdnow":
        pq.write_table(_cdnow(), orders)
    else:
        pq.write_table(
            load(weeks=0).events["order_paid"].select(["user_id", "at", "message_id", "amount"]), orders
        )
        now = datetime(2018, 1, 2, tzinfo=UTC)
    with open_app(folder / "home", clock=VirtualClock(now)) as app:
        app.init()
        shop = app.workspace("default")
        result = shop.import_file(orders, mapping=MAPPING)
        assert (result.rejected, result.duplicates) == (0, 0)
        people = 23_570 if request.param == "cdnow" else 2_469
        yield Customers(shop=shop, orders=orders, now=now, people=people)


def _cdnow() -> pa.Table:
    bought = pq.read_table(CDNOW)
    days = pc.cast(bought["date"], pa.timestamp("us"))
    return pa.table(
        {
            "user_id": pc.cast(bought["customer_id"], pa.string()),
            "at": pc.assume_timezone(days, "UTC"),
            "message_id": [f"row-{row}" for row in range(bought.num_rows)],
            "amount": bought["dollar_value"],
        }
    )


def values(customers: Customers, tag_id: str, document: Json) -> Mapping[str, Json]:
    """Everyone's value of a tag, after it was saved and computed."""
    customers.shop.save_tag(canonical(document).decode())
    customers.shop.refresh_tags([tag_id])
    found, more = customers.shop.tag_values(tag_id, limit=ENOUGH)
    assert more is None
    return found


SCORED = """
WITH people AS (
    SELECT user_id, max(paid_at) AS latest, count(DISTINCT CAST(paid_at AS DATE)) AS often,
        sum(cents) AS spent
    FROM orders GROUP BY user_id
), ranked AS (
    SELECT user_id,
        2 * rank() OVER (ORDER BY latest) + count(*) OVER (PARTITION BY latest) - 1 AS r,
        2 * rank() OVER (ORDER BY often) + count(*) OVER (PARTITION BY often) - 1 AS f,
        2 * rank() OVER (ORDER BY spent) + count(*) OVER (PARTITION BY spent) - 1 AS m,
        2 * count(*) OVER () AS doubled
    FROM people
), scores AS (
    SELECT user_id, (5 * r + doubled - 1) // doubled AS r, (5 * f + doubled - 1) // doubled AS f,
        (5 * m + doubled - 1) // doubled AS m
    FROM ranked
)
SELECT user_id, r, f, m FROM scores
"""
GROUPS = {
    (True, True, True): "champions",
    (True, False, True): "big_spenders",
    (False, True, True): "slipping_champions",
    (False, False, True): "lost_big_spenders",
    (True, True, False): "regulars",
    (True, False, False): "newcomers",
    (False, True, False): "slipping_regulars",
    (False, False, False): "lost",
}


def test_every_customer_is_in_the_rfm_group_that_duckdb_finds(customers: Customers) -> None:
    found = values(customers, "rfm", {"id": "rfm", "rfm": {"of": "order_paid"}})
    expected = {
        str(user): GROUPS[int(str(r)) >= 4, int(str(f)) >= 4, int(str(m)) >= 4]
        for user, r, f, m in customers.ask(SCORED)
    }
    assert len(expected) == customers.people
    assert found == expected


ACTIVITY = """
WITH people AS (
    SELECT user_id, min(paid_at) AS first, max(paid_at) AS latest,
        count(DISTINCT CAST(paid_at AS DATE)) FILTER (paid_at > now_() - INTERVAL 30 DAY) AS days
    FROM orders WHERE paid_at <= now_() GROUP BY user_id
)
SELECT user_id, CASE
    WHEN first >= now_() - INTERVAL 1 DAY THEN 'new_install'
    WHEN first >= now_() - INTERVAL 7 DAY THEN 'new'
    WHEN days >= 16 THEN 'high_active'
    WHEN days >= 9 THEN 'medium_high_active'
    WHEN days >= 4 THEN 'medium_active'
    WHEN days >= 1 THEN 'low_active'
    WHEN latest > now_() - INTERVAL 90 DAY THEN 'dormant'
    ELSE 'churned' END
FROM people
"""
GROWTH = """
WITH people AS (
    SELECT user_id, min(paid_at) AS first, max(paid_at) AS latest,
        count(DISTINCT CAST(paid_at AS DATE)) FILTER (paid_at > now_() - INTERVAL 30 DAY) AS days,
        count(*) FILTER (paid_at > now_() - INTERVAL 14 DAY) AS lately,
        count(*) FILTER (paid_at > now_() - INTERVAL 42 DAY AND paid_at <= now_() - INTERVAL 14 DAY) / 2.0
            AS usual
    FROM orders WHERE paid_at <= now_() GROUP BY user_id
)
SELECT user_id, CASE
    WHEN first >= now_() - INTERVAL 14 DAY THEN 'novice'
    WHEN usual >= 2 AND first <= now_() - INTERVAL 42 DAY AND (lately - usual) / usual <= -0.5 THEN 'decline'
    WHEN first < now_() - INTERVAL 90 DAY AND days >= 8 THEN 'mature'
    WHEN latest > now_() - INTERVAL 60 DAY THEN 'growth'
    ELSE 'churned' END
FROM people
"""


@pytest.mark.parametrize(("name", "query"), [("activity", ACTIVITY), ("growth", GROWTH)])
def test_every_customer_is_in_the_lifecycle_stage_that_duckdb_finds(
    customers: Customers, name: str, query: str
) -> None:
    found = values(customers, name, preset(name, event="order_paid"))
    expected = {str(user): stage for user, stage in customers.ask(query)}
    assert len(expected) == customers.people
    assert found == expected
    assert len(set(found.values())) >= 3  # or the data say nothing about the rules


COHORTS = """
WITH firsts AS (SELECT user_id, date_trunc('month', min(paid_at)) AS cohort FROM orders GROUP BY user_id)
SELECT CAST(cohort AS DATE), CAST(date_trunc('month', paid_at) AS DATE), count(DISTINCT user_id)
FROM orders JOIN firsts USING (user_id) GROUP BY ALL ORDER BY ALL
"""


def test_monthly_cohorts_are_as_large_and_come_back_as_duckdb_counts(customers: Customers) -> None:
    expected = customers.ask(COHORTS)
    assert len(expected) > 30
    for cohort, month, people in expected:
        assert isinstance(cohort, date)
        assert isinstance(month, date)
        before = {"did": "order_paid", "within": {"from": "1990-01-01", "to": str(_day_before(cohort))}}
        joined = {"all": [_bought_in(cohort), {"not": before}]}
        assert customers.shop.count_people({"all": [joined, _bought_in(month)]}) == people, (cohort, month)


def _bought_in(month: date) -> Json:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return {"did": "order_paid", "within": {"from": str(month), "to": str(_day_before(following))}}


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


LEAVES_AT = {"high_active": 13, "medium_high_active": 6, "medium_active": 2}
"""Days at which somebody has to leave a stage that they are in."""
FROM_THE_TOP = ("new_install", "new", "high_active", "medium_high_active", "medium_active")


def test_transitions_between_two_moments_are_the_stages_at_both(customers: Customers) -> None:
    """A matrix counted from the stages that DuckDB finds at each moment, with those who stay put back."""
    # An id of its own: nobody has a stored value, so that each moment goes on from the one before.
    document = preset("activity", event="order_paid")
    assert isinstance(document, dict)
    customers.shop.save_tag(canonical({**document, "id": "activity_by_month"}).decode())
    now = ACTIVITY.replace("SELECT user_id, CASE", "SELECT user_id, days, CASE")
    earlier = ACTIVITY.replace("now_()", "(now_() - INTERVAL 28 DAY)")
    before = {str(user): str(stage) for user, stage in customers.ask(earlier)}
    expected: Counter[tuple[str | None, str]] = Counter()
    for user, days, entered in customers.ask(now):
        was = before.get(str(user))
        stage = str(entered)
        if was in LEAVES_AT and int(str(days)) > LEAVES_AT[was]:
            above = FROM_THE_TOP[: FROM_THE_TOP.index(was)]
            stage = stage if stage in above else was
        expected[was, stage] += 1
    told = customers.shop.tag_transitions(
        "activity_by_month", start=customers.now - FOUR_WEEKS, every=FOUR_WEEKS
    )
    [step] = cast("list[Mapping[str, list[Mapping[str, object]]]]", told["steps"])  # as it is shown
    assert {(one["before"], one["after"]): one["people"] for one in step["shifts"]} == expected
