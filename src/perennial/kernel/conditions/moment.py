"""When, and in whose calendar, a question is asked."""

from dataclasses import dataclass, field
from datetime import datetime

from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.ids import ProfileId
from perennial.kernel.windows import EARLIEST, LATEST, Zone


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


def moment_asked(as_of: datetime, *, zone: Zone) -> Moment:
    """The moment a caller asks about. Raises InvalidDocument where no event can have happened by then."""
    if as_of.tzinfo is None or not EARLIEST <= as_of <= LATEST:
        message = f"{as_of.isoformat()} is no moment to ask about."
        hint = "It needs its offset from UTC, and a year from 1900 to 2299."
        raise InvalidDocument([Problem(path="$.as_of", code="bad_instant", message=message, hint=hint)])
    return Moment(as_of=as_of, zone=zone)
