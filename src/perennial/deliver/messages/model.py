"""The outbox's nouns: a message, the states it goes through, and what is known of the one it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from perennial.decide.assignment.model import Arm
from perennial.decide.journeys.model import Channel, OverCap
from perennial.decide.policies import GatePolicy, Timing
from perennial.deliver.tracking.links import Links
from perennial.kernel.ids import EnrollmentId, JourneyId, MessageId, NodeId, ProfileId, TemplateId
from perennial.kernel.leases import Lease
from perennial.kernel.windows import Zone

MessageState = Literal["queued", "held", "sending", "sent", "failed", "unknown", "dropped"]

STATES: Mapping[MessageState, str] = {
    "queued": "It passed the gate and waits for its provider; a reason says what the last attempt ran into.",
    "held": "It waits for a frequency cap to have room, for the end of quiet hours, or for its hour.",
    "sending": "It is being handed over right now.",
    "sent": "The provider took it.",
    "failed": "It cannot be sent, for good.",
    "unknown": "It was handed over and no answer came; it is not sent again.",
    "dropped": "The gate refused it.",
}

Trigger = Literal[
    "passed",
    "held",
    "refused",
    "unwritable",
    "handed_over",
    "accepted",
    "put_off",
    "failed",
    "lost",
    "retried",
]

TRANSITIONS: Mapping[tuple[MessageState, Trigger], MessageState] = {
    ("held", "passed"): "queued",
    ("held", "held"): "held",
    ("held", "refused"): "dropped",
    ("queued", "held"): "held",
    ("queued", "refused"): "dropped",
    ("queued", "unwritable"): "failed",
    ("queued", "handed_over"): "sending",
    ("sending", "accepted"): "sent",
    ("sending", "put_off"): "queued",
    ("sending", "failed"): "failed",
    ("sending", "lost"): "unknown",
    ("failed", "retried"): "queued",
    ("unknown", "retried"): "queued",
}
"""Every step a message can take. None leads out of `sent` and `dropped`, and out of `failed` and `unknown`
only that somebody orders it."""

SLOT_STATES: tuple[MessageState, ...] = ("queued", "sending", "sent", "unknown")
"""States that take room under the frequency cap: what went out, is about to, or may have."""

REASONS: Mapping[str, str] = {
    "no_template": "The template did not exist when the message was asked for.",
    "missing_variable": "The template shows something that is not known of this person.",
    "template_failed": "The template cannot be filled in for this person.",
    "no_provider": "No provider is set up for the channel.",
    "gave_up": "The provider refused it for now too many times.",
    "interrupted": "We stopped while the message was being handed over.",
    "not_handed_over": "The state store failed before the message was handed over; it is tried again.",
    "no_receipt": "The provider failed without saying what became of the message.",
}
"""Reasons beside those of the gate (`perennial.decide.policies.REASONS`) and of providers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One communication to one person: what asked for it, where it stands, and why."""

    message_id: MessageId
    cause: str
    journey_id: JourneyId
    journey_version: int
    enrollment_id: EnrollmentId
    node: NodeId
    arm: Arm
    profile_id: ProfileId
    channel: Channel
    topic: str
    template_id: TemplateId
    template_version: int
    address: str = field(repr=False)
    """Where it goes, as known when it was last looked at; empty where there is none."""
    priority: int
    value: float = 0
    """What it is expected to be worth: among equals in priority the higher goes first."""
    at: Timing | None = None
    """The time of the person's day it is for; None is any."""
    over_cap: OverCap
    state: MessageState
    reason: str
    """Why it is where it is: the gate's, the template's or the provider's word; empty where all is well."""
    created_at: datetime
    due_at: datetime
    """When it can next move by itself; once handed over, when that was."""
    expires_at: datetime | None
    sent_at: datetime | None = None
    attempts: int = 0
    receipt: str = field(default="", repr=False)
    """The provider's or the template's own words about the reason."""
    shard: int | None = None
    """While it is handed over: under which shard. A merge may give it a person of another one meanwhile."""


SHARDS = 8
"""People are divided into so many shards by their profile id, so that several processes can send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of the outbox that one process sends: the people of some shards."""

    leases: Mapping[int, Lease] | None = None
    """The lease on each of these shards; None is all of them, where nobody else sends."""

    @property
    def shards(self) -> frozenset[int]:
        """The remainders that profile ids leave when divided by `SHARDS`."""
        return frozenset(range(SHARDS)) if self.leases is None else frozenset(self.leases)

    @property
    def held(self) -> Sequence[Lease]:
        """What must still be held when something is sent."""
        return [] if self.leases is None else list(self.leases.values())


WHOLE = Share()
"""All of the outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Room taken under the frequency caps: one message of a topic on a channel at an instant."""

    message_id: MessageId
    profile_id: ProfileId
    channel: Channel
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A message as lists show it: no address, no text."""

    message_id: MessageId
    user_id: str | None
    channel: Channel
    topic: str
    state: MessageState
    reason: str
    cause: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """Messages in the order they were asked for, and where the next page starts."""

    messages: tuple[MessageRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """How a workspace delivers."""

    policy: GatePolicy = field(default_factory=GatePolicy)
    """What holds until the workspace publishes a policy of its own."""
    zone: Zone = field(default_factory=Zone)
    """The workspace's: of people whose own is not known."""
    sender: str | None = None
    """Whom messages are from where a template does not say; None leaves it to the provider."""
    webhook_secret: str = field(default="", repr=False)
    """What receivers of webhooks verify them with."""
    links: Links | None = None
    """Signs the links of messages; None is without links of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round of releasing or delivering did, in messages."""

    released: int = 0
    """Held ones that have room now and wait for their provider."""
    sent: int = 0
    put_off: int = 0
    failed: int = 0
    unknown: int = 0
    held: int = 0
    dropped: int = 0
    has_more: bool = False
    """Whether another round at once would find more to do; False where a provider could not be asked."""

    def plus(self, other: "Round") -> "Round":
        """Both rounds together."""
        return Round(
            released=self.released + other.released,
            sent=self.sent + other.sent,
            put_off=self.put_off + other.put_off,
            failed=self.failed + other.failed,
            unknown=self.unknown + other.unknown,
            held=self.held + other.held,
            dropped=self.dropped + other.dropped,
            has_more=self.has_more or other.has_more,
        )
