"""Every kind of insight on The Complete Journey, recounted by DuckDB from the same rows.

155,848 baskets, 6,589 campaigns received and 2,102 coupons redeemed by 2,469 households; one week's items.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.showcase.household_year import load
from perennial.wiring import Workspace, open_app

NOW = datetime(2018, 1, 2, tzinfo=UTC)
YEAR: Json = {"from": "2017-01-01", "to": "2017-12-31"}
WEEK = (datetime(2017, 6, 5, tzinfo=UTC), datetime(2017, 6, 12, tzinfo=UTC))
Row = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The year as Perennial holds it, and as DuckDB reads it."""

    shop: Workspace
    folder: Path

    def insight(self, **spec: Json) -> Mapping[str, Json]:
        return self.shop.run_insight({"range": YEAR, **spec})

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
            for name in ("orders", "campaigns", "coupons", "items"):
                connection.execute(
                    f"CREATE VIEW {name} AS SELECT * EXCLUDE (happened),"
                    f" make_timestamp(epoch_us(happened)) AS ts,"
                    f" '{name}' AS kind FROM '{self.folder / name}.parquet'"
                )
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    folder = tmp_path_factory.mktemp("year")
    events = load(weeks=0).events
    in_week = pc.and_(
        pc.greater_equal(events["item_bought"]["at"], pa.scalar(WEEK[0])),
        pc.less(events["item_bought"]["at"], pa.scalar(WEEK[1])),
    )
    tables = {
        "orders": ("order_paid", events["order_paid"], ("amount",)),
        "campaigns": ("campaign_received", events["campaign_received"], ("campaign_type",)),
        "coupons": ("coupon_redeemed", events["coupon_redeemed"], ()),
        "items": ("item_bought", events["item_bought"].filter(in_week), ("basket_id", "product_id")),
    }
    with open_app(folder / "home", clock=VirtualClock(NOW)) as app:
        app.init()
        shop = app.workspace()
        for name, (event, rows, properties) in tables.items():
            table = rows.select(["user_id", "at", "message_id", *properties])
            named = table.rename_columns(["user_id", "happened", "message_id", *properties])
            pq.write_table(named, folder / f"{name}.parquet")
            mapping: dict[str, Json] = {
                "type": "track",
                "event": {"value": event},
                "user_id": "user_id",
                "timestamp": "happened",
                "message_id": "message_id",
                "properties": {each: each for each in properties},
            }
            assert shop.import_file(folder / f"{name}.parquet", mapping=mapping).rejected == 0
        yield Year(shop=shop, folder=folder)


def pairs_of(found: Sequence[tuple[object, ...]]) -> dict[object, object]:
    return {row[0]: row[1] for row in found}


def rows(found: Mapping[str, Json], key: str) -> Sequence[Row]:
    return cast("Sequence[Row]", found[key])


def test_trend(year: Year) -> None:
    counts = ["total", "people", "sum(amount)", "avg(amount)", "min(amount)", "max(amount)", "median(amount)"]
    series: list[Json] = [{"event": "order_paid", "count": count} for count in counts]
    found = year.insight(kind="trend", interval="month", series=series)
    mine = [[point["value"] for point in rows(line, "points")] for line in rows(found, "series")]
    theirs = year.ask(
        "SELECT count(*), count(DISTINCT user_id), sum(amount), avg(amount), min(amount), max(amount),"
        " median(amount) FROM orders WHERE ts < '2018-01-01' GROUP BY date_trunc('month', ts) ORDER BY"
        " date_trunc('month', ts)"
    )
    for line, expected in zip(mine, zip(*theirs, strict=True), strict=True):
        assert line == pytest.approx(list(expected), rel=1e-9)


