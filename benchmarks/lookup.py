"""How long it takes to look up which segments a person is in, by HTTP, among so many memberships.

    python benchmarks/lookup.py [PEOPLE] [SEGMENTS]

Memberships are written straight into the state store; what is measured is the whole request in this
process, in seconds of the processor: the machine may have other work.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import httpx
import numpy as np

from perennial.api import create_app
from perennial.backends.sql.segments import SqlSegments
from perennial.backends.sql.state import StateStore
from perennial.cli.local_transport import LocalTransport
from perennial.compute.segments import Shift
from perennial.kernel.ids import ProfileId, SegmentId, UserId
from perennial.wiring import open_app

ASKED = 500
ALLOWED = 0.020
"""Seconds: what the issue allows a look-up."""


def main(people: int = 200_000, segments: int = 50) -> int:
    """Print the median and the 99th percentile; 1 where the latter is over what is allowed."""
    with tempfile.TemporaryDirectory() as folder, open_app(Path(folder) / "home") as app:
        keys = app.init()
        names = [f"u{number}" for number in range(ASKED)]
        calls = [{"type": "track", "userId": name, "event": "e", "messageId": name} for name in names]
        workspace = app.workspace()
        workspace.send(calls)
        workspace.wait_accepted()
        state = StateStore.open(f"sqlite:///{folder}/home/workspaces/default/state.db")
        with state.read() as transaction:
            found = [transaction.people.find(UserId(name)) for name in names]
        _fill(state, [one for one in found if one is not None], people, segments)
        headers = {"authorization": f"Bearer {keys.api_token}"}
        transport = LocalTransport(create_app(app, local_token=None))
        with httpx.Client(transport=transport, base_url="http://home", headers=headers) as client:
            times = sorted(_timed(client, name, segments) for name in names)
    median, slowest = times[len(times) // 2], times[len(times) * 99 // 100]
    print(f"{people * segments} memberships: median {median * 1000:.1f} ms, p99 {slowest * 1000:.1f} ms")
    return int(slowest > ALLOWED)


def _timed(client: httpx.Client, name: str, segments: int) -> float:
    began = process_time()
    answer = client.get(f"/api/people/{name}/segments").json()
    if len(answer["segments"]) != segments:
        raise RuntimeError(f"{name} is in {len(answer['segments'])} segments")
    return process_time() - began


def _fill(state: StateStore, known: list[ProfileId], people: int, segments: int) -> None:
    others = np.arange(1, people - len(known) + 1, dtype=np.uint64)
    everyone = np.union1d(others, np.array(known, dtype=np.uint64))
    for number in range(segments):
        shift = Shift(
            segment_id=SegmentId(f"s{number}"),
            version=1,
            at=datetime(2026, 1, 1, tzinfo=UTC),
            cause="list",
            entered=everyone,
            left=everyone[:0],
            people=len(everyone),
        )
        with state.begin() as transaction:
            SqlSegments(transaction.connection).apply(shift)
    state.close()


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
