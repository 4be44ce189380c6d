"""The way in: answered only once durable, and each call once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from threading import Event

import pytest
from tests.services.state import OpenStore

from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.rejects import KEPT_REJECTS
from perennial.collect.events import Intake, Overloaded, Reception, Stopping
from perennial.collect.events.codec import encode_calls
from perennial.collect.events.model import Call, Encoded, KeptReject, LoggedCalls, Submission
from perennial.collect.events.rules import parse_call
from perennial.kernel.errors import Unavailable

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def log(open_new: OpenStore) -> SqlIntakeLog:
    return SqlIntakeLog(open_new("intake"))


@pytest.fixture
def intake(log: SqlIntakeLog) -> Iterator[Intake]:
    numbers = count()
    opened = Intake(log, new_id=lambda: f"made-{next(numbers)}")
    yield opened
    opened.close()


def web(source: str = "web") -> Reception:
    return Reception(source=source, received_at=NOON)


def tracks(*message_ids: str) -> list[object]:
    return [{"type": "track", "event": "seen", "userId": "p", "messageId": each} for each in message_ids]


def large(*message_ids: str) -> list[object]:
    """Calls of 20 KB."""
    words = {"words": "x" * 20_000}
    return [
        {"type": "track", "event": "seen", "userId": "p", "messageId": each, "properties": words}
        for each in message_ids
    ]


class BrokenLog:
    """A log whose disk is full, or that hangs until it is released."""

    def __init__(self, log: SqlIntakeLog) -> None:
        self._log = log
        self.is_full = False
        self.entered, self.released = Event(), Event()
        self.released.set()

    def append(self, submissions: Sequence[Submission]) -> Sequence[int]:
        self.entered.set()
        self.released.wait(timeout=10)
        if self.is_full:
            raise Unavailable("The disk is full.")
        return self._log.append(submissions)

    def read(self, *, after: int, limit: int, size: int | None = None) -> LoggedCalls:
        return self._log.read(after=after, limit=limit, size=size)

    def position(self) -> int:
        return self._log.position()

    def forget(self, *, upto: int) -> None:
        self._log.forget(upto=upto)

    def rejects(
        self, *, limit: int, after: int | None = None, source: str | None = None
    ) -> tuple[Sequence[KeptReject], int | None]:
        return self._log.rejects(limit=limit, after=after, source=source)


def test_what_was_answered_for_can_be_read_back_in_order(intake: Intake) -> None:
    receipt = intake.submit(tracks("a", "b"), web())
    assert (receipt.accepted, receipt.duplicates, receipt.rejected) == (2, 0, ())
    logged = intake.read(after=0, limit=10)
    assert [call.message_id for call in logged.calls] == ["a", "b"]
    assert logged.positions[-1] == intake.position()


def test_a_call_is_kept_once_within_a_batch_and_across_batches(intake: Intake) -> None:
    assert intake.submit(tracks("a", "a", "b"), web()).duplicates == 1
    again = intake.submit(tracks("b", "c"), web())
    assert (again.accepted, again.duplicates) == (1, 1)


def test_what_was_taken_out_of_a_submission_is_not_logged(log: SqlIntakeLog) -> None:
    reception = web()
    read = [parse_call(one, reception, new_id=str) for one in tracks("a", "b", "c")]
    calls = [call for call in read if isinstance(call, Call)]
    whole = Submission(
        source="web",
        received_at=NOON,
        calls=calls,
        encoded=Encoded(calls=calls, body=encode_calls(calls)),
    )
    assert log.append([replace(whole, calls=calls[1:]), whole]) == [2, 1]
    assert [call.message_id for call in log.read(after=0, limit=9).calls] == ["b", "c", "a"]


def test_any_part_of_the_log_can_be_read_wherever_it_was_cut_when_it_was_written(intake: Intake) -> None:
    for size in (3, 1, 1_200, 2):
        intake.submit(tracks(*(f"{size}-{number}" for number in range(size))), web())
    whole = intake.read(after=0, limit=5_000)
    assert whole.positions == list(range(1, 1_207))
    for after, limit in ((0, 1), (1, 2), (2, 3), (3, 1), (900, 200), (1_100, 500), (1_206, 5)):
        part = intake.read(after=after, limit=limit)
        assert list(part.positions) == list(whole.positions[after : after + limit])
        assert list(part.calls) == list(whole.calls[after : after + limit])


def test_reading_before_what_was_forgotten_begins_at_what_is_there(intake: Intake, log: SqlIntakeLog) -> None:
    intake.submit(tracks("a", "b"), web())
    intake.submit(tracks("c", "d", "e"), web())
    log.forget(upto=3)
    assert intake.read(after=0, limit=2).positions == [3, 4]
    assert len(intake.read(after=0, limit=9).upto(1)) == 0


def test_two_sources_may_use_the_same_message_id(intake: Intake) -> None:
    intake.submit(tracks("a"), web("web"))
    assert intake.submit(tracks("a"), web("app")).accepted == 1


def test_a_bad_item_is_kept_as_a_reject_and_the_good_ones_are_taken(
    intake: Intake, log: SqlIntakeLog
) -> None:
    receipt = intake.submit([*tracks("a"), {"type": "track", "userId": "p"}], web())
    assert receipt.accepted == 1
    assert [(reject.index, reject.path, reject.code) for reject in receipt.rejected] == [
        (1, "$.event", "missing_event")
    ]
    (kept,), following = log.rejects(limit=5)
    assert (kept.code, kept.source, following) == ("missing_event", "web", None)


def test_many_clients_at_once_lose_nothing_and_double_nothing(intake: Intake) -> None:
    batches = [tracks(*(f"{client}-{n}" for n in range(5)), "shared") for client in range(40)]
    with ThreadPoolExecutor(8) as clients:
        receipts = [
            each.result() for each in [clients.submit(intake.submit, batch, web()) for batch in batches]
        ]
    assert sum(receipt.accepted for receipt in receipts) == 201
    assert len({call.message_id for call in intake.read(after=0, limit=1000).calls}) == 201


def test_a_forgotten_call_stays_seen_and_its_position_is_never_used_again(
    intake: Intake, log: SqlIntakeLog
) -> None:
    intake.submit(tracks("a", "b"), web())
    last = intake.position()
    log.forget(upto=last)
    assert log.position() == last
    assert intake.submit(tracks("a"), web()).duplicates == 1
    intake.submit(tracks("c"), web())
    assert intake.position() > last


def test_a_full_disk_refuses_and_what_comes_after_it_is_taken(log: SqlIntakeLog) -> None:
    broken = BrokenLog(log)
    intake = Intake(broken, new_id=lambda: "m")
    broken.is_full = True
    with pytest.raises(Unavailable):
        intake.submit(tracks("a"), web())
    broken.is_full = False
    assert intake.submit(tracks("a"), web()).accepted == 1
    intake.close()


def test_more_than_can_wait_is_refused_at_the_door(log: SqlIntakeLog) -> None:
    slow = BrokenLog(log)
    intake = Intake(slow, new_id=lambda: "m", max_waiting=2)
    slow.released.clear()
    first = intake.submit_future(tracks("a"), web())
    assert slow.entered.wait(timeout=10)
    second = intake.submit_future(tracks("b", "c"), web())
    with pytest.raises(Overloaded):
        intake.submit_future(tracks("d"), web())
    slow.released.set()
    assert (first.result(timeout=10).accepted, second.result(timeout=10).accepted) == (1, 2)
    intake.close()


def test_calls_that_are_few_and_large_are_refused_at_the_door_too(log: SqlIntakeLog) -> None:
    slow = BrokenLog(log)
    intake = Intake(slow, new_id=lambda: "m", max_waiting_bytes=50_000)
    slow.released.clear()
    first = intake.submit_future(large("a", "b"), web())
    assert slow.entered.wait(timeout=10)
    second = intake.submit_future(large("c", "d"), web())
    with pytest.raises(Overloaded):
        intake.submit_future(large("e"), web())
    slow.released.set()
    assert (first.result(timeout=10).accepted, second.result(timeout=10).accepted) == (2, 2)
    assert intake.submit(large("e"), web()).accepted == 1
    intake.close()


def test_a_reader_gets_so_many_bytes_at_once_and_always_some(intake: Intake, log: SqlIntakeLog) -> None:
    for number in range(3):
        intake.submit(large(*(f"{number}-{one}" for one in range(300))), web())
    found = log.read(after=0, limit=900, size=8 * 2**20)
    assert 0 < len(found) < 900
    assert len(log.read(after=0, limit=900, size=1)) > 0
    assert len(log.read(after=0, limit=900)) == 900
    position, calls = 0, list[str]()
    while position < log.position():
        found = log.read(after=position, limit=900, size=8 * 2**20)
        calls += [call.message_id for call in found.calls]
        position = found.positions[-1]
    assert calls == [f"{number}-{one}" for number in range(3) for one in range(300)]


def test_the_newest_refused_calls_stay_listed_and_the_oldest_are_let_go(
    intake: Intake, log: SqlIntakeLog
) -> None:
    nameless: list[object] = [{"type": "track", "event": f"e{number}"} for number in range(1_000)]
    for _ in range(KEPT_REJECTS // 1_000):
        intake.submit(nameless, web())
    intake.submit(nameless[:2], web())
    everyone, _ = log.rejects(limit=KEPT_REJECTS + 10)
    assert len(everyone) == KEPT_REJECTS
    assert '"e1"' in everyone[0].payload
    assert '"e2"' in everyone[-1].payload


def test_closing_makes_durable_what_waits_and_refuses_what_comes(log: SqlIntakeLog) -> None:
    slow = BrokenLog(log)
    intake = Intake(slow, new_id=lambda: "m")
    slow.released.clear()
    waiting = [intake.submit_future(tracks(f"{n}"), web()) for n in range(3)]
    slow.released.set()
    intake.close()
    assert [future.result(timeout=0).accepted for future in waiting] == [1, 1, 1]
    with pytest.raises(Stopping):
        intake.submit(tracks("z"), web())
