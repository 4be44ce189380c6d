"""What delivering needs of the state store."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from perennial.collect.consent.ports import Consents, Suppressions
from perennial.collect.identity.ports import Traits
from perennial.collect.screening.ports import Declarations
from perennial.compute.profiles.people_port import People
from perennial.decide.journeys.model import Channel
from perennial.deliver.messages.model import WHOLE, Message, MessagePage, MessageState, Share, Slot
from perennial.deliver.messages.orders import Order
from perennial.deliver.templates.ports import Templates
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import MessageId, ProfileId
from perennial.kernel.leases import Lease
from perennial.kernel.values import Json


class Outbox(Protocol):
    """Every message that was ever asked for and not withheld."""

    def known(self, message_ids: Sequence[MessageId]) -> frozenset[MessageId]:
        """Which of these messages are there already."""
        ...

    def find(self, message_ids: Sequence[MessageId]) -> Sequence[Message]:
        """These messages as they stand; those that are not there are left out."""
        ...

    def add(self, messages: Sequence[Message], /) -> None:
        """Write messages; one that is there already stays as it is."""
        ...

    def save(self, messages: Sequence[Message], /) -> None:
        """Write where messages stand now; what asked for them never changes."""
        ...

    def due(
        self, state: MessageState, channel: Channel, *, now: datetime, limit: int, share: Share = WHOLE
    ) -> Sequence[Message]:
        """Messages of a channel in a state whose time has come: the higher priority first, then the older."""
        ...

    def next_due(self, *, share: Share = WHOLE) -> datetime | None:
        """When the next queued or held message is due; None where nothing waits."""
        ...

    def in_state(self, state: MessageState, *, limit: int, share: Share = WHOLE) -> Sequence[Message]:
        """Messages in a state, the oldest first."""
        ...

    def slots(self, profile_ids: Sequence[ProfileId], *, since: datetime) -> Sequence[Slot]:
        """Room that messages to these people took after an instant; see `SLOT_STATES`."""
        ...

    def counts(self) -> Mapping[MessageState, int]:
        """How many messages are in each state; states without any are absent."""
        ...

    def page(
        self, *, user_id: str | None, state: MessageState | None, limit: int, after: str | None
    ) -> MessagePage:
        """Messages in the order they were asked for. Raises InvalidCursor where `after` is not ours."""
        ...


class MessageNotes(Protocol):
    """What belongs to single messages beside their row: orders by calls, bounces."""

    def digest_of(self, message_id: MessageId) -> str | None:
        """What was ordered under this id, as a digest; None where nothing was."""
        ...

    def add_order(self, order: Order, /) -> None:
        """Keep an order."""
        ...

    def variables_of(self, message_ids: Sequence[MessageId]) -> Mapping[MessageId, Mapping[str, Json]]:
        """What the templates of ordered messages may show as `variables`; others are absent."""
        ...

    def note_bounce(
        self, message_id: MessageId, *, channel: str, address: str, status: str, at: datetime
    ) -> None:
        """Keep that a message bounced; the first report of it stays."""
        ...

    def count_bounces(self, address: str, *, channel: str, since: datetime) -> int:
        """How many messages to an address bounced since."""
        ...


class EmittedEvents(Protocol):
    """Events of ours, committed with what caused them."""

    def record(self, events: Sequence[EmittedEvent]) -> None:
        """Keep events; one whose message id is there already changes nothing."""
        ...


class DeliveryState(Protocol):
    """One transaction of the state store, as delivering sees it."""

    @property
    def outbox(self) -> Outbox:
        """Messages."""
        ...

    @property
    def notes(self) -> MessageNotes:
        """What belongs to single messages beside their row."""
        ...

    @property
    def templates(self) -> Templates:
        """What messages say."""
        ...

    @property
    def traits(self) -> Traits:
        """What we were told of people."""
        ...

    @property
    def people(self) -> People:
        """What people are called."""
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
    def declarations(self) -> Declarations:
        """What the workspace declared, its policy among it."""
        ...

    @property
    def emitted(self) -> EmittedEvents:
        """Events of ours that go to the event store next."""
        ...


class DeliveryStore(Protocol):
    """The state store."""

    def begin(self, *, holding: Iterable[Lease] = ()) -> AbstractContextManager[DeliveryState]:
        """One transaction that may write; it commits at the end of the block, while these are held."""
        ...

    def read(self) -> AbstractContextManager[DeliveryState]:
        """A snapshot to read from."""
        ...
