"""True merges a second, and what merges that are not rewritten cost whoever asks.

    .venv/bin/python -m benchmarks.merges [SECONDS] [MILLIONS]

First: customers who log in on devices that have a history of their own, through the whole of a workspace
(acknowledged, processed, told to the event store), for so many seconds. Then a hundred conditions over so
many million events: as they are, and with 50,000 merges told a moment ago, in turns; the ratio is the
median of pairs. The store that is asked is a copy.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import perennial
from benchmarks.conditions import in_one_pass
from benchmarks.history import DATABASE, EVENTS_PER_PERSON, NOW, ensure_history, profile_ids
from benchmarks.measuring import Cost, median
from perennial.backends.clickhouse import (
    ClickHouseEventStore,
    ClickHousePopulation,
    EmbeddedClickHouse,
    Transport,
    prepare_database,
)
from perennial.backends.clickhouse.parameters import Sql
from perennial.compute.profiles import EVERYONE
from perennial.kernel.conditions import Moment
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

MERGES = 50_000
AT_ONCE = 5_000
EVENTS_BEFORE = 2
"""Of each device, before somebody logs in on it."""
PAIRS = 3


def main(seconds: int, millions: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rate, merges, longest = merging(Path(folder) / "home", seconds)
    print(f"{merges} merges in {seconds} s: {rate:.0f} a second, longest batch {longest:.2f} s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "events"
        shutil.copytree(ensure_history(millions) / "events", copy, symlinks=True)
        plain, merged = asking(copy, millions)
    ratios = [after.wall / before.wall for before, after in zip(plain, merged, strict=True)]
    print(f"100 conditions over {millions} million events")
    print(f"no merges      {median(plain)}")
    print(f"{MERGES} merges  {median(merged)}")
    print(f"with / without, median of {PAIRS} pairs: {statistics.median(ratios):.3f}")


def merging(home: Path, seconds: int) -> tuple[float, int, float]:
    """Merges a second, how many, and the longest that a batch of them took from sending to being known."""
    with perennial.open(home) as app:
        app.init()
        workspace = app.workspace()
        done, spent, longest = 0, 0.0, 0.0
        while spent < seconds:
            numbers = range(done, done + AT_ONCE)
            before = [call for number in numbers for call in _apart(number)]
            workspace.send(before)
            workspace.wait_accepted(timeout=600)
            people = workspace.count_people()
            begun = time.perf_counter()
            workspace.send([_login(number) for number in numbers])
            workspace.wait_accepted(timeout=600)
            took = time.perf_counter() - begun
            if people - workspace.count_people() != AT_ONCE:
                sys.exit("wrong answer: not everybody who logged in is one person")
            done, spent, longest = done + AT_ONCE, spent + took, max(longest, took)
        return done / spent, done, longest


def _apart(number: int) -> Sequence[Mapping[str, Json]]:
    """A customer, and a device that nobody has logged in on."""
    device: Mapping[str, Json] = {"type": "track", "event": "app_open", "anonymousId": f"d{number}"}
    return [
        {"type": "track", "event": "order_paid", "userId": f"u{number}", "properties": {"amount": number}},
        *[device] * EVENTS_BEFORE,
        {"type": "identify", "anonymousId": f"d{number}", "traits": {"city": "Bern"}},
    ]


def _login(number: int) -> Mapping[str, Json]:
    return {"type": "identify", "userId": f"u{number}", "anonymousId": f"d{number}"}


def asking(folder: Path, millions: int) -> tuple[list[Cost], list[Cost]]:
    """What the hundred cost without merges and with them, in turns."""
    plain: list[Cost] = []
    merged: list[Cost] = []
    with EmbeddedClickHouse(folder) as engine:
        transport = engine.database(DATABASE)
        prepare_database(transport)
        in_one_pass(transport)
        for _ in range(PAIRS):
            _merge_nobody(transport)
            plain.append(in_one_pass(transport)[0])
            _merge(transport, millions * 1_000_000 // EVENTS_PER_PERSON)
            merged.append(in_one_pass(transport)[0])
    return plain, merged


def _merge(transport: Transport, people: int) -> None:
    """Every so many people two became one, anywhere among the ids."""
    ids = profile_ids(np.arange(people)).tolist()
    step = people // MERGES
    if step < 2:
        sys.exit(f"{people} people are too few for {MERGES} merges: ask for more events")
    pairs = {ProfileId(ids[place * step]): ProfileId(ids[place * step + 1]) for place in range(MERGES)}
    before = ClickHousePopulation(transport).count(EVERYONE, at=Moment(as_of=NOW))
    store = ClickHouseEventStore(transport)
    lost = list(pairs)
    for start in range(0, MERGES, 10_000):
        store.override({one: pairs[one] for one in lost[start : start + 10_000]})
    if before - ClickHousePopulation(transport).count(EVERYONE, at=Moment(as_of=NOW)) != MERGES:
        sys.exit("wrong answer: merged people are not counted once")


def _merge_nobody(transport: Transport) -> None:
    transport.command(Sql("TRUNCATE TABLE {database:Identifier}.overrides"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60, int(sys.argv[2]) if len(sys.argv) > 2 else 10)
