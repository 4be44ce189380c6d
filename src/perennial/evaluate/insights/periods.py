"""Ranges as instants, and their intervals: where each begins in the insight's calendar.

All bucketing is of local days in the insight's zone; hours are counted on from the local day's beginning, so
that a day of a clock change has 23 or 25. Instants inside are microseconds since 1970, in UTC.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from perennial.evaluate.insights.model import FromTo, Last, Range, Unit
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.values import Json
from perennial.kernel.windows import MICROSECOND, Zone, start_of_day

MOST_INTERVALS = 4_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A range cut into intervals."""

    unit: Unit
    zone: Zone
    borders: tuple[int, ...]
    """Where each interval begins, and the end of the last, in microseconds; strictly ascending."""
    whole: tuple[int, ...]
    """Where the whole unit of each interval begins, and the end of the last one's unit."""
    as_of: int
    """The last instant that is looked at."""

    @property
    def start(self) -> int:
        """The range's first instant."""
        return self.borders[0]

    @property
    def end(self) -> int:
        """The first instant behind the range."""
        return self.borders[-1]

    @property
    def until(self) -> int:
        """The first instant that is not looked at: what happens after the asking does not exist."""
        return min(self.end, self.as_of + 1)

    def __len__(self) -> int:
        return len(self.borders) - 1

    def place(self, at: int) -> int | None:
        """The interval an instant lies in."""
        if not self.start <= at < self.end:
            return None
        return bisect_right(self.borders, at) - 1

    def is_incomplete(self, place: int) -> bool:
        """Whether an interval has not ended, or the range holds only a part of its unit."""
        return (
            self.borders[place + 1] > self.as_of + 1
            or self.borders[place] > self.whole[place]
            or self.borders[place + 1] < self.whole[place + 1]
        )

    def label(self, place: int) -> str:
        """An interval's name: its first local day, or its first instant where intervals are hours."""
        local = instant_at(self.whole[place]).astimezone(self.zone.rules)
        return local.isoformat(timespec="minutes") if self.unit == "hour" else local.date().isoformat()

    def place_of_label(self, label: Json) -> int | None:
        """The interval of a name."""
        return next((place for place in range(len(self)) if self.label(place) == label), None)

    def shown(self) -> Json:
        """The range, as results tell it."""
        first, last = instant_at(self.start), instant_at(self.end)
        return {"from": first.isoformat(), "to": last.isoformat(), "intervals": len(self)}


