"""What turning the loop needs of the stores: everything of one workspace in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from perennial.collect.acquisition import Acquisition, Touches
from perennial.collect.catalogue import Descriptions
from perennial.collect.consent.ports import Consents, Suppressions
from perennial.collect.events.ports import Batches, Offsets
from perennial.collect.identity.ports import Identities, TraitChanges, Traits
from perennial.collect.privacy.ports import Erasures
from perennial.collect.retention import Removals
from perennial.collect.schedules import Schedules
from perennial.collect.screening import Declarations
from perennial.compute.profiles import People
from perennial.compute.profiles.finding import PeopleIndex
from perennial.compute.segments.ports import SegmentShelf
from perennial.compute.tags.ports import TagShelf
from perennial.decide.journeys import Enrollments, JourneyShelf
from perennial.decide.rehearsals.backtests import Backtests
from perennial.deliver.messages import MessageNotes, Outbox
from perennial.deliver.templates import Templates
from perennial.evaluate.boards import BoardShelf
from perennial.kernel.events import EmittedEvent
from perennial.kernel.leases import Lease


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

    def forget(self, *, upto: int) -> None:
        """Let go of events up to and including a position, but never of the last: it keeps the count."""
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
    def index(self) -> PeopleIndex:
        """Names and traits, as people are found by them."""
        ...

    @property
    def traits(self) -> Traits:
        """What we were told about people."""
        ...

    @property
    def trait_changes(self) -> TraitChanges:
        """What operations on traits came to."""
        ...

    @property
    def touches(self) -> Touches:
        """By what people came first."""
        ...

    @property
    def acquisition(self) -> Acquisition:
        """Channels, their codes and costs."""
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
    def schedules(self) -> Schedules:
        """Databases that are read from and written to."""
        ...

    @property
    def descriptions(self) -> Descriptions:
        """What people say of events and properties."""
        ...

    @property
    def declarations(self) -> Declarations:
        """The tracking plan and the rules of cleaning."""
        ...

    @property
    def erasures(self) -> Erasures:
        """Who is being erased, and receipts of who was."""
        ...

    @property
    def removals(self) -> Removals:
        """Removals of events that were past their period."""
        ...

    @property
    def backtests(self) -> Backtests:
        """What journeys came to over the past."""
        ...

    @property
    def boards(self) -> BoardShelf:
        """Kept insights, boards and links to them."""
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
    def notes(self) -> MessageNotes:
        """What belongs to single messages beside their row."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages and what became of them."""
        ...

    @property
    def templates(self) -> Templates:
        """What messages say."""
        ...


class Leases(Protocol):
    """Which of a workspace's work is this process's to do."""

    def renew(
        self, names: Sequence[str], *, divided: Sequence[str] = (), is_busy: bool = False
    ) -> Mapping[str, Lease]:
        """Keep what is ours of these and take what nobody holds; what another holds is absent.

        Those to be divided are shared out evenly among the processes that ask for some of them. Whoever has
        too many gives some back, but not while it is busy with them.
        """
        ...

    def release(self) -> None:
        """Give everything back at once."""
        ...


class StateStore(Protocol):
    """One workspace's state."""

    def version(self) -> object:
        """Another after each commit that changed something, whoever made it; read without waiting."""
        ...

    @property
    def leases(self) -> Leases:
        """Which of the workspace's work is this process's to do."""
        ...

    def begin(self, *, holding: Iterable[Lease] = ()) -> AbstractContextManager[StateTransaction]:
        """One transaction that may write; it commits at the end of the block. One writer at a time.

        It commits only while each of these leases is still held, and raises LeaseLost otherwise.
        """
        ...

    def read(self) -> AbstractContextManager[StateTransaction]:
        """A snapshot to read from; it waits for nobody."""
        ...
