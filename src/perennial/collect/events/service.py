"""Taking calls in: checked by whoever brings them, made durable by one thread, answered only then."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition, Event, Thread
from time import monotonic

from perennial.collect.events.codec import encode_calls
from perennial.collect.events.envelopes import envelope_text
from perennial.collect.events.model import Call, Encoded, LoggedCalls, Receipt, Reception, Reject, Submission
from perennial.collect.events.ports import IntakeLog
from perennial.collect.events.rules import parse_call, with_context
from perennial.kernel.errors import Unavailable
from perennial.kernel.values import Json

MAX_WAITING_CALLS = 50_000
"""Calls that may wait for a commit; more are refused at the door, so that memory stays bounded."""
MAX_WAITING_BYTES = 256 * 2**20
"""Of those that wait, as they are logged: the largest call is hundreds of times as large as most."""
MAX_GROUP_CALLS = 10_000
"""Calls of one commit."""
MAX_GROUP_BYTES = 32 * 2**20
"""Bytes of one commit, where that is fewer calls."""
COMMITS_APART = timedelta(milliseconds=20)
"""From the begin of a commit to that of the next while calls keep coming. A commit costs as much as three
hundred calls in it, and left alone it takes whoever is first: seven of sixty-four who wait."""


class Overloaded(Unavailable):
    """More is coming in than can be made durable; try again in a moment."""

    code = "overloaded"


class Stopping(Unavailable):
    """The intake is closing; try again in a moment."""

    code = "stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A submission that waits for its commit, and whoever waits for its receipt."""

    submission: Submission
    future: Future[Receipt]
    calls: int
    size: int
    """Bytes, about."""


class Intake:
    """The way in of one workspace: what it has answered for survives a power cut, once.

    One thread commits whatever came since it began the commit before. Who comes alone is committed at once;
    of many, who comes early waits a few milliseconds for the others.
    """

    def __init__(
        self,
        log: IntakeLog,
        *,
        new_id: Callable[[], str],
        on_accepted: Callable[[], None] = lambda: None,
        max_waiting: int = MAX_WAITING_CALLS,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
        commits_apart: timedelta = COMMITS_APART,
    ) -> None:
        self._log = log
        self._new_id = new_id
        self._on_accepted = on_accepted
        self._max_waiting = max_waiting
        self._max_waiting_bytes = max_waiting_bytes
        self._waiting: deque[_Waiting] = deque()
        self._waiting_calls = self._waiting_bytes = 0
        self._changed = Condition()
        self._closed = False
        self._closing = Event()
        self._apart = commits_apart.total_seconds()
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
        return self.submit_parsed(reception.source, received_at, parsed, reception=reception)

    def submit_parsed(
        self,
        source: str,
        received_at: datetime,
        parsed: Sequence[Call | Reject],
        *,
        reception: Reception | None = None,
    ) -> Future[Receipt]:
        """Take in what was read already; the receipt comes once it is durable.

        The reception is kept with what was refused of it, so that it can be tried again.
        """
        refused = [reject for reject in parsed if isinstance(reject, Reject)]
        calls = [call for call in parsed if isinstance(call, Call)]
        submission = Submission(
            source=source,
            received_at=received_at,
            calls=calls,
            encoded=Encoded(calls=calls, body=encode_calls(calls)),
            rejects=refused,
            envelope=envelope_text(reception) if refused and reception is not None else "",
        )
        waiting = _Waiting(submission=submission, future=Future(), calls=len(parsed), size=_size(submission))
        with self._changed:
            if self._closed:
                raise Stopping
            if self._waiting and self._is_too_much(waiting):
                raise Overloaded
            self._waiting.append(waiting)
            self._waiting_calls += waiting.calls
            self._waiting_bytes += waiting.size
            self._changed.notify()
        return waiting.future

    def _is_too_much(self, more: _Waiting) -> bool:
        return (
            self._waiting_calls + more.calls > self._max_waiting
            or self._waiting_bytes + more.size > self._max_waiting_bytes
        )

    def read(self, *, after: int, limit: int, size: int | None = None) -> LoggedCalls:
        """The logged calls after a position, in order; with a size, about so many bytes of them at most."""
        return self._log.read(after=after, limit=limit, size=size)

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
        self._closing.set()
        self._thread.join()

    def _commit_until_closed(self) -> None:
        while group := self._next_group():
            begun = monotonic()
            self._commit(group)
            self._closing.wait(max(0.0, begun + self._apart - monotonic()))

    def _next_group(self) -> list[_Waiting]:
        """Everything that waits, up to a size; empty once the intake is closed and drained."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            group: list[_Waiting] = []
            calls = size = 0
            while self._waiting and calls < MAX_GROUP_CALLS and size < MAX_GROUP_BYTES:
                group.append(self._waiting.popleft())
                calls += group[-1].calls
                size += group[-1].size
            self._waiting_calls -= calls
            self._waiting_bytes -= size
            return group

    def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            fresh = self._log.append([one.submission for one in group])
        except Exception as error:  # noqa: BLE001  # whoever waits must hear of it, and the next group goes on
            _refuse(group, error)
            return
        for one, accepted in zip(group, fresh, strict=True):
            if one.future.set_running_or_notify_cancel():
                one.future.set_result(_receipt(one.submission, accepted))
        if any(fresh):
            self._on_accepted()


def _size(submission: Submission) -> int:
    return len(submission.body) + sum(len(reject.payload) for reject in submission.rejects)


def _receipt(submission: Submission, accepted: int) -> Receipt:
    return Receipt(
        accepted=accepted, duplicates=len(submission.calls) - accepted, rejected=tuple(submission.rejects)
    )


def _refuse(group: Sequence[_Waiting], error: Exception) -> None:
    for one in group:
        if one.future.set_running_or_notify_cancel():
            one.future.set_exception(error)
