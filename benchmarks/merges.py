"""True merges a second, and what merges that are not rewritten cost whoever asks.

    .venv/bin/python -m benchmarks.merges [SECONDS] [MILLIONS]

First: customers who log in on devices that have a history of their own, through the whole of a workspace
(acknowledged, processed, told to the event store), for so many seconds of such log-ins; in the end people,
merges and events are reconciled with what was sent. Then questions over so many million events: as they are,
and with 50,000 merges told a moment ago, in turns; ratios are medians of pairs. Of the hundred conditions
the answers must be those of the engine by itself, which reads merged people's rows apart. The store that is
asked is a copy.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence, Sized
from pathlib import Path

import numpy as np

import perennial
from benchmarks.conditions import promoted
from benchmarks.history import DATABASE, EVENTS_PER_PERSON, NOW, ensure_history, profile_ids
from benchmarks.measuring import Cost, median, timed
from benchmarks.questions import hundred
from perennial.backends.clickhouse import (
    ClickHouseEventStore,
    ClickHousePopulation,
    EmbeddedClickHouse,
    Transport,
)
from perennial.backends.clickhouse.groups import Costs
from perennial.backends.clickhouse.parameters import Sql
from perennial.compute.profiles import EVERYONE, Quantity
from perennial.kernel.conditions import Ask, Moment, parse_condition
from perennial.kernel.conditions.model import Aggregate, EventPattern
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.runtime.workspace import Workspace

MERGES = 50_000
AT_ONCE = 5_000
EVENTS_BEFORE = 2
"""Of each device, before somebody logs in on it."""
PAIRS = 5


def main(seconds: int, millions: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rate, merges, longest = merging(Path(folder) / "home", seconds)
    print(f"{merges} merges in {seconds} s: {rate:.0f} a second, longest batch {longest:.2f} s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "events"
        shutil.copytree(ensure_history(millions) / "events", copy, symlinks=True)
        found = asking(copy, millions)
    print(f"over {millions} million events, without and with {MERGES} merges, {PAIRS} pairs each")
    for name, pairs in found.items():
        print(f"{name}: without  {median([one for one, _ in pairs])}")
        print(f"{name}: with     {median([other for _, other in pairs])}")
        wall = statistics.median(other.wall / one.wall for one, other in pairs)
        cpu = statistics.median(other.cpu / one.cpu for one, other in pairs)
        print(f"{name}: with / without, median of pairs: wall {wall:.3f}, cpu {cpu:.3f}", flush=True)


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
        _reconcile(workspace, done)
        return done / spent, done, longest


def _reconcile(workspace: Workspace, merges: int) -> None:
    """Every customer is one person, was merged once, and has every call that was sent."""
    if workspace.count_people() != merges:
        sys.exit("wrong answer: there are more or fewer people than customers")
    if workspace.count_events() != merges * (1 + EVENTS_BEFORE):
        sys.exit("wrong answer: events are missing or counted twice")
    for number in (0, merges // 2, merges - 1):
        known = workspace.show_identity(f"u{number}")
        if _how_many(known["merges"]) != 1 or _how_many(known["names"]) != 2:
            sys.exit(f"wrong answer: u{number} was not merged with one device")


def _how_many(shown: object) -> int:
    return len(shown) if isinstance(shown, Sized) else 0


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


def asking(folder: Path, millions: int) -> dict[str, list[tuple[Cost, Cost]]]:
    """What questions cost without merges and with them, in turns."""
    people = millions * 1_000_000 // EVENTS_PER_PERSON
    found: dict[str, list[tuple[Cost, Cost]]] = {}
    with EmbeddedClickHouse(folder) as engine:
        transport = engine.database(DATABASE)
        promoted(transport)
        questions = _questions(ClickHousePopulation(transport), people)
        for ask in questions.values():
            ask()
        for _ in range(PAIRS):
            _merge_nobody(transport)
            before = {name: timed(ask) for name, ask in questions.items()}
            _merge(transport, people)
            for name, ask in questions.items():
                found.setdefault(name, []).append((before[name], timed(ask)))
        _compare(transport)
    return found


def _questions(population: ClickHousePopulation, people: int) -> Mapping[str, Callable[[], object]]:
    """Questions about everyone, and about as many as are in a batch of the processor."""
    moment = Moment(as_of=NOW)
    conditions = [parse_condition(question.document) for question in hundred()]
    ids = profile_ids(np.arange(0, people, max(1, people // AT_ONCE))).tolist()
    asks = [Ask(profile_id=ProfileId(one), as_of=NOW) for one in ids]
    orders = Quantity(
        aggregate=Aggregate(kind="count"), pattern=EventPattern(event="order_paid"), window=None
    )
    return {
        "100 conditions": lambda: population.members(conditions, at=moment),
        "everyone": lambda: population.count(EVERYONE, at=moment),
        "orders of everyone": lambda: population.quantities([orders], at=moment),
        f"100 conditions about {len(asks)} people": lambda: population.verdicts(conditions, asks, at=moment),
    }


def _compare(transport: Transport) -> None:
    """The answers about merged people are those of the engine, which reads their rows apart."""
    conditions = [parse_condition(question.document) for question in hundred()]
    quick, exact = (
        ClickHousePopulation(transport, costs).members(conditions, at=Moment(as_of=NOW))
        for costs in (Costs(), Costs(arrays=sys.maxsize))
    )
    if not all(np.array_equal(one, other) for one, other in zip(quick, exact, strict=True)):
        sys.exit("wrong answer: merged people are told differently by the engine")


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
        store.override({one: pairs[one] for one in lost[start : start + 10_000]}, version=start + 1)
    if before - ClickHousePopulation(transport).count(EVERYONE, at=Moment(as_of=NOW)) != MERGES:
        sys.exit("wrong answer: merged people are not counted once")


def _merge_nobody(transport: Transport) -> None:
    transport.command(Sql("TRUNCATE TABLE {database:Identifier}.overrides"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60, int(sys.argv[2]) if len(sys.argv) > 2 else 10)
