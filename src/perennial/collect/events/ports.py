"""What collecting needs of the stores."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from perennial.collect.events.model import Batch, KeptReject, LoggedCalls, SettledBatch, Submission
from perennial.kernel.events import RowKind
from perennial.kernel.ids import ProfileId


class EventStore(Protocol):
    """The log of events of one workspace, replayable from the intake: appends are idempotent by token."""

    def append(self, batch: pa.Table, *, token: str) -> None:
        """Add rows (`EVENT_SCHEMA`); the same token again adds nothing. Durable on return."""
        ...

    def restore(self, batch: pa.Table, *, token: str | None = None) -> int:
        """Add those rows of a batch that are not there, whatever became of its token; how many those were.

        For batches that were begun before: a power cut may have taken the rows, or only the token. A row
        is known by its source and message id, under any profile of its person. One caller at a time.
        A batch that is not there at all is added under its token, so that a process which began it and
        was replaced adds nothing when it comes to it.
        """
        ...

    def count(
        self, *, event: str | None = None, start: datetime | None = None, end: datetime | None = None
    ) -> int:
        """Events with `start <= occurred_at < end`; source events only unless `event` names one of ours."""
        ...

    def heard_until(self) -> datetime | None:
        """When the last call of a client was received; None where there is none."""
        ...

    def counts_by_event(self) -> Mapping[str, int]:
        """How many source events there are under each name."""
        ...

    def message_ids(self, *, event: str | None = None) -> Sequence[str]:
        """The message id of every row (of one event name), repeats included: to reconcile with a client's."""
        ...

    def override(self, merges: Mapping[ProfileId, ProfileId], *, version: int) -> None:
        """Make queries count rows of each first profile as the second's. Idempotent; chains are followed.

        What is told under a higher version stands, whichever is told first.
        """
        ...

    def restate(self, people: Mapping[ProfileId, ProfileId], *, version: int) -> None:
        """Make queries count rows of each first profile as the second's, its own included, and no other's.

        What was told before of the first profiles is forgotten: a merge was taken back. Idempotent.
        """
        ...

    def timeline(
        self,
        profile_id: ProfileId,
        *,
        until: datetime,
        limit: int,
        since: datetime | None = None,
        before: str | None = None,
        kind: RowKind | None = None,
        event: str | None = None,
    ) -> tuple[Sequence[Mapping[str, object]], str | None]:
        """A person's rows (of one kind, of one name), newest first, and the cursor of the next page."""
        ...


class IntakeLog(Protocol):
    """The durable log of one workspace's accepted calls, with its memory of what was seen."""

    def append(self, submissions: Sequence[Submission]) -> Sequence[int]:
        """Make submissions durable in one transaction; how many new calls each one had.

        A call seen before, in this group or ever, is not logged again. Raises Unavailable, and then
        nothing of the group is kept.
        """
        ...

    def read(self, *, after: int, limit: int, size: int | None = None) -> LoggedCalls:
        """The logged calls after a position, in order, each with its position.

        With a size no more than about so many bytes of them, as they are logged; but always some.
        """
        ...

    def position(self) -> int:
        """The position of the last call ever logged, 0 before the first."""
        ...

    def forget(self, *, upto: int) -> None:
        """Let go of calls up to and including a position; what was seen stays remembered."""
        ...

    def rejects(
        self, *, limit: int, after: int | None = None, source: str | None = None
    ) -> tuple[Sequence[KeptReject], int | None]:
        """Refused calls, newest first, and the cursor of the next page."""
        ...


class Offsets(Protocol):
    """How far each reader of a stream has come."""

    def get(self, stream: str) -> int:
        """The last position whose effects are committed, 0 before the first."""
        ...

    def advance(self, stream: str, *, first: int, last: int) -> None:
        """Say that these positions have had their effects; commits with them.

        Raises OffsetMoved where the first of them had them before: somebody else was quicker.
        """
        ...


class Batches(Protocol):
    """The cuts that were made of each stream, each with whose its rows are."""

    def record(self, batch: Batch) -> None:
        """Keep a cut; the same one again changes nothing."""
        ...

    def after(self, stream: str, *, position: int) -> Sequence[Batch]:
        """Cuts that begin after a position, in order."""
        ...

    def settle(self, batch: Batch, people: Sequence[ProfileId]) -> None:
        """Keep whose each of a cut's rows is: commits before a row is written anywhere, and never changes."""
        ...

    def people(self, batch: Batch) -> Sequence[ProfileId] | None:
        """Whose each of a cut's rows is; None while that is not settled."""
        ...

    def settled(self, stream: str, *, limit: int) -> Sequence[SettledBatch]:
        """The last settled cuts that the stream's offset has passed, in order."""
        ...

    def forget(self, stream: str, *, kept: int) -> None:
        """Let go of all but the last cuts of a stream."""
        ...

    def drop(self, batch: Batch) -> None:
        """Let go of one cut."""
        ...
