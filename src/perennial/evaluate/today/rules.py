"""Which days are shown, and days on which nothing happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from perennial.evaluate.today.model import DAYS_SHOWN, Day, DayCount
from perennial.kernel.windows import Zone


def last_days(now: datetime, zone: Zone, *, days: int = DAYS_SHOWN) -> tuple[Day, ...]:
    """The local days up to and including that of `now`, in order."""
    today = now.astimezone(zone.rules).date()
    return tuple(today - timedelta(days=back) for back in reversed(range(days)))


def filled(counted: Sequence[DayCount], days: Sequence[Day]) -> tuple[DayCount, ...]:
    """One count for each of the days; a day that was not counted had no events."""
    found = {count.day: count for count in counted}
    return tuple(found.get(day, DayCount(day=day, events=0, people=0)) for day in days)
