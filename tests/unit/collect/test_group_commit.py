"""Calls are committed together: who comes alone at once, who comes after that with the others."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from queue import Queue

from perennial.collect.events import Intake, LoggedCalls, Reception
from perennial.collect.events.model import KeptReject, Submission

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
_PATIENCE = 30.0


class CountingLog:
    """A log that keeps nothing but how many submissions each commit had."""

    def __init__(self) -> None:
        self.commits: Queue[int] = Queue()

    def append(self, submissions: Sequence[Submission]) -> Sequence[int]:
        self.commits.put(len(submissions))
        return [len(one.calls) for one in submissions]

    def read(self, *, after: int, limit: int, size: int | None = None) -> LoggedCalls:
        return LoggedCalls()

    def position(self) -> int:
        return 0

    def forget(self, *, upto: int) -> None:
        """There is nothing to let go of."""

    def rejects(
        self, *, limit: int, after: int | None = None, source: str | None = None
    ) -> tuple[Sequence[KeptReject], int | None]:
        return (), None


def _opened(log: CountingLog, *, apart: timedelta) -> Intake:
    numbers = count()
    return Intake(log, new_id=lambda: f"made-{next(numbers)}", commits_apart=apart)


def _track(message_id: str) -> list[object]:
    return [{"type": "track", "event": "seen", "userId": "p", "messageId": message_id}]


def test_who_comes_alone_is_committed_at_once_and_who_comes_next_together() -> None:
    log = CountingLog()
    intake = _opened(log, apart=timedelta(hours=1))
    reception = Reception(source="web", received_at=NOON)
    intake.submit_future(_track("a"), reception).result(timeout=_PATIENCE)
    waiting = [intake.submit_future(_track(name), reception) for name in ("b", "c", "d")]
    intake.close()  # whoever waits is committed before it ends
    assert [one.result(timeout=_PATIENCE).accepted for one in waiting] == [1, 1, 1]
    assert [log.commits.get_nowait() for _ in range(log.commits.qsize())] == [1, 3]


def test_closing_waits_for_no_others() -> None:
    log = CountingLog()
    intake = _opened(log, apart=timedelta(hours=1))
    intake.submit_future(_track("a"), Reception(source="web", received_at=NOON)).result(timeout=_PATIENCE)
    intake.close()
    assert log.commits.qsize() == 1
