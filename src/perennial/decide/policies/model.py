"""The gate's nouns: what wants to be sent, what is known of the person, and the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

TRANSACTIONAL = "transactional"
"""The topic that needs no consent; suppression holds for it too."""

DropReason = Literal["no_address", "no_consent", "suppressed", "capped", "expired"]
HoldReason = Literal["capped"]

REASONS: Mapping[str, str] = {
    "no_address": "The person has no address for this channel.",
    "no_consent": "The person has not granted this channel and topic, or has withdrawn it.",
    "suppressed": "The address is on the do-not-contact list.",
    "capped": "The person already gets as many messages as the frequency cap allows.",
    "expired": "The message is no longer valid.",
}
"""Every reason a verdict can carry, in the gate's order; the reference page shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyCap:
    """At most `limit` messages of each of these topics to one person, per channel, in a rolling window."""

    limit: int = 3
    window: timedelta = timedelta(days=7)
    topics: tuple[str, ...] = ("marketing",)

    def __post_init__(self) -> None:
        if self.limit < 1 or self.window <= timedelta(0):
            raise ValueError(f"a cap lets at least one message through in some time, not {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A message that wants to go out over one channel to one person."""

    message_id: str
    topic: str
    priority: int
    created_at: datetime
    expires_at: datetime | None = None
    over_cap: Literal["hold", "drop"] = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known of one person on one channel at the moment of deciding."""

    address: str | None
    consented: frozenset[str] = frozenset()
    """Topics granted on this channel."""
    is_suppressed: bool = False
    sent_at: Mapping[str, Sequence[datetime]] = field(default_factory=dict[str, Sequence[datetime]])
    """Per topic, when messages took a slot: queued, sending, unknown or sent."""
    cap: FrequencyCap | None = FrequencyCap()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """The message may go now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Not now: ask again at `until`."""

    reason: HoldReason
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Not at all."""

    reason: DropReason


Verdict = Pass | Hold | Drop
