"""Times of a person's day: quiet hours, and messages that are for a certain hour. Pure.

Clocks on walls jump: a time that a day skips comes when its clock has jumped, one that comes twice comes the
first time; quiet hours hold whenever the clock on the wall shows them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from perennial.decide.policies.model import BEST_HOUR, Candidate, GatePolicy, QuietHours, Timing
from perennial.kernel.ids import bucket
from perennial.kernel.windows import MICROSECOND, Zone

_DAY = timedelta(days=1)
_MOST_STEPS = 20


def after_quiet(candidate: Candidate, quiet: Sequence[QuietHours], *, at: datetime, zone: Zone) -> datetime:
    """The first instant from `at` on that is not quiet; whoever had to wait is spread over what follows."""
    concerned = [one for one in quiet if one.reach.covers(candidate.channel, candidate.topic)]
    ready, waited_for = at, None
    for _ in range(_MOST_STEPS):
        now_quiet = next((one for one in concerned if _is_quiet(one, ready, zone)), None)
        if now_quiet is None:
            break
        ready, waited_for = next_at(now_quiet.end, after=ready, zone=zone), now_quiet
    if waited_for is None:
        return at
    late = ready + waited_for.spread * bucket(candidate.message_id, salt="quiet_hours")
    return ready if any(_is_quiet(one, late, zone) for one in concerned) else late


def earliest(candidate: Candidate, policy: GatePolicy, *, zone: Zone) -> datetime:
    """When a message is for: as soon as it was asked for, or at its time of the person's day from then on."""
    if candidate.at is None:
        return candidate.created_at
    # Of nobody is the best hour predicted yet, so it is what the policy says.
    wall = policy.best_hour if candidate.at == BEST_HOUR else candidate.at
    return next_at(wall, after=candidate.created_at - MICROSECOND, zone=zone)


def timing_text(timing: Timing) -> str:
    """A timing as documents and rows write it: `HH:MM` or `best_hour`."""
    return timing if isinstance(timing, str) else f"{timing:%H:%M}"


def read_timing(text: str) -> Timing:
    """The timing that `timing_text` wrote."""
    return BEST_HOUR if text == BEST_HOUR else time.fromisoformat(text)


def next_at(wall: time, *, after: datetime, zone: Zone) -> datetime:
    """The first instant after another at which a person's clock shows a time."""
    today = after.astimezone(zone.rules).date()
    days = (today + _DAY * offset for offset in (-1, 0, 1, 2))
    return min(instant for day in days for instant in _instants(day, wall, zone) if instant > after)


def _instants(day: date, wall: time, zone: Zone) -> Iterator[datetime]:
    """When a day's clock shows a time: once, twice, or at the jump that skips it."""
    first = datetime.combine(day, wall, tzinfo=zone.rules)
    yield first.astimezone(UTC)
    again = first.replace(fold=1).astimezone(UTC)
    if again.astimezone(zone.rules).time() == wall:
        yield again


def _is_quiet(hours: QuietHours, at: datetime, zone: Zone) -> bool:
    wall = at.astimezone(zone.rules).time()
    if hours.start < hours.end:
        return hours.start <= wall < hours.end
    return wall >= hours.start or wall < hours.end


def is_ever_open(quiet: Sequence[QuietHours]) -> bool:
    """Whether quiet hours of one message leave it any minute of the day."""
    noon = datetime(2026, 1, 15, tzinfo=UTC)
    minutes = (noon + timedelta(minutes=minute) for minute in range(24 * 60))
    return any(not any(_is_quiet(one, minute, Zone()) for one in quiet) for minute in minutes)