def test_trend_by_a_property_and_looking_back(year: Year) -> None:
    found = year.insight(
        kind="trend",
        interval="month",
        series=[{"event": "campaign_received"}],
        breakdown="campaign_type",
    )
    mine = {
        (line["breakdown"], point["at"]): point["value"]
        for line in rows(found, "series")
        for point in rows(line, "points")
        if point["value"]
    }
    theirs = year.ask(
        "SELECT campaign_type, strftime(date_trunc('month', ts), '%Y-%m-%d'), count(*) FROM campaigns"
        " WHERE ts >= '2017-01-01' AND ts < '2018-01-01' GROUP BY ALL"
    )
    assert mine == {(kind, at): count for kind, at, count in theirs}
    weekly = year.insight(kind="trend", series=[{"event": "order_paid", "count": "people"}], rolling="7d")
    points = {point["at"]: point["value"] for point in rows(rows(weekly, "series")[0], "points")}
    days = year.ask(
        "SELECT strftime(day, '%Y-%m-%d'), (SELECT count(DISTINCT user_id) FROM orders"
        " WHERE ts >= day - INTERVAL 6 DAY AND ts < day + INTERVAL 1 DAY)"
        " FROM (SELECT CAST(d AS TIMESTAMP) AS day FROM range(DATE '2017-03-01', DATE '2017-03-20',"
        " INTERVAL 1 DAY) r(d))"
    )
    assert {day: points[str(day)] for day, _ in days} == pairs_of(days)


def test_retention(year: Year) -> None:
    found = year.insight(
        kind="retention", start="campaign_received", **{"return": "coupon_redeemed"}, interval="month"
    )
    mine = {
        (cohort["at"], cell["k"]): cell["value"]
        for cohort in rows(found, "cohorts")
        for cell in rows(cohort, "cells")
        if cell["value"]
    }
    theirs = year.ask(
        "WITH began AS (SELECT DISTINCT user_id, date_trunc('month', ts) AS m FROM campaigns WHERE ts"
        " >= '2017-01-01'"
        " AND ts < '2018-01-01'), back AS (SELECT DISTINCT user_id, date_trunc('month', ts) AS m FROM"
        " coupons)"
        " SELECT strftime(began.m, '%Y-%m-%d'), 0, count(*) FROM began GROUP BY ALL UNION ALL"
        " SELECT strftime(began.m, '%Y-%m-%d'), date_diff('month', began.m, back.m), count(*) FROM"
        " began JOIN back"
        " USING (user_id) WHERE back.m > began.m AND back.m < '2018-01-01' GROUP BY ALL"
    )
    assert mine == {(at, k): count for at, k, count in theirs}


def test_lifecycle_and_its_identity(year: Year) -> None:
    found = rows(year.insight(kind="lifecycle", event="order_paid", interval="week"), "intervals")
    active = [sum(cast("int", one[key]) for key in ("new", "returning", "resurrecting")) for one in found]
    theirs = year.ask(
        "SELECT count(DISTINCT user_id) FROM orders WHERE ts < '2018-01-01' GROUP BY date_trunc('week', ts)"
        " ORDER BY date_trunc('week', ts)"
    )
    assert active == [count for (count,) in theirs]
    for before, one, now in zip(active, found[1:], active[1:], strict=False):
        change = sum(cast("int", one[key]) for key in ("new", "resurrecting", "dormant"))
        assert now - before == change


def test_stickiness_and_distribution(year: Year) -> None:
    sticky = rows(year.insight(kind="stickiness", event="order_paid", interval="month"), "buckets")
    theirs = year.ask(
        "SELECT months, count(*) FROM (SELECT count(DISTINCT date_trunc('month', ts)) AS months FROM orders"
        " WHERE ts < '2018-01-01' GROUP BY user_id) GROUP BY months"
    )
    assert {one["intervals"]: one["people"] for one in sticky if one["people"]} == pairs_of(theirs)
    spread = rows(
        year.insight(kind="distribution", event="order_paid", interval="month", buckets=[1, 2, 5, 10, 20]),
        "intervals",
    )
    march = next(one for one in spread if one["at"] == "2017-03-01")
    [counted] = year.ask(
        "SELECT count(*) FILTER (n = 1), count(*) FILTER (n BETWEEN 2 AND 4), count(*) FILTER (n"
        " BETWEEN 5 AND 9),"
        " count(*) FILTER (n BETWEEN 10 AND 19), count(*) FILTER (n >= 20) FROM (SELECT count(*) AS n"
        " FROM orders"
        " WHERE ts >= '2017-03-01' AND ts < '2017-04-01' GROUP BY user_id)"
    )
    assert [bucket["people"] for bucket in rows(march, "buckets")] == list(counted)


