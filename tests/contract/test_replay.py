"""A start after a power cut: what the event store lost of the last batches comes back, under its person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from perennial.backends.sql.engine import open_store
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.state import StateStore
from perennial.collect.events import Intake, Reception
from perennial.collect.events.columns import EVENT_SCHEMA
from perennial.collect.events.model import Batch
from perennial.collect.events.rows import table_of
from perennial.collect.identity.service import absorb
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId
from perennial.runtime.replay import EMITTED, INTAKE, emitted_table, keep_rows, replay
from perennial.testing.event_log import RememberedEvents

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Document = dict[str, str]


@dataclass
class Desk:
    """A workspace's stores, and a processor that only understands."""

    intake: Intake
    state: StateStore
    events: RememberedEvents

    def take(self, *documents: Document) -> Batch:
        """Accept calls and process them as one batch."""
        self.intake.submit(documents, Reception(source="web", received_at=NOON))
        with self.state.begin() as transaction:
            position = transaction.offsets.get(INTAKE)
            logged = self.intake.read(after=position, limit=1_000)
            first, last = logged.positions[0], logged.positions[-1]
            batch = Batch(stream=INTAKE, first=first, last=last, token=f"i:{first}", recorded_at=NOON)
            transaction.batches.record(batch)
            absorbed = absorb(logged.calls, transaction, seed="s")
            keep_rows(self.events, table_of(logged.calls, absorbed.people), batch, is_begun=False)
            transaction.batches.settle(batch, absorbed.people)
            transaction.offsets.advance(INTAKE, first=first, last=last)
        return batch

    def emit(self, *emitted: EmittedEvent) -> None:
        """Emit events and copy them as one batch."""
        with self.state.begin() as transaction:
            transaction.emitted.record(emitted)
            found = transaction.emitted.read(after=transaction.offsets.get(EMITTED), limit=1_000)
            first, last = found[0][0], found[-1][0]
            batch = Batch(stream=EMITTED, first=first, last=last, token=f"e:{first}", recorded_at=NOON)
            transaction.batches.record(batch)
            keep_rows(self.events, emitted_table([one for _, one in found]), batch, is_begun=False)
            transaction.batches.settle(batch, [one.profile_id for _, one in found])
            transaction.offsets.advance(EMITTED, first=first, last=last)

    def replay(self) -> int:
        """Open again."""
        return replay(self.intake, self.state, self.events)

    def rows(self) -> Sequence[tuple[str, str]]:
        """Every row, in no order of its own."""
        return sorted((str(row["message_id"]), repr(sorted(row.items()))) for row in self.events.rows)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_store(f"sqlite:///{tmp_path}/intake.db", "intake")
    state = StateStore.open(f"sqlite:///{tmp_path}/state.db")
    intake = Intake(SqlIntakeLog(engine), new_id=lambda: "never")
    yield Desk(intake, state, RememberedEvents())
    intake.close()
    state.close()
    engine.dispose()


def a_call(number: int, *, user: str = "", device: str = "") -> Document:
    names = {"userId": user} if user else {}
    names |= {"anonymousId": device} if device else {}
    return {"type": "track", "event": "seen", "messageId": f"m{number}"} | names


def an_emitted(number: int) -> EmittedEvent:
    return EmittedEvent(
        name="segment_entered",
        profile_id=ProfileId(number),
        occurred_at=NOON,
        message_id=f"e{number}",
        properties={"segment": "vip"},
    )


def test_a_start_with_everything_in_place_adds_nothing(desk: Desk) -> None:
    desk.take(a_call(1, user="anna"), a_call(2, device="phone"))
    desk.emit(an_emitted(1))
    before = desk.rows()
    assert desk.replay() == 0
    assert desk.rows() == before


@pytest.mark.parametrize("with_tokens", [False, True])
def test_lost_rows_come_back_exactly_as_they_were(desk: Desk, with_tokens: bool) -> None:
    desk.take(a_call(1, user="anna"), a_call(2, device="phone"))
    desk.take(a_call(3, user="bob"))
    desk.emit(an_emitted(1), an_emitted(2))
    before = desk.rows()
    desk.events.lose({"m1", "m3", "e2"}, with_tokens=with_tokens)
    assert desk.replay() == 3
    assert desk.rows() == before


def test_a_device_that_changed_hands_since_gives_its_row_back_to_whom_it_was(desk: Desk) -> None:
    desk.take(a_call(1, user="anna", device="tablet"))
    desk.take(a_call(2, device="tablet"))
    desk.take(a_call(3, user="bob", device="tablet"))
    before = desk.rows()
    desk.events.lose({"m2"}, with_tokens=True)
    assert desk.replay() == 1
    assert desk.rows() == before


def test_a_row_whose_profile_was_merged_since_comes_back_and_counts_as_the_kept_one(desk: Desk) -> None:
    desk.take(a_call(1, device="phone"), a_call(2, user="anna"))
    desk.take(a_call(3, user="anna", device="phone"))
    before = desk.rows()
    desk.events.lose({"m1"}, with_tokens=True)
    desk.events.overrides.clear()
    assert desk.replay() == 1
    assert desk.rows() == before
    people = {str(row["message_id"]): row["profile_id"] for row in desk.events.rows}
    assert desk.events.overrides == {people["m1"]: people["m2"]}


def test_calls_that_the_log_has_let_go_of_are_left_alone(desk: Desk) -> None:
    forgotten = desk.take(a_call(1, user="anna"), a_call(2, user="anna"))
    desk.take(a_call(3, user="anna"))
    desk.events.lose({"m1", "m3"}, with_tokens=True)
    desk.intake.forget(upto=forgotten.last)
    assert desk.replay() == 1
    assert sorted(desk.events.message_ids()) == ["m2", "m3"]


def test_a_batch_that_was_begun_is_completed_and_not_doubled(desk: Desk) -> None:
    batch = desk.take(a_call(1, user="anna"), a_call(2, user="bob"))
    rows = pa.Table.from_pylist(desk.events.rows, schema=EVENT_SCHEMA)
    desk.events.lose({"m1"}, with_tokens=True)
    keep_rows(desk.events, rows, batch, is_begun=True)
    assert sorted(desk.events.message_ids()) == ["m1", "m2"]
