"""The nouns of acquisition: channels, the codes that lead to us, what they cost, and people's touches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

Stability = Literal["stable", "unstable"]
STABILITIES: tuple[Stability, ...] = ("stable", "unstable")
"""Whether a channel brings about the same every month, or comes and goes with a campaign."""

CODE_PARAMETER = "pn_code"
"""What a code is called in the address of a page that it led to."""
CLICK_EVENT = "channel_code_clicked"
CLICK_SOURCE = "channel-codes"
TOUCH_KEPT = "perennial_touch_kept"
"""What a touch is called among the events we emit; in the log it is an `identify` row with its traits."""

ClickedBy = Literal["person", "scanner", "prefetch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way that people come by."""

    channel_id: str
    name: str
    kind: str = ""
    """What sort of way it is, in the workspace's own words: `ads`, `store`, `partner`."""
    stability: Stability = "stable"
    owner: str = ""
    description: str = ""
    sources: tuple[str, ...] = ()
    """Values of `utm_source` that mean this channel, besides its id; in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A short code that leads to one declared address, and says by which channel."""

    code: str
    channel_id: str
    target: str
    campaign: str = ""
    medium: str = ""
    content: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Half-open: from then on it leads nowhere."""

    def is_valid(self, now: datetime) -> bool:
        """Whether it leads anywhere now."""
        has_begun = self.valid_from is None or self.valid_from <= now
        return has_begun and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a channel cost in some days, both included."""

    channel_id: str
    first_day: date
    last_day: date
    amount: int
    """In minor units: cents, fen."""
    currency: str
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class KnownChannels:
    """What touches are read by: the channel of each code, and of each `utm_source`."""

    by_code: Mapping[str, str]
    by_source: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A person came by a channel or a campaign."""

    channel: str | None
    """A declared channel; None where the address names a source that none declares."""
    source: str
    medium: str
    campaign: str
    code: str
    referrer: str
    """The host they came from, where the client told."""

    def traits(self, prefix: str, at: datetime) -> Mapping[str, Json]:
        """The touch as traits; what is unknown is null, and hides what was told before."""
        said: Mapping[str, str | None] = {
            "channel": self.channel,
            "source": self.source,
            "medium": self.medium,
            "campaign": self.campaign,
            "code": self.code,
            "referrer": self.referrer,
        }
        return {f"{prefix}_{name}": value or None for name, value in said.items()} | {
            f"{prefix}_at": at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchKept:
    """A touch that was somebody's first when it was heard."""

    touch_id: str
    profile_id: ProfileId
    """Whose it is today."""
    owner: ProfileId
    """Whose it was when it was heard: where a merge is taken back, it goes with them."""
    occurred_at: datetime
    touch: Touch
    told_first: str
    """The id of the touch that was told to be the first at this one's time: its own, or an earlier one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeClicks:
    """How often a code was followed."""

    code: str
    channel: str
    by: str
    clicks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelResult:
    """What a channel brought in a period, and for what."""

    channel: str
    """A channel's id; empty for touches of sources that no channel declares."""
    clicks: int
    people_gained: int
    """Those whose first touch was by this channel, in the period."""
    costs: Mapping[str, int]
    """By currency, in minor units."""