def test_funnel(year: Year) -> None:
    found = year.insight(
        kind="funnel", steps=["campaign_received", "order_paid", "coupon_redeemed"], window="30d"
    )
    [theirs] = year.ask(
        "WITH a AS (SELECT user_id, ts FROM campaigns WHERE ts >= '2017-01-01' AND ts < '2018-01-01'),"
        " ab AS ("
        " SELECT a.user_id, a.ts AS began, min(o.ts) AS second FROM a JOIN orders o ON o.user_id = a.user_id"
        " AND o.ts >= a.ts AND o.ts <= a.ts + INTERVAL 30 DAY GROUP BY ALL), abc AS (SELECT DISTINCT"
        " ab.user_id FROM ab"
        " JOIN coupons c ON c.user_id = ab.user_id AND c.ts >= ab.second AND c.ts <= ab.began +"
        " INTERVAL 30 DAY)"
        " SELECT (SELECT count(DISTINCT user_id) FROM a), (SELECT count(DISTINCT user_id) FROM ab),"
        " (SELECT count(*) FROM abc)"
    )
    assert [step["people"] for step in rows(found, "steps")] == list(theirs)


def test_interval_and_sessions(year: Year) -> None:
    found = year.insight(kind="interval", **{"from": "campaign_received", "to": "coupon_redeemed"})
    theirs = year.ask(
        "SELECT count(*), count(DISTINCT user_id), median(gap) FROM (SELECT a.user_id, epoch(min(c.ts)"
        " - a.ts) AS gap"
        " FROM campaigns a JOIN coupons c ON c.user_id = a.user_id AND c.ts >= a.ts WHERE a.ts >="
        " '2017-01-01'"
        " AND a.ts < '2018-01-01' GROUP BY a.user_id, a.ts, a.message_id)"
    )
    quantiles = cast("Row", found["quantiles"])
    assert (found["times"], found["people"], quantiles["p50"]) == pytest.approx(theirs[0])
    visits = year.insight(kind="sessions", events=["order_paid"], gap="14d", interval="month")
    sessions = sum(cast("int", one["sessions"]) for one in rows(visits, "intervals"))
    [(counted,)] = year.ask(
        "SELECT count(*) FROM (SELECT ts - lag(ts) OVER (PARTITION BY user_id ORDER BY ts) AS gap FROM orders"
        " WHERE ts < '2018-01-01') WHERE gap IS NULL OR gap >= INTERVAL 14 DAY"
    )
    assert sessions == counted


def test_paths(year: Year) -> None:
    found = year.insight(
        kind="paths",
        events=["campaign_received", "order_paid", "coupon_redeemed"],
        session_gap="7d",
        collapse_repeats=False,
        depth=3,
    )
    mine = {(edge["from"], edge["to"]): (edge["times"], edge["people"]) for edge in rows(found, "edges")}
    theirs = year.ask(
        "WITH e AS (SELECT user_id, ts, message_id, 'campaign_received' AS name FROM campaigns UNION ALL"
        " SELECT user_id, ts, message_id, 'order_paid' FROM orders UNION ALL"
        " SELECT user_id, ts, message_id, 'coupon_redeemed' FROM coupons), cut AS (SELECT *,"
        " CASE WHEN ts - lag(ts) OVER w < INTERVAL 7 DAY THEN 0 ELSE 1 END AS begins FROM e"
        " WHERE ts >= '2017-01-01' AND ts < '2018-01-01' WINDOW w AS (PARTITION BY user_id ORDER BY ts,"
        " message_id)),"
        " named AS (SELECT *, sum(begins) OVER (PARTITION BY user_id ORDER BY ts, message_id) AS"
        " session FROM cut),"
        " placed AS (SELECT *, row_number() OVER s AS place, lead(name) OVER s AS next FROM named"
        " WINDOW s AS (PARTITION BY user_id, session ORDER BY ts, message_id))"
        " SELECT place || '_' || name, (place + 1) || '_' || next, count(*), count(DISTINCT user_id)"
        " FROM placed"
        " WHERE next IS NOT NULL AND place < 3 GROUP BY ALL"
    )
    assert mine == {(origin, target): (times, people) for origin, target, times, people in theirs}


