"""When, and in whose calendar, a question is asked."""

from dataclasses import dataclass, field
from datetime import datetime

from perennial.kernel.ids import ProfileId
from perennial.kernel.windows import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The instant a question is asked at: only events with `occurred_at <= as_of` exist.

    `known_by`, where set, also requires `received_at <= known_by`: what could have been known then.
    """

    as_of: datetime
    zone: Zone = field(default_factory=Zone)
    known_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One person asked about at one instant of their own (an entry, a branch)."""

    profile_id: ProfileId
    as_of: datetime
