"""Taking calls in: checked by whoever brings them, made durable by one thread, answered only then."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from threading import Condition, Thread

from perennial.collect.events.model import Call, LoggedCalls, Receipt, Reception, Reject, Submission
from perennial.collect.events.ports import IntakeLog
from perennial.collect.events.rules import parse_call, with_context
from perennial.kernel.errors import Unavailable
from perennial.kernel.values import Json

MAX_WAITING_CALLS = 50_000
"""Calls that may wait for a commit; more are refused at the door, so that memory stays bounded."""
MAX_GROUP_CALLS = 10_000
"""Calls of one commit."""


class Overloaded(Unavailable):
    """More is coming in than can be made durable; try again in a moment."""

    code = "overloaded"


class Stopping(Unavailable):
    """The intake is closing; try again in a moment."""

    code = "stopping"


class Intake:
    """The way in of one workspace: what it has answered for survives a power cut, once.

    One thread commits whatever waits while the commit before was running: that is the whole group
    commit, and it needs no timer.
    """

    def __init__(
        self,
        log: IntakeLog,
        *,
        new_id: Callable[[], str],
        on_accepted: Callable[[], None] = lambda: None,
        max_waiting: int = MAX_WAITING_CALLS,
    ) -> None:
        self._log = log
        self._new_id = new_id
        self._on_accepted = on_accepted
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[Submission, Future[Receipt]]] = deque()
        self._waiting_calls = 0
        self._changed = Condition()
        self._closed = False
        self._thread = Thread(target=self._commit_until_closed, name="intake", daemon=True)
        self._thread.start()

    def submit(
        self, documents: Sequence[object], reception: Reception, *, context: Mapping[str, Json] | None = None
    ) -> Receipt:
        """Take calls in and wait until they are durable. Raises Unavailable: then nothing was kept."""
        return self.submit_future(documents, reception, context=context).result()

    def submit_future(
        self, documents: Sequence[object], reception: Reception, *, context: Mapping[str, Json] | None = None
    ) -> Future[Receipt]:
        """Take calls in; the receipt comes once they are durable.

        `context` is the batch's own, merged into every item. Raises Overloaded or Stopping at once.
        """
        received_at = reception.received_at
        if received_at is None:
            raise ValueError("a live call is received at some time; history is imported")
        parsed = [
            parse_call(with_context(item, context or {}), reception, new_id=self._new_id, index=index)
            for index, item in enumerate(documents)
        ]
        return self.submit_parsed(reception.source, received_at, parsed)

    def submit_parsed(
        self, source: str, received_at: datetime, parsed: Sequence[Call | Reject]
    ) -> Future[Receipt]:
        """Take in what was read already; the receipt comes once it is durable."""
        submission = Submission(
            source=source,
            received_at=received_at,
            calls=[call for call in parsed if isinstance(call, Call)],
            rejects=[reject for reject in parsed if isinstance(reject, Reject)],
        )
        future: Future[Receipt] = Future()
        with self._changed:
            if self._closed:
                raise Stopping
            if self._waiting and self._waiting_calls + len(parsed) > self._max_waiting:
                raise Overloaded
            self._waiting.append((submission, future))
            self._waiting_calls += len(parsed)
            self._changed.notify()
        return future

    def read(self, *, after: int, limit: int) -> LoggedCalls:
        """The logged calls after a position, in order."""
        return self._log.read(after=after, limit=limit)

    def position(self) -> int:
        """The position of the last call ever accepted."""
        return self._log.position()

    def forget(self, *, upto: int) -> None:
        """Let go of calls up to and including a position; what was seen stays remembered."""
        self._log.forget(upto=upto)

    def close(self) -> None:
        """Refuse what comes, make durable what is here, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _commit_until_closed(self) -> None:
        while group := self._next_group():
            self._commit(group)

    def _next_group(self) -> list[tuple[Submission, Future[Receipt]]]:
        """Everything that waits, up to a size; empty once the intake is closed and drained."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            group: list[tuple[Submission, Future[Receipt]]] = []
            size = 0
            while self._waiting and size < MAX_GROUP_CALLS:
                submission, future = self._waiting.popleft()
                size += _size(submission)
                group.append((submission, future))
            self._waiting_calls -= size
            return group

    def _commit(self, group: Sequence[tuple[Submission, Future[Receipt]]]) -> None:
        try:
            fresh = self._log.append([submission for submission, _ in group])
        except Exception as error:  # noqa: BLE001  # whoever waits must hear of it, and the next group goes on
            _refuse(group, error)
            return
        for (submission, future), accepted in zip(group, fresh, strict=True):
            if future.set_running_or_notify_cancel():
                future.set_result(_receipt(submission, accepted))
        if any(fresh):
            self._on_accepted()


def _size(submission: Submission) -> int:
    return len(submission.calls) + len(submission.rejects)


def _receipt(submission: Submission, accepted: int) -> Receipt:
    return Receipt(
        accepted=accepted, duplicates=len(submission.calls) - accepted, rejected=tuple(submission.rejects)
    )


def _refuse(group: Sequence[tuple[Submission, Future[Receipt]]], error: Exception) -> None:
    for _, future in group:
        if future.set_running_or_notify_cancel():
            future.set_exception(error)
