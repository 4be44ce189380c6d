"""How fast a Parquet file of history comes in, beside reading that file and writing its rows out again.

    .venv/bin/python -m benchmarks.imports [ROWS]

The baseline, in the same run: the file is read, and its columns are written and synced as an Arrow file.
An import does that and more: identity, dedupe, the event store. The answer is checked before it is timed.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import perennial
from perennial.kernel.values import Json

MAPPING: dict[str, Json] = {
    "type": "track",
    "event": {"value": "item_bought"},
    "user_id": "user",
    "timestamp": "at",
    "message_id": "id",
    "properties": {name: name for name in ("basket", "product", "quantity", "amount", "discount", "store")},
}
RUNS = 3


def history(rows: int) -> pa.Table:
    """Skewed shoppers over 180 days, in order of time; derived, not drawn."""
    number = np.arange(rows, dtype=np.uint64)
    mixed = number * np.uint64(0x9E3779B97F4A7C15)
    share = ((mixed >> np.uint64(11)).astype(float) / 2**53) ** 2
    user = (share * max(1, rows // 50)).astype(int)
    seconds = number * np.uint64(180 * 86_400) // np.uint64(rows)
    start = np.datetime64("2026-01-01", "us")
    return pa.table(
        {
            "user": pa.array([f"u{one}" for one in user]),
            "at": pa.array(start + seconds.astype("timedelta64[s]"), pa.timestamp("us", "UTC")),
            "id": pa.array([f"m{one}" for one in number]),
            "basket": pa.array([f"b{one // 9}" for one in number]),
            "product": pa.array([f"p{one}" for one in (mixed >> np.uint64(40)) % np.uint64(60_000)]),
            "quantity": pa.array(((mixed >> np.uint64(33)) % np.uint64(5) + np.uint64(1)).astype(np.int64)),
            "amount": pa.array((mixed >> np.uint64(50)).astype(float) / 100),
            "discount": pa.array(np.zeros(rows)),
            "store": pa.array((user % 400).astype(np.int64)),
        }
    )


def timed(job: Callable[[], None]) -> tuple[float, float]:
    """Wall and processor seconds of a job."""
    wall, cpu = time.perf_counter(), time.process_time()
    job()
    return time.perf_counter() - wall, time.process_time() - cpu


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.parquet"
        pq.write_table(history(rows), file)
        measured: dict[str, list[tuple[float, float]]] = {"baseline": [], "import": []}
        for run in range(RUNS):
            measured["baseline"].append(timed(lambda: copy(file)))
            with perennial.open(Path(folder) / f"home{run}") as app:
                app.init()
                shop = app.workspace()
                measured["import"].append(timed(lambda: shop.import_file(file, mapping=MAPPING) and None))  # noqa: B023
                found = shop.count_events()
                if found != rows:
                    sys.exit(f"wrong answer: {found} events of {rows}")
        for name, runs in measured.items():
            wall, cpu = (statistics.median(column) for column in zip(*runs, strict=True))
            print(f"{name:<10} {rows} rows: wall {wall:7.2f} s, cpu {cpu:7.2f} s, {rows / wall:9,.0f} rows/s")
        ratios = [
            one[0] / base[0] for one, base in zip(measured["import"], measured["baseline"], strict=True)
        ]
        print(f"import / baseline, median of pairs: {statistics.median(ratios):.1f}")


def copy(file: Path) -> None:
    """Read the file, write its rows, sync them."""
    table = pq.read_table(file)
    with (file.parent / "copy.arrow").open("wb") as sink:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        sink.flush()
        os.fsync(sink.fileno())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
