"""A thousand people something happened to, asked about a hundred live segments: who came, and who went.

    .venv/bin/python -m benchmarks.points [MILLIONS] [PEOPLE]

What is measured is what a turn of the processor does for them. Checked: nobody is moved, as nothing happened
since everyone was asked, and look-ups say what members say. Allowed are 0.5 s for a thousand.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.history import EVENTS_PER_PERSON, NOW, ensure_history, folder_of, profile_ids
from benchmarks.measuring import Cost, cost_told, in_fresh_process, median, timed
from benchmarks.refresh import Ground, ground
from perennial.compute.segments import SegmentChanges
from perennial.kernel.conditions import Moment
from perennial.kernel.ids import ProfileId, SegmentId

RUNS = 5
PEOPLE = 1_000
SEED = 5


def main(millions: int, people: int) -> None:
    ensure_history(millions)
    with tempfile.TemporaryDirectory() as folder:
        state = str(Path(folder) / "state.db")
        in_fresh_process("benchmarks.points", str(millions), str(people), state)
        found = in_fresh_process("benchmarks.points", str(millions), str(people), state)
    for part in ("touched", "asking"):
        told = found[part]
        if not isinstance(told, list):
            raise TypeError(f"{told!r} is no list of costs")
        print(f"{part:<8} {median([cost_told(one) for one in told])} (median of {len(told)})")
    print(f"{people} people against 100 segments over {millions} million events (allowed: 0.5 s a thousand)")


def measure(millions: int, people: int, state: Path) -> None:
    """The first time everyone is asked, so that members are stored; then some are asked again and again."""
    chance = np.random.default_rng(SEED)  # noqa: TID251 - seeded
    everyone = millions * 1_000_000 // EVENTS_PER_PERSON
    with ground(folder_of(millions) / "events", state) as ready:
        if not ready.is_filled():
            ready.settle(ready.ask(NOW))
        touched: list[Cost] = []
        asking: list[Cost] = []
        chosen = np.empty(0, dtype=np.uint64)
        for _ in range(RUNS):
            chosen = np.sort(profile_ids(chance.choice(everyone, people, replace=False)))
            asked = [ProfileId(one) for one in chosen.tolist()]
            found: list[SegmentChanges] = []
            touched.append(timed(partial(_touch, ready, asked, found)))
            asking.append(timed(partial(ready.verdicts, asked, NOW)))
            if any(len(shift.entered) + len(shift.left) for shift in found[0].shifts):
                raise AssertionError("the pass over everyone had said otherwise")
        _check_stored(ready, chosen)
    print(json.dumps({"touched": list(map(asdict, touched)), "asking": list(map(asdict, asking))}))


def _touch(ready: Ground, people: Sequence[ProfileId], found: list[SegmentChanges]) -> None:
    with ready.state.begin() as transaction:
        changes = ready.segments.refresh_touched(
            people, at=Moment(as_of=NOW), population=ready.population, state=transaction
        )
    found.append(changes)


def _check_stored(ready: Ground, people: NDArray[np.uint64]) -> None:
    with ready.state.read() as transaction:
        known = transaction.segments.memberships([ProfileId(one) for one in people.tolist()])
        for segment in ready.segments.list(state=transaction):
            members = transaction.segments.members(SegmentId(segment.segment_id))
            inside = {one for one, theirs in known.items() if segment.segment_id in theirs}
            if inside != set(people[np.isin(people, members)].tolist()):
                raise AssertionError(f"{segment.segment_id}: a look-up says otherwise than its members")


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    many = int(sys.argv[2]) if len(sys.argv) > 2 else PEOPLE
    if len(sys.argv) > 3:
        measure(size, many, Path(sys.argv[3]))
    else:
        main(size, many)
