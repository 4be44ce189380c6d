"""When a scheduled segment is answered anew: how it is written, and when it is next. Pure."""

import re
from datetime import UTC, datetime, time, timedelta

from perennial.compute.segments.model import Schedule
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone, parse_duration

SHORTEST = timedelta(minutes=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KEYS = ("every", "daily", "weekly")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def parse_schedule(written: Json, path: str, problems: Problems) -> Schedule | None:
    """A schedule: `{every: 6h}`, `{daily: "07:30"}` or `{weekly: "monday 07:30"}`; mistakes to `problems`."""
    found = problems.mapping(written, path, what="A schedule")
    if found is None:
        return None
    problems.unknown_keys(found, _KEYS, path)
    given = [key for key in _KEYS if key in found]
    if len(given) != 1:
        problems.add(path, "wrong_keys", "A schedule says one of `every`, `daily` and `weekly`.")
        return None
    [key] = given
    text = found[key] if isinstance(found[key], str) else ""
    match key:
        case "every":
            schedule = _every(str(text))
        case "daily":
            schedule = _daily(str(text))
        case _:
            schedule = _weekly(str(text))
    if schedule is None:
        problems.add(f"{path}.{key}", "bad_value", f"{found[key]!r} is no schedule.", _hint(key, str(text)))
    return schedule


def next_after(schedule: Schedule, last: datetime, zone: Zone) -> datetime:
    """The first time it is due after it was last answered; local times are those of the workspace's zone.

    Where a clock change skips the time it is the instant an unchanged clock would have shown it, where it
    comes twice the first.
    """
    if schedule.every is not None:
        return last + schedule.every
    at = schedule.at or time()
    day = last.astimezone(zone.rules).date()
    while True:
        due = datetime.combine(day, at, tzinfo=zone.rules).astimezone(UTC)
        if due > last and (schedule.weekday is None or day.weekday() == schedule.weekday):
            return due
        day += timedelta(days=1)


def _every(text: str) -> Schedule | None:
    span = parse_duration(text)
    return None if span is None or span < SHORTEST else Schedule(every=span)


def _daily(text: str) -> Schedule | None:
    at = _CLOCK.fullmatch(text)
    return Schedule(at=time(int(at[1]), int(at[2]))) if at else None


def _weekly(text: str) -> Schedule | None:
    day, _, rest = text.partition(" ")
    daily = _daily(rest)
    if daily is None or day not in WEEKDAYS:
        return None
    return Schedule(at=daily.at, weekday=WEEKDAYS.index(day))


def _hint(key: str, text: str) -> str:
    if key == "every":
        return "Write a span of a minute or more: 30m, 6h, 1d."
    if key == "daily":
        return 'Write a local time of 24 hours: "07:30".'
    day = text.partition(" ")[0]
    return f'Write a day and a local time: "monday 07:30". {nearest(day, WEEKDAYS)}'.strip()
