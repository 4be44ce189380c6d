"""Reading times: durations, dates, instants and the windows made of them."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from perennial.kernel.conditions.problems import Problems
from perennial.kernel.errors import nearest
from perennial.kernel.values import INSTANT_PATTERN, Json
from perennial.kernel.windows import (
    CALENDAR_WORDS,
    EARLIEST,
    LATEST,
    Between,
    Calendar,
    LookBack,
    Window,
    parse_duration,
)

_INSTANT = re.compile(INSTANT_PATTERN)


def read_span(value: Json, path: str, problems: Problems, *, what: str) -> timedelta | None:
    """A duration such as `30d`."""
    span = parse_duration(value) if isinstance(value, str) else None
    if span is None:
        problems.add(
            path,
            "bad_duration",
            f"{what} is a duration, not {value!r}.",
            "Write a whole number and s, m, h, d or w: '30d', '24h', '15m'; at most 36525d.",
        )
    return span


def read_moment(value: Json, path: str, problems: Problems, *, what: str) -> date | datetime | None:
    """A date (a local day), or an instant with its offset from UTC."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        problems.add(path, "bad_date", f"{what} is a date or an instant, not {value!r}.", _MOMENT_HINT)
        return None
    try:
        moment = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        problems.add(path, "bad_date", f"There is no {value}.", _MOMENT_HINT)
        return None
    if isinstance(moment, datetime) and moment.tzinfo is None:
        problems.add(path, "no_offset", f"{value!r} does not say where in the world.", "Add 'Z' or '+08:00'.")
        return None
    if not EARLIEST.year <= moment.year <= LATEST.year:
        problems.add(path, "bad_date", f"{value} is outside the years 1900 to 2299.", _UNBOUNDED_HINT)
        return None
    return moment


_UNBOUNDED_HINT = "For no limit, leave that end of a window out; `set: true` asks for any value."
_MOMENT_HINT = "Write '2026-03-01' for a local day, '2026-03-01T09:00:00+08:00' for an instant."


def parse_window(document: Json, *, path: str = "$") -> Window:
    """The window a document means: `"30d"`, `{"calendar": …}` or `{"from": …, "to": …}`."""
    problems = Problems()
    window = read_window(document, path, problems)
    if window is None or problems.found:
        problems.raise_all()
    return window


def read_window(value: Json, path: str, problems: Problems) -> Window | None:
    """A look-back, a calendar word, or from and to."""
    if isinstance(value, str):
        span = read_span(value, path, problems, what="A window")
        return None if span is None else LookBack(span=span)
    found = problems.mapping(value, path, what='A window, unless it is a duration such as "30d",')
    if found is None:
        return None
    problems.unknown_keys(found, ("calendar", "from", "to"), path)
    if "calendar" in found:
        return _read_calendar(found, path, problems)
    return _read_between(found, path, problems)


def _read_calendar(found: Mapping[str, Json], path: str, problems: Problems) -> Window | None:
    if len(found) > 1:
        problems.add(path, "several_windows", "A window is a calendar word, or from and to, not both.")
        return None
    wanted = found["calendar"]
    for word in CALENDAR_WORDS:
        if word == wanted:
            return Calendar(word=word)
    problems.add(
        f"{path}.calendar",
        "unknown_calendar",
        f"{wanted!r} is no calendar word.",
        nearest(str(wanted), CALENDAR_WORDS),
    )
    return None


def _read_between(found: Mapping[str, Json], path: str, problems: Problems) -> Window | None:
    ends: dict[str, date | datetime | None] = {
        key: read_moment(found[key], f"{path}.{key}", problems, what=f"`{key}`")
        for key in ("from", "to")
        if key in found
    }
    if not ends:
        problems.add(path, "no_window", "The window has neither end.", "Give `from`, `to`, or both.")
        return None
    if any(end is None for end in ends.values()):
        return None
    start, end = ends.get("from"), ends.get("to")
    if start is not None and end is not None and _is_backwards(start, end):
        problems.add(path, "empty_window", "The window ends before it begins.", "Exchange `from` and `to`.")
        return None
    return Between(start=start, end=end)


def _is_backwards(start: date | datetime, end: date | datetime) -> bool:
    if isinstance(start, datetime) and isinstance(end, datetime):
        return start >= end
    if isinstance(start, datetime) or isinstance(end, datetime):
        # A day and an instant can only be compared where the person's time zone is known.
        return False
    return start > end
