"""From when on events are past. Pure."""

from datetime import datetime, timedelta

from perennial.collect.retention.model import Cutoffs, Days, RetentionRules
from perennial.kernel.windows import EARLIEST, Zone, start_of_day

_QUARTER = timedelta(minutes=15)


def cutoffs(rules: RetentionRules, *, now: datetime, zone: Zone) -> Cutoffs:
    """Before which instants events are past: so many whole local days are kept, and today."""
    return Cutoffs(
        default=_cutoff(rules.default, now, zone),
        events={name: _cutoff(days, now, zone) for name, days in rules.events.items()},
    )


def _cutoff(days: Days, now: datetime, zone: Zone) -> datetime | None:
    if days is None:
        return None
    today = now.astimezone(zone.rules).date()
    if days >= (today - EARLIEST.date()).days:
        return None
    begin = start_of_day(today - timedelta(days=days), zone)
    # Counts are kept by quarters of an hour; zones of old times began their days at odd minutes.
    return begin - (begin - EARLIEST) % _QUARTER


def is_past(found: Cutoffs, *, name: str, occurred_at: datetime) -> bool:
    """Whether a client's event is past its period."""
    cutoff = found.of(name)
    return cutoff is not None and occurred_at < cutoff
