"""A full refresh of a hundred live segments and a hundred tags, from the questions to what is written.

    .venv/bin/python -m benchmarks.refresh [MILLIONS] [RUNS]

Before it is timed, everybody's memberships and values are in the state store as they were two hours before:
what is measured is what an hourly refresh does, twice as long after. Checked: members and values that are
stored are those the engine gives. The event store is that of `history`, left as it is.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from benchmarks import definitions
from benchmarks.history import DATABASE, NOW, ensure_history, folder_of
from benchmarks.measuring import Cost, cost_told, in_fresh_process, median, timed
from perennial.backends.clickhouse import ClickHousePopulation, EmbeddedClickHouse, prepare_database
from perennial.backends.sql.columns import to_micros
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables_tags import tag_changes
from perennial.compute.definitions.service import save_version
from perennial.compute.segments.parse import parse_segment
from perennial.compute.segments.service import SegmentAnswers, Segments
from perennial.compute.tags.answering import TagAnswers
from perennial.compute.tags.parse import parse_tag
from perennial.compute.tags.service import Tags
from perennial.kernel.conditions import Moment
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.conditions.walk import paths_most_asked
from perennial.kernel.ids import ProfileId, SegmentId, TagId

RUNS = 3
BEFORE = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A state store with the 200 definitions, and everybody who can be asked."""

    state: StateStore
    population: ClickHousePopulation
    segments: Segments
    tags: Tags

    def ask(self, at: datetime) -> tuple[SegmentAnswers, TagAnswers]:
        """Everyone's answers to all 200."""
        moment = Moment(as_of=at)
        with self.state.read() as transaction:
            segments = self.segments.questions(at=moment, population=self.population, state=transaction)
            tags = self.tags.questions(at=moment, population=self.population, state=transaction)
        return (
            self.segments.answer(segments, population=self.population),
            self.tags.answer(tags, population=self.population),
        )

    def verdicts(self, people: Sequence[ProfileId], at: datetime) -> Sequence[tuple[bool, ...]]:
        """What the engine says of a few people."""
        with self.state.read() as transaction:
            conditions = [one.condition for one in self.segments.list(state=transaction)]
        asks = [Ask(profile_id=one, as_of=at) for one in people]
        return self.population.verdicts(conditions, asks, at=Moment(as_of=at))

    def is_filled(self) -> bool:
        """Whether everyone was asked before."""
        with self.state.read() as transaction:
            return bool(transaction.segments.fills())

    def settle(self, answers: tuple[SegmentAnswers, TagAnswers]) -> int:
        """Write what is another than before; how many memberships were."""
        with self.state.begin() as transaction:
            changes = self.segments.settle(answers[0], state=transaction)
            self.tags.settle(answers[1], state=transaction)
        return sum(len(shift.entered) + len(shift.left) for shift in changes.shifts)


@contextmanager
def ground(events: Path, state: Path) -> Iterator[Ground]:
    """The definitions over the events in a folder, in a state store at a path."""
    with EmbeddedClickHouse(events) as engine:
        transport = engine.database(DATABASE)
        prepare_database(transport)
        store = StateStore.open(f"sqlite:///{state}")
        population = ClickHousePopulation(transport)
        _save_definitions(store)
        conditions = [parse_segment(document).condition for document in definitions.segments()]
        population.promote(paths_most_asked(conditions), wait=True)
        yield Ground(state=store, population=population, segments=Segments(), tags=Tags())
        store.close()


def fill_ground(events: Path, state: Path, at: datetime) -> None:
    """Everybody's memberships and values as of a moment, written where there are none."""
    with ground(events, state) as ready:
        if not ready.is_filled():
            ready.settle(ready.ask(at))


def _save_definitions(store: StateStore) -> None:
    with store.begin() as transaction:
        if transaction.segments.definitions.live():
            return
        for document in definitions.segments():
            shelf = transaction.segments.definitions
            save_version(parse_segment(document), shelf=shelf, now=NOW - 2 * BEFORE)
        for document in definitions.tags():
            save_version(parse_tag(document), shelf=transaction.tags.definitions, now=NOW - 2 * BEFORE)


def main(millions: int, runs: int) -> None:
    ensure_history(millions)
    costs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state.db"
        filled = in_fresh_process("benchmarks.refresh", str(millions), "fill", str(state))
        print(f"first answers of all written: {cost_told(filled['cost'])}, state {_size(state):.0f} MB")
        for number in range(runs):
            told = in_fresh_process("benchmarks.refresh", str(millions), "refresh", str(state), str(number))
            for step in ("asking", "writing", "both"):
                costs.setdefault(step, []).append(cost_told(told[step]))
            print(f"run {number}: {told['moved']} memberships and {told['changed']} values are others")
    for step, found in costs.items():
        print(f"{step:<8} {median(found)} (median of {len(found)})")
    total = statistics.median(cost.wall for cost in costs["both"])
    print(f"200 definitions over {millions} million events: {total:.1f} s (allowed: 15 s at 50 million)")


def _fill(millions: int, state: Path) -> None:
    with ground(folder_of(millions) / "events", state) as ready:
        cost = timed(lambda: ready.settle(ready.ask(NOW - BEFORE)))
    print(json.dumps({"cost": asdict(cost)}))


def _refresh(millions: int, state: Path, run: int) -> None:
    """One refresh, later than the ones before; then that there is nothing left to change."""
    at = NOW - timedelta(minutes=1 - run) + timedelta(hours=run)
    with ground(folder_of(millions) / "events", state) as ready:
        began, before = time.perf_counter(), time.process_time()
        answers: list[tuple[SegmentAnswers, TagAnswers]] = []
        moved: list[int] = []
        asking = timed(lambda: answers.append(ready.ask(at)))
        if not answers[0][0].segments or not answers[0][1].answers:
            raise AssertionError("nothing was due")
        writing = timed(lambda: moved.append(ready.settle(answers[0])))
        both = Cost(
            wall=time.perf_counter() - began,
            cpu=time.process_time() - before,
            megabytes=writing.megabytes,
        )
        _check(ready, answers[0])
        with ready.state.read() as transaction:
            counted = (
                select(func.count()).select_from(tag_changes).where(tag_changes.c.changed_at == to_micros(at))
            )
            changed = transaction.connection.execute(counted).scalar_one()
    steps = {"asking": asdict(asking), "writing": asdict(writing), "both": asdict(both)}
    print(json.dumps({**steps, "moved": moved[0], "changed": changed}))


def _check(ready: Ground, answers: tuple[SegmentAnswers, TagAnswers]) -> None:
    """What is stored is what was answered."""
    segments, tags = answers
    with ready.state.read() as transaction:
        for segment, found in zip(segments.segments, segments.found, strict=True):
            if not np.array_equal(transaction.segments.members(SegmentId(segment.segment_id)), found):
                raise AssertionError(f"{segment.segment_id} has other members")
        for answer in tags.answers:
            people = answer.column.profile_ids[:50].tolist()
            values = transaction.tags.values_of(people, only=[TagId(answer.tag.tag_id)])
            stored = [values.get(one, {}).get(answer.tag.tag_id) for one in people]
            if stored != list(answer.column.values[:50]):
                raise AssertionError(f"{answer.tag.tag_id} has other values")


def _size(state: Path) -> float:
    return sum(one.stat().st_size for one in state.parent.iterdir()) / 1e6


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    match sys.argv[2:]:
        case ["fill", path]:
            _fill(size, Path(path))
        case ["refresh", path, number]:
            _refresh(size, Path(path), int(number))
        case [number]:
            main(size, int(number))
        case _:
            main(size, RUNS)
