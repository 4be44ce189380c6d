"""The gate's nouns: what wants to be sent, what is known of the person, the policy, and the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal

from perennial.decide.assignment.model import Holdout
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

TRANSACTIONAL = "transactional"
"""The topic that needs no consent and knows no holdout; suppression holds for it too."""

DropReason = Literal[
    "no_address", "no_consent", "suppressed", "holdout", "capped", "quiet_hours", "timing", "expired"
]
HoldReason = Literal["capped", "quiet_hours", "timing"]

REASONS: Mapping[str, str] = {
    "no_address": "The person has no address for this channel.",
    "no_consent": "The person has not granted this channel and topic, or has withdrawn it.",
    "suppressed": "The address is on the do-not-contact list.",
    "holdout": "The person is kept from all marketing for now, so that its effect can be measured.",
    "capped": "The person already gets as many messages as a frequency cap allows.",
    "quiet_hours": "It is a time of day at which the person is left alone.",
    "timing": "It is for another time of the person's day.",
    "expired": "The message is no longer valid.",
}
"""Every reason a verdict can carry, in the gate's order; the reference page shows them."""

Period = Literal["day", "week", "month"]
PERIODS: tuple[Period, ...] = ("day", "week", "month")
BEST_HOUR: Literal["best_hour"] = "best_hour"
Timing = time | Literal["best_hour"]
"""A time of the person's day, or the hour at which they are best reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which messages a rule of the policy is about."""

    topics: tuple[str, ...] = ()
    """None named: every topic but transactional."""
    channels: tuple[str, ...] = ()
    """None named: every channel."""

    def covers(self, channel: str, topic: str) -> bool:
        """Whether a message of a topic on a channel is meant."""
        is_topic = topic in self.topics if self.topics else topic != TRANSACTIONAL
        return is_topic and (not self.channels or channel in self.channels)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyCap:
    """At most `limit` messages to one person in a window, over all journeys."""

    limit: int = 3
    window: timedelta | Period = timedelta(days=7)
    """A rolling span, or a calendar period of the person's own zone."""
    reach: Reach = Reach(topics=("marketing",))
    together: bool = False
    """Whether its topics and channels count as one; otherwise each topic on each channel has its own room."""

    def __post_init__(self) -> None:
        if self.limit < 1 or (isinstance(self.window, timedelta) and self.window <= timedelta(0)):
            raise ValueError(f"a cap lets at least one message through in some time, not {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From one time of the person's day to another nothing goes out; it may span midnight."""

    start: time
    end: time
    reach: Reach = Reach()
    spread: timedelta = timedelta(0)
    """What waited goes out over so long after the end, so that the end of the night is no stampede."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How fast a channel's provider is fed: a bucket of tokens, one for each message."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicWords:
    """How a topic is called to those who choose whether to hear of it."""

    name: Mapping[str, str] = field(default_factory=dict[str, str])
    """By language; under an empty one what everyone else reads."""
    description: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """What a workspace says about reaching people: every message of every journey keeps to it."""

    caps: tuple[FrequencyCap, ...] = (FrequencyCap(),)
    quiet_hours: tuple[QuietHours, ...] = ()
    rates: Mapping[str, Rate] = field(default_factory=dict[str, Rate])
    """By channel."""
    holdout: Holdout | None = None
    best_hour: time = time(10)
    """When people are reached best of whom nothing better is known."""
    topics: Mapping[str, TopicWords] = field(default_factory=dict[str, "TopicWords"])
    """What people may choose to hear of, by topic, in the order it is shown."""
    document: Mapping[str, Json] = field(default_factory=dict[str, Json])

    @property
    def longest_look_back(self) -> timedelta:
        """How far back messages matter to a cap."""
        spans = {"day": 2, "week": 8, "month": 32}
        return max(
            (
                one.window if isinstance(one.window, timedelta) else timedelta(days=spans[one.window])
                for one in self.caps
            ),
            default=timedelta(0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A message that wants to go out over one channel to one person."""

    message_id: str
    channel: str
    topic: str
    priority: int
    value: float = 0
    """What it is expected to be worth, where somebody says so: the second word in a competition."""
    created_at: datetime
    expires_at: datetime | None = None
    over_cap: Literal["hold", "drop"] = "hold"
    at: Timing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Room that a message takes: queued, on its way, sent, or perhaps sent."""

    channel: str
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known of one person at the moment of deciding."""

    addresses: Mapping[str, str]
    """By channel."""
    consented: frozenset[tuple[str, str]] = frozenset()
    """Channels and topics that were granted."""
    suppressed: frozenset[str] = frozenset()
    """Channels on which their address is on the do-not-contact list."""
    taken: Sequence[Taken] = ()
    zone: Zone = field(default_factory=Zone)
    """Their own, else the workspace's."""
    is_held_out: bool = False


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