@pytest.mark.parametrize("model", ["first", "last", "linear"])
def test_attribution(year: Year, model: str) -> None:
    found = year.insight(
        kind="attribution",
        goal="coupon_redeemed",
        touches=["campaign_received"],
        item="campaign_type",
        model=model,
        lookback="60d",
    )
    mine = {touch["name"]: touch["credit"] for touch in rows(found, "touches")}
    weight = {
        "first": "CASE WHEN row_number() OVER w = 1 THEN 1.0 ELSE 0 END",
        "last": "CASE WHEN row_number() OVER (PARTITION BY g.message_id ORDER BY t.ts DESC,"
        " t.message_id DESC) = 1"
        " THEN 1.0 ELSE 0 END",
        "linear": "1.0 / count(*) OVER (PARTITION BY g.message_id)",
    }[model]
    theirs = year.ask(
        f"WITH shares AS (SELECT ifnull(t.campaign_type, '(none)') AS name, {weight} AS share FROM"
        f" coupons g"
        " LEFT JOIN campaigns t ON t.user_id = g.user_id AND t.ts <= g.ts AND t.ts >= g.ts - INTERVAL 60 DAY"
        " WHERE g.ts >= '2017-01-01' AND g.ts < '2018-01-01'"
        " WINDOW w AS (PARTITION BY g.message_id ORDER BY t.ts, t.message_id))"
        " SELECT name, sum(share) FROM shares GROUP BY name HAVING sum(share) > 0"
    )
    assert mine == pytest.approx({str(name): float(cast("float", share)) for name, share in theirs})
    assert sum(cast("float", one) for one in mine.values()) == pytest.approx(cast("int", found["goals"]))


def test_value(year: Year) -> None:
    found = year.insight(
        kind="value", event="order_paid", start="order_paid", amount="amount", interval="month"
    )
    mine = {
        (cohort["at"], cell["k"]): cell["value"]
        for cohort in rows(found, "cohorts")
        for cell in rows(cohort, "cells")
        if cell["value"]
    }
    theirs = year.ask(
        "WITH began AS (SELECT user_id, date_trunc('month', min(ts)) AS m FROM orders GROUP BY user_id)"
        " SELECT strftime(m, '%Y-%m-%d'), date_diff('month', m, date_trunc('month', ts)), sum(amount)"
        " FROM orders"
        " JOIN began USING (user_id) WHERE ts < '2018-01-01' GROUP BY ALL HAVING sum(amount) != 0"
    )
    assert mine == pytest.approx({(at, k): amount for at, k, amount in theirs})


def test_rfm(year: Year) -> None:
    found = year.insight(
        kind="rfm",
        r={"of": "order_paid"},
        f={"of": "order_paid"},
        m={"measure": "sum(amount)", "of": "order_paid"},
    )
    counted = {(cell["r"], cell["f"], cell["m"]): cell["people"] for cell in rows(found, "cells")}
    theirs = year.ask(
        "WITH p AS (SELECT user_id, max(ts) AS r, count(*) AS f, sum(amount) AS m FROM orders WHERE ts"
        " < '2018-01-01'"
        " GROUP BY user_id), ranked AS (SELECT 2 * rank() OVER (ORDER BY r) + count(*) OVER (PARTITION"
        " BY r) - 1 AS r,"
        " 2 * rank() OVER (ORDER BY f) + count(*) OVER (PARTITION BY f) - 1 AS f,"
        " 2 * rank() OVER (ORDER BY m) + count(*) OVER (PARTITION BY m) - 1 AS m, 2 * count(*) OVER ()"
        " AS n FROM p)"
        " SELECT (5 * r + n - 1) // n, (5 * f + n - 1) // n, (5 * m + n - 1) // n, count(*) FROM ranked"
        " GROUP BY ALL"
    )
    assert counted == {(r, f, m): count for r, f, m, count in theirs}
    assert sum(cast("int", one["people"]) for one in rows(found, "groups")) == sum(
        cast("int", one) for one in counted.values()
    )


