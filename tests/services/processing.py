"""A workspace's processor and imports over real state stores, and an event store that can be told to fail."""

import sqlite3
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Engine, text
from tests.services.state import OpenStore

from perennial.backends.sql.imports import SqlImportLedger
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.state import StateStore
from perennial.collect.events import Intake, Reception
from perennial.collect.imports import Imports, ImportSettings
from perennial.compute.segments.service import Segments
from perennial.compute.tags.service import Tags
from perennial.deliver.messages import Delivery
from perennial.kernel.clock import VirtualClock
from perennial.kernel.ids import ProfileId
from perennial.kernel.windows import Zone
from perennial.runtime.processor import Processor, Stages
from perennial.testing.event_log import RememberedEvents
from perennial.testing.population import MemoryPopulation

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class WatchedEvents(RememberedEvents):
    """An event store that notes whether each write to it was made by the state's one writer."""

    def __init__(self, is_writer_in: Callable[[], bool]) -> None:
        super().__init__()
        self._is_writer_in = is_writer_in
        self.written: list[tuple[str, bool]] = []

    def append(self, batch: pa.Table, *, token: str) -> None:
        self.written.append(("append", self._is_writer_in()))
        super().append(batch, token=token)

    def restore(self, batch: pa.Table, *, token: str | None = None) -> int:
        self.written.append(("restore", self._is_writer_in()))
        return super().restore(batch, token=token)

    def override(self, merges: Mapping[ProfileId, ProfileId], *, version: int) -> None:
        self.written.append(("override", self._is_writer_in()))
        super().override(merges, version=version)

    def restate(self, people: Mapping[ProfileId, ProfileId], *, version: int) -> None:
        self.written.append(("restate", self._is_writer_in()))
        super().restate(people, version=version)


@dataclass
class Desk:
    """A workspace's stores, its processor and its imports."""

    folder: Path
    intake: Intake
    intake_engine: Engine
    state: StateStore
    events: WatchedEvents
    stages: Stages
    processor: Processor
    clock: VirtualClock

    @property
    def imports(self) -> Imports:
        return self.imports_with(SqlImportLedger(self.intake_engine))

    def imports_with(self, ledger: SqlImportLedger, home: str = "home") -> Imports:
        settings = ImportSettings(spool_directory=self.folder / home / "spool", seed="s", zone=Zone())
        return Imports(ledger, self.state, self.events, self.clock, settings)

    def restarted(self) -> Processor:
        """The processor of a process that has just begun."""
        return Processor(self.stages, batch_calls=2)

    def hear(self, *calls: Mapping[str, str]) -> None:
        """Accept calls; nothing is processed."""
        self.intake.submit(calls, Reception(source="web", received_at=self.clock.now()))

    def file(self, *calls: Mapping[str, str], name: str = "history.jsonl") -> Path:
        path = self.folder / name
        path.write_text("".join(str(call).replace("'", '"') + "\n" for call in calls))
        return path

    def ids(self) -> list[str]:
        return sorted(self.events.message_ids())

    def people(self) -> Mapping[str, object]:
        """Whose each row counts as."""
        became: dict[object, object] = {**self.events.overrides}
        return {
            str(row["message_id"]): became.get(row["profile_id"], row["profile_id"])
            for row in self.events.rows
        }


@contextmanager
def open_desk(folder: Path, open_new: OpenStore) -> Generator[Desk]:
    """A desk with new stores, whose processor takes two calls at once."""
    intake_engine, state_engine = open_new("intake"), open_new("state")
    clock, state = VirtualClock(NOON), StateStore(state_engine)
    events = WatchedEvents(lambda: is_written(state_engine))
    intake = Intake(SqlIntakeLog(intake_engine), new_id=lambda: "never")
    stages = Stages(
        intake=intake,
        state=state,
        events=events,
        population=MemoryPopulation(),
        segments=Segments(refresh_interval=timedelta(hours=1)),
        tags=Tags(refresh_interval=timedelta(hours=1)),
        delivery=Delivery(state, {}),
        clock=clock,
        zone=Zone(),
        seed="s",
    )
    processor = Processor(stages, batch_calls=2)
    yield Desk(folder, intake, intake_engine, state, events, stages, processor, clock)
    intake.close()


def is_written(engine: Engine) -> bool:
    """Whether somebody holds the one writing transaction of a state store now."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            locks = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
            return connection.execute(locks).scalar_one() > 0
    with closing(sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def a_call(number: int, *, user: str = "", device: str = "") -> Mapping[str, str]:
    names = {"userId": user} if user else {}
    names |= {"anonymousId": device} if device else {}
    when = (NOON - timedelta(days=1)).isoformat()
    return {"type": "track", "event": "seen", "messageId": f"m{number}", "timestamp": when} | names
