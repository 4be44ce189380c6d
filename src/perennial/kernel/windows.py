"""Windows of time: how long, since when, and which local days.

Instants are aware UTC. Look-back windows are `(start, end]`; windows from dates or instants that a
person wrote are `[start, end)`. Both are reduced here to `Bounds`, the only form that the compiler,
the reference evaluator and the explainer see, so that they cannot disagree about time zones.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"([1-9][0-9]{0,8})(s|m|h|d|w)")
MICROSECOND = timedelta(microseconds=1)
LONGEST_SPAN = timedelta(days=36525)
"""A hundred years: no calendar arithmetic with it leaves the years 1 to 9999."""
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2299, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
"""What the event store's clock can hold; other moments are neither kept nor asked about."""

CalendarWord = Literal[
    "today",
    "yesterday",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_quarter",
    "last_quarter",
    "this_year",
    "last_year",
]
CALENDAR_WORDS: tuple[CalendarWord, ...] = (
    "today",
    "yesterday",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_quarter",
    "last_quarter",
    "this_year",
    "last_year",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """The span before the moment of asking: an event exactly `span` ago is outside."""

    span: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A named stretch of local days: today, last week, this quarter …"""

    word: CalendarWord


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """From and to as a person wrote them: dates are whole local days, both inside; instants half-open."""

    start: date | datetime | None
    end: date | datetime | None


Window = LookBack | Calendar | Between


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A window as instants: `after < occurred_at <= until`, microsecond exact; None is unbounded."""

    after: datetime | None
    until: datetime | None

    def contains(self, instant: datetime) -> bool:
        """Whether an instant lies inside."""
        return (self.after is None or instant > self.after) and (self.until is None or instant <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The local calendar that days and weeks are counted in."""

    name: str = "UTC"
    week_start: int = 0
    """Monday is 0, Sunday is 6."""

    @property
    def rules(self) -> ZoneInfo:
        """The time zone's rules."""
        return ZoneInfo(self.name)


def parse_duration(text: str) -> timedelta | None:
    """A span written as `30d`, `24h`, `15m`, `10s`, `2w`; None where it is not one of at most 100 years."""
    found = _DURATION.fullmatch(text)
    if not found:
        return None
    seconds = int(found[1]) * _UNITS[found[2]]
    return timedelta(seconds=seconds) if seconds <= LONGEST_SPAN.total_seconds() else None


def format_duration(span: timedelta) -> str:
    """The shortest way to write a span: `7d` rather than `168h`, and `30d` rather than weeks."""
    seconds = int(span.total_seconds())
    for unit in ("d", "h", "m"):
        if seconds % _UNITS[unit] == 0 and seconds:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


def start_of_day(day: date, zone: Zone) -> datetime:
    """The first instant of a local day, in UTC.

    Where midnight happens twice it is the earlier one; where a clock change skips midnight it is the
    first instant that exists (PEP 495: an imaginary time with fold=0 takes the offset before the gap).
    """
    return datetime.combine(day, time.min, tzinfo=zone.rules).astimezone(UTC)


def bounds(window: Window | None, *, as_of: datetime, zone: Zone) -> Bounds:
    """The instants a window covers when asked at `as_of`; never beyond `as_of` itself."""
    match window:
        case None:
            return Bounds(after=None, until=as_of)
        case LookBack(span=span):
            return Bounds(after=as_of - span, until=as_of)
        case Calendar(word=word):
            first, next_first = calendar_days(word, today=as_of.astimezone(zone.rules).date(), zone=zone)
            return _half_open(start_of_day(first, zone), start_of_day(next_first, zone), as_of)
        case Between(start=start, end=end):
            return _half_open(
                None if start is None else _opening(start, zone),
                None if end is None else _closing(end, zone),
                as_of,
            )


_FOLLOWING: dict[CalendarWord, CalendarWord] = {
    "yesterday": "today",
    "last_week": "this_week",
    "last_month": "this_month",
    "last_quarter": "this_quarter",
    "last_year": "this_year",
}


def begins(window: Window | None) -> bool:
    """Whether there is time before a window."""
    return window is not None and not (isinstance(window, Between) and window.start is None)


def following(window: Window | None) -> Window | None:
    """The time from the end of a window up to the moment of asking; None where it may not have ended."""
    match window:
        case None | LookBack():
            return None
        case Calendar(word=word):
            return Calendar(word=_FOLLOWING[word]) if word in _FOLLOWING else None
        case Between(end=None):
            return None
        case Between(end=datetime() as end):
            return Between(start=end, end=None)
        case Between(end=date() as end):
            return Between(start=end + timedelta(days=1), end=None)
        case _:
            return None


def calendar_days(word: CalendarWord, *, today: date, zone: Zone) -> tuple[date, date]:
    """First local day of a calendar word's stretch, and the first day after it."""
    this, _, unit = word.partition("_")
    if word in ("today", "yesterday"):
        first = today if word == "today" else today - timedelta(days=1)
        return first, first + timedelta(days=1)
    first = _start_of_unit(unit, today, zone)
    if this == "this":
        return first, _start_of_next(unit, first)
    return _start_of_unit(unit, first - timedelta(days=1), zone), first


def _start_of_unit(unit: str, day: date, zone: Zone) -> date:
    if unit == "week":
        return day - timedelta(days=(day.weekday() - zone.week_start) % 7)
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1)


def _start_of_next(unit: str, first: date) -> date:
    if unit == "week":
        return first + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    month = first.month - 1 + months
    return first.replace(year=first.year + month // 12, month=month % 12 + 1)


def _opening(moment: date | datetime, zone: Zone) -> datetime:
    return moment if isinstance(moment, datetime) else start_of_day(moment, zone)


def _closing(moment: date | datetime, zone: Zone) -> datetime:
    return moment if isinstance(moment, datetime) else start_of_day(moment + timedelta(days=1), zone)


def _half_open(start: datetime | None, end: datetime | None, as_of: datetime) -> Bounds:
    last = as_of if end is None else min(as_of, end - MICROSECOND)
    return Bounds(after=None if start is None else start - MICROSECOND, until=last)