def test_overlap_and_journey_map(year: Year) -> None:
    year.shop.save_segment("{id: redeemers, condition: {did: coupon_redeemed}}")
    year.shop.save_segment("{id: reached, condition: {did: campaign_received}}")
    parts = rows(year.insight(kind="overlap", segments=["redeemers", "reached"]), "parts")
    theirs = year.ask(
        "SELECT (SELECT count(*) FROM (SELECT user_id FROM coupons INTERSECT SELECT user_id FROM campaigns)),"
        " (SELECT count(*) FROM (SELECT user_id FROM campaigns EXCEPT SELECT user_id FROM coupons)),"
        " (SELECT count(*) FROM (SELECT user_id FROM coupons EXCEPT SELECT user_id FROM campaigns))"
    )
    found = {tuple(cast("Sequence[str]", one["in"])): one["people"] for one in parts}
    expected = zip([("redeemers", "reached"), ("reached",), ("redeemers",)], theirs[0], strict=True)
    assert found == {names: count for names, count in expected if count}
    stages: Json = [
        {"name": "reached", "events": ["campaign_received"]},
        {"name": "redeemed", "events": ["coupon_redeemed"]},
    ]
    shown = rows(year.insight(kind="journey_map", stages=stages), "stages")
    [(reached, redeemed)] = year.ask(
        "WITH a AS (SELECT user_id, min(ts) AS ts FROM campaigns WHERE ts >= '2017-01-01' AND ts <"
        " '2018-01-01'"
        " GROUP BY user_id) SELECT count(*), count(*) FILTER (EXISTS (SELECT 1 FROM coupons c"
        " WHERE c.user_id = a.user_id AND c.ts >= a.ts AND c.ts < '2018-01-01')) FROM a"
    )
    assert [stage["people"] for stage in shown] == [reached, redeemed]
    assert shown[0]["left"] == cast("int", reached) - cast("int", redeemed)


def test_basket(year: Year) -> None:
    found = year.insight(
        kind="basket", event="item_bought", item="product_id", basket="basket_id", min_support=0.005
    )
    mine = {(pair["a"], pair["b"]): pair["baskets"] for pair in rows(found, "pairs")}
    theirs = year.ask(
        "WITH i AS (SELECT DISTINCT user_id, basket_id, CAST(product_id AS VARCHAR) AS p FROM items), n AS ("
        " SELECT count(DISTINCT (user_id, basket_id)) AS n FROM i) SELECT a.p, b.p, count(*) FROM i a"
        " JOIN i b"
        " USING (user_id, basket_id) WHERE a.p != b.p GROUP BY ALL HAVING count(*) >= 0.005 * (SELECT n"
        " FROM n)"
    )
    assert len(theirs) > 0
    assert mine == {(a, b): together for a, b, together in theirs}


def test_metric_tree(year: Year) -> None:
    found = year.insight(
        kind="metric_tree",
        range={"from": "2017-06-01", "to": "2017-06-30"},
        formula="sales = buyers * (orders / buyers) * (amount / orders)",
        metrics={
            "buyers": {"event": "order_paid", "count": "people"},
            "orders": {"event": "order_paid", "count": "total"},
            "amount": {"event": "order_paid", "count": "sum(amount)"},
        },
        interval="month",
    )
    [(june, may)] = year.ask(
        "SELECT sum(amount) FILTER (ts >= '2017-06-01' AND ts < '2017-07-01'),"
        " sum(amount) FILTER (ts >= '2017-05-01' AND ts < '2017-06-01') FROM orders"
    )
    assert (found["value"], found["before"]) == pytest.approx((june, may))
    shares = [cast("float", one["contribution"]) for one in rows(found, "factors")]
    assert sum(shares) == pytest.approx(cast("float", june) - cast("float", may))
