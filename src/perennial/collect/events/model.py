"""The nouns of intake: what a client told us, and what was refused of it."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from perennial.collect.events.call import Call, CallKind
from perennial.kernel.ids import ProfileId
from perennial.kernel.windows import Zone

MAX_ID = 255
"""Letters in an id of a person, a device, a group or a message (Segment promises fewer than 100)."""
MAX_NAME = 200
"""Letters in an event's name."""
MAX_CALL_BYTES = 32 * 1024
"""Bytes of one call as canonical JSON, after the batch's context was merged in."""
MAX_DEPTH = 64
"""Levels of objects and lists in one call. What is deeper than Python's stack cannot be laid out in rows:
it would be accepted, and then stop everything behind it."""
MAX_CLOCK_LEAD_HOURS = 48
"""How far ahead of its reception an event may say it happened; beyond that the clock is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One call that was refused and kept, so that the customer can see what is wrong with it."""

    index: int
    """Its place in the batch or file, from 0."""
    path: str
    code: str
    message: str
    hint: str = ""
    payload: str = ""
    """What was sent, as JSON text, cut at `MAX_CALL_BYTES`."""
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a call is not taken."""

    path: str
    """Its place below the call: `.properties.amount`."""
    code: str
    message: str
    hint: str = ""


class Screening(Protocol):
    """What a workspace makes of the calls of one source before they are logged: its cleaning, its plan."""

    @property
    def judges_clocks(self) -> bool:
        """Whether it says itself what becomes of calls that have not happened yet."""
        ...

    def concerns(self, events: Iterable[str]) -> bool:
        """Whether it may change or refuse any call of these names."""
        ...

    def __call__(self, call: Call, /) -> Call | Refusal:
        """The call as it is to be logged, or why it is not taken."""
        ...

    def conceal(self, payload: str) -> str:
        """What was refused, as it may be kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """How a batch reached us: from which source, when, and what its envelope said."""

    source: str
    received_at: datetime | None
    """None for imported history: there calls count as received when they occurred, and clocks are trusted."""
    sent_at: object = None
    """The batch's own `sentAt`, as it was written; an item's own one wins."""
    stated_at: object = None
    """The batch's own `timestamp`, as it was written: when its calls happened that do not say so."""
    kind: CallKind | None = None
    """Said by the address (`/v1/track`); without it each item says its `type`."""
    zone: Zone = field(default_factory=Zone)
    """Where times without an offset are local to."""
    is_trusted: bool = False
    """Came with an API token or from our own code, not with a write key: it may speak of consent."""
    knows_operations: bool = False
    """Its `identify` calls may name an `operation` on traits; elsewhere that field is one nobody knows."""
    is_decoded: bool = False
    """Came out of a JSON decoder, so that nothing can be in it which cannot be written as JSON."""
    screening: Screening | None = None
    """What the workspace makes of this source's calls; mostly nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a submission; it exists only once everything in it is durable."""

    accepted: int
    duplicates: int
    rejected: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What one client sent at once, checked and ready to be made durable."""

    source: str
    received_at: datetime
    calls: Sequence[Call]
    rejects: Sequence[Reject] = ()
    envelope: str = ""
    """How the rejects reached us, as JSON."""
    encoded: "Encoded | None" = None

    @property
    def body(self) -> bytes:
        """The calls as they are logged; empty where that is still to be done: some were taken out since."""
        encoded = self.encoded
        return encoded.body if encoded is not None and encoded.calls is self.calls else b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """Calls and what they look like in the log."""

    calls: Sequence[Call]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCalls:
    """Calls of the log in order, each with its place."""

    positions: Sequence[int] = ()
    calls: Sequence[Call] = ()

    def __len__(self) -> int:
        return len(self.calls)

    def upto(self, position: int) -> "LoggedCalls":
        """Those up to and including a position."""
        kept = bisect_right(self.positions, position)
        return LoggedCalls(positions=self.positions[:kept], calls=self.calls[:kept])


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReject:
    """A refused call as it is listed."""

    reject_id: int
    source: str
    received_at: datetime
    path: str
    code: str
    message: str
    hint: str
    payload: str
    event: str = ""
    user_id: str = ""
    anonymous_id: str = ""
    message_id: str = ""
    """What the call said; of one that was taken since, the event's."""
    events: int = 1
    """How many calls this stands for: beyond a number, those of one request are only counted."""
    envelope: str = ""
    """How it reached us, as JSON, so that it can be tried again."""
    replayed_at: datetime | None = None
    """When it was tried again and taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A cut of a stream, recorded before it goes to the event store, so that a replay is the same batch."""

    stream: str
    first: int
    last: int
    token: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledBatch:
    """A cut whose effects are committed, with whose each of its rows was then."""

    batch: Batch
    people: Sequence[ProfileId]
