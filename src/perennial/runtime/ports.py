"""What turning the loop needs of the stores: everything of one workspace in one transaction."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from perennial.collect.consent.ports import Consents, Suppressions
from perennial.collect.events.model import Batch
from perennial.collect.identity.ports import Identities, Traits
from perennial.compute.profiles import People
from perennial.compute.segments.ports import SegmentShelf
from perennial.compute.tags.ports import TagShelf
from perennial.decide.journeys import Enrollments, JourneyShelf
from perennial.deliver.messages import Outbox
from perennial.deliver.templates import Templates
from perennial.kernel.events import EmittedEvent


class Offsets(Protocol):
    """How far each reader of a stream has come."""

    def get(self, stream: str) -> int:
        """The last position whose effects are committed, 0 before the first."""
        ...

    def set(self, stream: str, position: int) -> None:
        """Say that everything up to a position has had its effects; commits with them."""
        ...


class Batches(Protocol):
    """The cuts that were made of each stream."""

    def record(self, batch: Batch) -> None:
        """Keep a cut; the same one again changes nothing."""
        ...

    def after(self, stream: str, *, position: int) -> Sequence[Batch]:
        """Cuts that begin after a position, in order."""
        ...

    def forget(self, stream: str, *, before: int) -> None:
        """Let go of cuts that end before a position."""
        ...


class Emitted(Protocol):
    """Events of ours, committed with what caused them and copied to the event store afterwards."""

    def record(self, events: Sequence[EmittedEvent]) -> None:
        """Keep events; one whose message id is there already changes nothing."""
        ...

    def read(self, *, after: int, limit: int) -> Sequence[tuple[int, EmittedEvent]]:
        """Events after a position, in order, each with its position."""
        ...

    def position(self) -> int:
        """The position of the last event emitted, 0 before the first."""
        ...


class StateTransaction(Protocol):
    """One transaction, seen as the repositories of everything decisions rest on."""

    @property
    def identities(self) -> Identities:
        """Which names lead to which profile."""
        ...

    @property
    def people(self) -> People:
        """Profiles as they are listed."""
        ...

    @property
    def traits(self) -> Traits:
        """What we were told about people."""
        ...

    @property
    def consents(self) -> Consents:
        """Who agreed to what."""
        ...

    @property
    def suppressions(self) -> Suppressions:
        """Addresses that get nothing."""
        ...

    @property
    def offsets(self) -> Offsets:
        """How far each reader of a stream has come."""
        ...

    @property
    def batches(self) -> Batches:
        """The cuts that were made of each stream."""
        ...

    @property
    def emitted(self) -> Emitted:
        """Events of ours that go to the event store next."""
        ...

    @property
    def segments(self) -> SegmentShelf:
        """Segments and their members."""
        ...

    @property
    def tags(self) -> TagShelf:
        """Tags and their values."""
        ...

    @property
    def journeys(self) -> JourneyShelf:
        """Journeys and their versions."""
        ...

    @property
    def enrollments(self) -> Enrollments:
        """People's runs through journeys."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages and what became of them."""
        ...

    @property
    def templates(self) -> Templates:
        """What messages say."""
        ...


class StateStore(Protocol):
    """One workspace's state."""

    def begin(self) -> AbstractContextManager[StateTransaction]:
        """One transaction that may write; it commits at the end of the block. One writer at a time."""
        ...

    def read(self) -> AbstractContextManager[StateTransaction]:
        """A snapshot to read from; it waits for nobody."""
        ...
