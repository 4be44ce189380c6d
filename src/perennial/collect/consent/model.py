"""The nouns of consent: who agreed to what, and whom we must not contact at all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from perennial.kernel.ids import ProfileId

ConsentState = Literal["granted", "withdrawn"]
CONSENT_STATES: tuple[ConsentState, ...] = ("granted", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person said last about one topic on one channel; silence is not consent."""

    profile_id: ProfileId
    channel: str
    topic: str
    state: ConsentState
    proof: str
    occurred_at: datetime
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStatement:
    """One thing a person said about one topic on one channel, as the log of events keeps it for good."""

    occurred_at: datetime
    received_at: datetime
    channel: str
    topic: str
    state: ConsentState
    proof: str
    """Where and how it was said."""
    source: str
    """By which way we heard of it."""
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that gets nothing, whatever was agreed: a bounce, a complaint, a request."""

    channel: str
    address: str
    reason: str
    since: datetime
