"""A rehearsal's nouns: what is rehearsed, what was heard when, and what became of each message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from perennial.decide.journeys.model import Occurrence, PublishedJourney, SendMessage
from perennial.decide.policies import GatePolicy, Taken
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.kernel.windows import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Which journeys are rehearsed over which span, and what the gate goes by."""

    journeys: tuple[PublishedJourney, ...]
    start: datetime
    end: datetime
    step: timedelta
    """How far the clock moves at once; what came in within a step is looked at together."""
    policy: GatePolicy
    zone: Zone
    followed: frozenset[SegmentId] = frozenset()
    """Segments whose comings and goings are counted anew over the past, as nobody recorded them then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something that happened, and when it was known."""

    occurrence: Occurrence
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whether a person could be reached on a channel for a topic is asked, as of an instant."""

    profile_id: ProfileId
    channel: str
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What was known of reaching a person; their messages of the time before are counted elsewhere."""

    channels: frozenset[str] = frozenset()
    """Those on which they had an address."""
    consented: frozenset[tuple[str, str]] = frozenset()
    suppressed: frozenset[str] = frozenset()
    zone: Zone | None = None
    """Their own; None is the workspace's."""


FateWord = Literal["sent", "held", "dropped", "withheld"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What the gate made of a message at an instant; one that is held has another fate later."""

    message: SendMessage
    word: FateWord
    reason: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Messages that took room in truth: what other journeys sent in the time that is rehearsed."""

    taken: Mapping[ProfileId, tuple[Taken, ...]] = field(default_factory=dict[ProfileId, tuple[Taken, ...]])
