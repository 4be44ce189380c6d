"""How long the event store takes to load rows and to answer conditions, on this machine.

    .venv/bin/python benchmarks/conditions.py [ROWS]

Synthetic rows, derived and not drawn: 9 event names, 4 properties, people = rows / 25, 90 days.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from perennial.backends.clickhouse import (
    ClickHouseEventStore,
    ClickHousePopulation,
    EmbeddedClickHouse,
    prepare_database,
)
from perennial.collect.events.columns import EVENT_SCHEMA
from perennial.kernel.conditions.model import (
    Aggregate,
    Baseline,
    Change,
    Condition,
    Did,
    EventPattern,
    Measure,
    PropertyTest,
    Test,
)
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.ids import ProfileId
from perennial.kernel.windows import LookBack

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
AT = Moment(as_of=NOW)
NAMES = ("app_open", "view_item", "search", "add_to_cart", "order_paid", "share", "page", "login", "refund")
BATCH = 250_000


def batch(start: int, rows: int, people: int) -> pa.Table:
    """A batch of rows; a multiplicative hash spreads people, times and names."""
    number = np.arange(start, start + rows, dtype=np.uint64)
    mixed = number * np.uint64(0x9E3779B97F4A7C15)
    seconds = (mixed >> np.uint64(20)) % np.uint64(90 * 86_400)
    instants = (np.datetime64("2026-01-01", "us") + seconds.astype("timedelta64[s]")).astype("datetime64[us]")
    names = np.asarray(NAMES)[((mixed >> np.uint64(45)) % np.uint64(len(NAMES))).astype(int)]
    occurred_at = pa.array(instants).cast(EVENT_SCHEMA.field("occurred_at").type)
    amounts = (mixed >> np.uint64(50)).astype(float) / 4
    texts = [[("platform", "ios" if n % 3 else "web"), ("code", f"c{n % 50}")] for n in range(rows)]
    columns = {
        "profile_id": pa.array(mixed % np.uint64(people) + np.uint64(1)),
        "occurred_at": occurred_at,
        "received_at": occurred_at,
        "name": pa.array(names.tolist(), pa.string()),
        "message_id": pa.array([f"m-{n}" for n in number.tolist()], pa.string()),
        "numbers": pa.array(
            [[("amount", amount), ("quantity", 1.0)] for amount in amounts.tolist()],
            EVENT_SCHEMA.field("numbers").type,
        ),
        "texts": pa.array(texts, EVENT_SCHEMA.field("texts").type),
        "lists": pa.array([[]] * rows, EVENT_SCHEMA.field("lists").type),
    }
    constants = {"kind": "track", "origin": "source", "source": "bench"}
    for name in EVENT_SCHEMA.names:
        if name not in columns:
            columns[name] = pa.array([constants.get(name, "")] * rows, pa.string())
    return pa.table([columns[name] for name in EVENT_SCHEMA.names], schema=EVENT_SCHEMA)


def selective() -> Condition:
    """Bought at least twice on iOS in 30 days."""
    ios = PropertyTest(property="platform", test=Test(operator="=", literal="ios"))
    return Did(
        pattern=EventPattern(event="order_paid", where=(ios,)),
        times=Test(operator=">=", literal=2.0),
        window=LookBack(span=timedelta(days=30)),
    )


def falling() -> Condition:
    """Spent at least 30 % less than in the four weeks before: the demo's own question."""
    return Change(
        aggregate=Aggregate(kind="sum", property="amount"),
        pattern=EventPattern(event="order_paid"),
        over=timedelta(days=28),
        against=Baseline(),
        test=Test(operator="<=", literal=-30.0),
        percent=True,
        floor=20.0,
    )


def hundred() -> list[Condition]:
    """A hundred different measures over all names and several windows."""
    return [
        Measure(
            aggregate=Aggregate(kind="sum", property="amount") if n % 2 else Aggregate(kind="count"),
            pattern=EventPattern(event=NAMES[n % len(NAMES)]),
            test=Test(operator=">=", literal=float(n)),
            window=LookBack(span=timedelta(days=1 + n % 60)),
        )
        for n in range(100)
    ]


def report(what: str, ask: Callable[[], object]) -> None:
    """The best of three, so that other load counts least."""
    spent: list[float] = []
    for _ in range(3):
        start = time.perf_counter()
        ask()
        spent.append(time.perf_counter() - start)
    print(f"{what:<42} {min(spent):8.3f} s")


def main(rows: int) -> None:
    people = max(1, rows // 25)
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedClickHouse(Path(folder) / "events") as engine,
    ):
        transport = engine.database("ws_bench")
        prepare_database(transport)
        store, population = ClickHouseEventStore(transport), ClickHousePopulation(transport)
        inserting = 0.0
        for start in range(0, rows, BATCH):
            rows_of_batch = batch(start, min(BATCH, rows - start), people)
            begun = time.perf_counter()
            store.append(rows_of_batch, token=str(start))
            inserting += time.perf_counter() - begun
        print(f"{rows} rows of {people} people inserted        {inserting:8.3f} s")
        asks = [Ask(profile_id=ProfileId(n + 1), as_of=NOW - timedelta(hours=n % 48)) for n in range(1_000)]
        report("one selective condition", lambda: population.count(selective(), at=AT))
        report("the demo's change", lambda: population.count(falling(), at=AT))
        report("100 conditions, one pass", lambda: population.members(hundred(), at=AT))
        report("1,000 asks, 3 conditions", lambda: population.verdicts(hundred()[:3], asks, at=AT))
        report("1 ask, 1 condition", lambda: population.verdicts([falling()], asks[:1], at=AT))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
