"""How things stand, counted in ClickHouse."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime

from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.rollup import QUARTER, quarter_of
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.evaluate.today import DayCount, JourneyRuns, LogTotals, NameCount
from perennial.kernel.ids import JourneyId
from perennial.kernel.windows import Zone

_Span = tuple[datetime | None, datetime | None]


class ClickHouseTodayFacts:
    """`evaluate.today.ports.TodayFacts` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def version(self) -> Hashable:
        """What is equal only while the log is the same."""
        found = self._transport.query(statement("log_version"))
        return tuple(tuple(column) for column in found.to_pydict().values())

    def totals(self, *, now: datetime) -> LogTotals:
        """How many events of clients there are, under which names, and when the first and last happened."""
        found = self._transport.query(statement("today_names"), _until(now))
        names = [str(name) for name in found["name"].to_pylist()]
        counts = integers(found, "events")
        firsts: list[datetime] = found["first_quarter"].to_pylist()
        lasts: list[datetime] = found["last_quarter"].to_pylist()
        first_at, last_at = self._span(min(firsts), max(lasts), now=now) if names else (None, None)
        return LogTotals(
            events=sum(counts),
            first_event_at=first_at,
            last_event_at=last_at,
            by_name=tuple(
                NameCount(name=name, events=events) for name, events in zip(names, counts, strict=True)
            ),
        )

    def days(self, *, start: datetime, now: datetime, zone: Zone) -> Sequence[DayCount]:
        """Events of clients and people with one, by local day from `start` on; empty days are absent."""
        asked = {"start": _instant(start), "zone": Parameter(type="String", value=zone.name)}
        found = self._transport.query(statement("today_days"), {**_until(now), **asked})
        days = [date.fromisoformat(str(day)) for day in found["day"].to_pylist()]
        counts = zip(days, integers(found, "events"), integers(found, "people"), strict=True)
        return [DayCount(day=day, events=events, people=people) for day, events, people in counts]

    def withheld(self, *, now: datetime) -> int:
        """How many messages of controls were decided and not sent."""
        found = self._transport.query(statement("today_withheld"), {"now": _instant(now)})
        return sum(integers(found, "messages"))

    def runs(self, *, now: datetime) -> Mapping[JourneyId, JourneyRuns]:
        """Runs through every journey; those that nobody ever entered are absent."""
        found = self._transport.query(statement("today_runs"), {"now": _instant(now)})
        journeys = [JourneyId(str(journey)) for journey in found["journey"].to_pylist()]
        columns = (integers(found, name) for name in ("entered", "ended", "reached"))
        return {
            journey: JourneyRuns(entered=entered, ended=ended, reached=reached)
            for journey, entered, ended, reached in zip(journeys, *columns, strict=True)
        }

    def _span(
        self, first: datetime, last: datetime, *, now: datetime
    ) -> tuple[datetime | None, datetime | None]:
        bounds = {"first": first, "first_end": first + QUARTER, "last": last, "now": now}
        found = self._transport.query(
            statement("today_span"), {name: _instant(bound) for name, bound in bounds.items()}
        )
        return found["first_at"].to_pylist()[0], found["last_at"].to_pylist()[0]


def _until(now: datetime) -> Mapping[str, Parameter]:
    return {"now": _instant(now), "quarter": _instant(quarter_of(now))}


def _instant(instant: datetime) -> Parameter:
    return Parameter(type="DateTime64(6, 'UTC')", value=instant)
