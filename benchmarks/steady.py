"""Two thousand events a second with 200 definitions kept current: what it costs, and how fresh segments are.

    .venv/bin/python -m benchmarks.steady [MILLIONS] [SECONDS] [EVENTS_A_SECOND]

A home is made over a copy of the history, with everybody's memberships and values, and names that lead to the
people of the history. Then calls come in through the workspace's own way in (HTTP is measured by `intake`),
each of another visitor mostly, and the product's loop turns. Now and then somebody does what a live
segment waits for; how long after the acknowledgement they are in it is told. Checked: each of them is.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree

import numpy as np
from sqlalchemy import insert

from benchmarks.history import EVENTS_PER_PERSON, NOW, ensure_history, profile_ids
from benchmarks.measuring import peak_megabytes
from benchmarks.refresh import fill_ground
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables import identities, profiles
from perennial.kernel.clock import SystemClock
from perennial.kernel.errors import PerennialError
from perennial.kernel.values import Json
from perennial.runtime.workspace import Workspace
from perennial.wiring import open_app

WORKSPACE = "bench"
PROBE = "{id: probed, condition: {did: probe, within: 1d}}"
VISITORS = 20_000
AT_ONCE = 100
"""Events of one call."""
NAMES = ("view_item", "page", "search", "app_open", "add_to_cart", "view_item", "order_paid", "share")
SEED = 7


class ShiftedClock:
    """The machine's clock, set back to where the history ends."""

    def __init__(self) -> None:
        self._system = SystemClock()
        self._behind = self._system.now() - NOW

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return self._system.now() - self._behind


@dataclass(slots=True)
class Probes:
    """Who was let do what the segment waits for, and how long it took until they were in it."""

    workspace: Workspace
    waits: list[float] = field(default_factory=list[float])
    lost: int = 0

    def run(self, until: float) -> None:
        """One after the other, each waited for."""
        number = 0
        while time.monotonic() < until:
            name = f"probe-{number}"
            number += 1
            self.workspace.send([{"type": "track", "userId": name, "event": "probe"}])
            acknowledged = time.monotonic()
            while not self._is_in(name):
                if time.monotonic() - acknowledged > 60:
                    self.lost += 1
                    return
                time.sleep(0.02)
            self.waits.append(time.monotonic() - acknowledged)
            time.sleep(0.25)

    def _is_in(self, name: str) -> bool:
        try:
            told = self.workspace.person_segments(name)
        except PerennialError:
            return False
        return "probed" in str(told)


def main(millions: int, seconds: int, pace: int) -> int:
    ensure_history(millions)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        _prepare(home, millions)
        with open_app(home, clock=ShiftedClock()) as app:
            workspace = app.workspace(WORKSPACE)
            workspace.save_segment(PROBE)
            app.start()
            workspace.send(_calls(1, millions, AT_ONCE)[0])
            workspace.wait_accepted(timeout=300)
            probes = Probes(workspace)
            until = time.monotonic() + seconds
            watcher = threading.Thread(target=probes.run, args=(until,))
            calls = _calls(seconds * pace // AT_ONCE, millions, AT_ONCE)
            began, spent = time.monotonic(), time.process_time()
            watcher.start()
            late = _send(workspace, calls, AT_ONCE / pace)
            sent = time.monotonic() - began
            watcher.join()
            spent, took = time.process_time() - spent, time.monotonic() - began
            workspace.wait_accepted(timeout=600)
            behind = time.monotonic() - began - took
    waits = sorted(probes.waits)
    print(f"{len(calls) * AT_ONCE / sent:.0f} events/s in {sent:.0f} s, sender late by {late:.1f} s at most")
    print(f"processor: {spent / took:.2f} cores (allowed: 0.50), peak {peak_megabytes()} MB")
    print(f"until the last event counts: {behind:.1f} s")
    if not waits or probes.lost:
        print("wrong answer: somebody did not get into the segment", file=sys.stderr)
        return 1
    middle, worst = waits[len(waits) // 2], waits[min(len(waits) - 1, len(waits) * 99 // 100)]
    print(f"freshness of {len(waits)} probes: median {middle:.2f} s, p99 {worst:.2f} s (allowed: 3 s)")
    return 0


def _prepare(home: Path, millions: int) -> None:
    with open_app(home) as app:
        app.init(WORKSPACE)
        app.workspace(WORKSPACE)
    copytree(ensure_history(millions) / "events", home / "events", dirs_exist_ok=True)
    state = home / "workspaces" / WORKSPACE / "state.db"
    fill_ground(home / "events", state, NOW - timedelta(minutes=1))
    store = StateStore.open(f"sqlite:///{state}")
    people = _visitors(millions)
    with store.begin() as transaction:
        names = [
            {"kind": "user", "value": f"{one:016x}", "profile_id": one, "linked_at": 0} for one in people
        ]
        transaction.connection.execute(insert(identities), names)
        known = [{"profile_id": one, "user_id": f"{one:016x}", "first_seen_at": 0} for one in people]
        transaction.connection.execute(insert(profiles), known)
    store.close()


def _visitors(millions: int) -> Sequence[int]:
    everyone = millions * 1_000_000 // EVENTS_PER_PERSON
    chance = np.random.default_rng(SEED)  # noqa: TID251 - seeded
    chosen = chance.choice(everyone, min(VISITORS, everyone), replace=False)
    ids: list[int] = profile_ids(chosen).tolist()
    return ids


def _calls(requests: int, millions: int, events: int) -> Sequence[Sequence[Json]]:
    """Requests of visitors in sessions: each does seven things, half a minute apart."""
    people = _visitors(millions)
    chance = np.random.default_rng(SEED + 1)  # noqa: TID251 - seeded
    made: list[list[Json]] = []
    begun = 0
    for request in range(requests):
        begun = request * events // 7
        window = chance.integers(0, max(1, 35 * 6 * 2_000 // 7), events)
        whose = [people[(begun + int(step)) % len(people)] for step in window]
        made.append(
            [
                {
                    "type": "track",
                    "userId": f"{one:016x}",
                    "event": NAMES[(request + place) % len(NAMES)],
                    "properties": {"price": 12.5, "amount": 80, "quantity": 1, "category": "category_1"},
                }
                for place, one in enumerate(whose)
            ]
        )
    return made


def _send(workspace: Workspace, calls: Sequence[Sequence[Json]], interval: float) -> float:
    """Send on time; by how much it was late at most."""
    began, late = time.monotonic(), 0.0
    for number, call in enumerate(calls):
        pause = began + number * interval - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        late = max(late, -pause)
        workspace.send(call)
    return late


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*[*numbers, *(1, 20, 2_000)[len(numbers) :]]))