def instant_at(micros: int) -> datetime:
    """The instant so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def micros_at(instant: datetime) -> int:
    """Microseconds from 1970 to an instant."""
    return (instant - _EPOCH) // MICROSECOND


def period_of(
    wanted: Range, unit: Unit, *, zone: Zone, now: datetime, as_of: datetime, whole_units: bool = False
) -> Period:
    """A range as of a moment, cut into intervals; stretched to whole ones where that is wanted.

    Raises InvalidDocument where it has no instant, or too many intervals.
    """
    start, end = _ends(wanted, zone, min(now, as_of))
    if start >= end:
        raise _refused("empty_range", "The range ends before it begins.", "`from` comes before `to`.")
    if whole_units and unit != "hour":
        start = start_of_day(_unit_start(_local(start, zone), unit, zone), zone)
        end = _whole_end(end, unit, zone)
    borders, whole = _cut(start, end, unit, zone)
    return Period(
        unit=unit,
        zone=zone,
        borders=tuple(micros_at(one) for one in borders),
        whole=tuple(micros_at(one) for one in whole),
        as_of=micros_at(as_of),
    )


def previous(period: Period) -> Period:
    """The same number of intervals just before, in the calendar."""
    zone, unit = period.zone, period.unit
    first = instant_at(period.whole[0])
    starts = [first]
    for _ in range(len(period)):
        starts.insert(0, _step_back(starts[0], unit, zone))
    # Half a week is compared with half a week, but a month with a month, however long.
    last = starts[-1]
    if period.end < period.whole[-1]:
        last = min(last, starts[-2] + (instant_at(period.end) - instant_at(period.whole[-2])))
    borders = [*starts[:-1], last]
    return Period(
        unit=unit,
        zone=zone,
        borders=tuple(micros_at(one) for one in borders),
        whole=tuple(micros_at(one) for one in starts),
        as_of=period.as_of,
    )


def extended(period: Period, *, before: int = 0, after: int = 0) -> Period:
    """The period with so many more whole intervals on either side."""
    starts = [instant_at(one) for one in period.whole]
    for _ in range(before):
        starts.insert(0, _step_back(starts[0], period.unit, period.zone))
    for _ in range(after):
        starts.append(_step(starts[-1], period.unit, period.zone))
    whole = tuple(micros_at(one) for one in starts)
    return Period(unit=period.unit, zone=period.zone, borders=whole, whole=whole, as_of=period.as_of)


def _ends(wanted: Range, zone: Zone, now: datetime) -> tuple[datetime, datetime]:
    match wanted:
        case Last(count=count, unit="hour"):
            begun = now.astimezone(zone.rules).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
            return begun - _HOUR * (count - 1), begun + _HOUR
        case Last(count=count, unit=unit):
            today = _local(now, zone)
            first = _back(today, count - 1, unit, zone)
            last = (
                today if unit in ("day", "week") else _next_unit(_unit_start(today, "month", zone), "month")
            )
            end = last + timedelta(days=1) if unit in ("day", "week") else last
            return start_of_day(first, zone), start_of_day(end, zone)
        case FromTo(start=start, end=end):
            first = start if isinstance(start, datetime) else start_of_day(start, zone)
            last = end if isinstance(end, datetime) else start_of_day(end + timedelta(days=1), zone)
            return first.astimezone(UTC), last.astimezone(UTC)


def _back(today: date, count: int, unit: str, zone: Zone) -> date:
    """The first day of so many units, the present one included."""
    if unit == "day":
        return today - timedelta(days=count)
    if unit == "week":
        return _unit_start(today, "week", zone) - timedelta(weeks=count)
    months = count * (12 if unit == "year" else 1) + (today.month - 1 if unit == "year" else 0)
    whole = today.year * 12 + today.month - 1 - months
    return date(whole // 12, whole % 12 + 1, 1)


def _local(instant: datetime, zone: Zone) -> date:
    return instant.astimezone(zone.rules).date()


def _unit_start(day: date, unit: str, zone: Zone) -> date:
    if unit == "week":
        return day - timedelta(days=(day.weekday() - zone.week_start) % 7)
    return day.replace(day=1) if unit == "month" else day


def _next_unit(first: date, unit: str) -> date:
    if unit == "month":
        return date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first + timedelta(days=7 if unit == "week" else 1)


def _whole_end(end: datetime, unit: Unit, zone: Zone) -> datetime:
    day = _local(end - MICROSECOND, zone)
    return start_of_day(_next_unit(_unit_start(day, unit, zone), unit), zone)


def _step(start: datetime, unit: Unit, zone: Zone) -> datetime:
    if unit == "hour":
        return start + _HOUR
    return start_of_day(_next_unit(_local(start, zone), unit), zone)


def _step_back(start: datetime, unit: Unit, zone: Zone) -> datetime:
    if unit == "hour":
        return start - _HOUR
    return start_of_day(_unit_start(_local(start, zone) - timedelta(days=1), unit, zone), zone)


def _cut(start: datetime, end: datetime, unit: Unit, zone: Zone) -> tuple[list[datetime], list[datetime]]:
    """Borders inside the range, and where the whole units begin that they are of."""
    if unit == "hour":
        local = start.astimezone(zone.rules)
        begun = start - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    else:
        begun = start_of_day(_unit_start(_local(start, zone), unit, zone), zone)
    whole: list[datetime] = [begun]
    while whole[-1] < end:
        whole.append(_step(whole[-1], unit, zone))
        if len(whole) > MOST_INTERVALS + 1:
            message = f"The range has more than {MOST_INTERVALS} intervals of one {unit}."
            raise _refused("too_many_intervals", message, "Take a shorter range, or longer intervals.")
    return [start, *whole[1:-1], end], whole


def _refused(code: str, message: str, hint: str) -> InvalidDocument:
    return InvalidDocument([Problem(path="$.range", code=code, message=message, hint=hint)])


def labels(period: Period) -> Sequence[str]:
    """The names of all intervals."""
    return [period.label(place) for place in range(len(period))]
