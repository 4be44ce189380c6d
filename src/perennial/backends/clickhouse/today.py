"""How things stand, counted in ClickHouse."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.evaluate.today import DayCount, JourneyRuns, LogTotals, NameCount
from perennial.kernel.ids import JourneyId
from perennial.kernel.windows import Zone


class ClickHouseTodayFacts:
    """`evaluate.today.ports.TodayFacts` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def totals(self, *, now: datetime) -> LogTotals:
        """How many events of clients there are, under which names, and when the first and last happened."""
        found = self._transport.query(statement("today_names"), {"now": _instant(now)})
        names = [str(name) for name in found["name"].to_pylist()]
        counts = integers(found, "events")
        firsts: list[datetime] = found["first_at"].to_pylist()
        lasts: list[datetime] = found["last_at"].to_pylist()
        return LogTotals(
            events=sum(counts),
            first_event_at=min(firsts, default=None),
            last_event_at=max(lasts, default=None),
            by_name=tuple(
                NameCount(name=name, events=events) for name, events in zip(names, counts, strict=True)
            ),
        )

    def days(self, *, start: datetime, now: datetime, zone: Zone) -> Sequence[DayCount]:
        """Events of clients and people with one, by local day from `start` on; empty days are absent."""
        found = self._transport.query(
            statement("today_days"),
            {
                "start": _instant(start),
                "now": _instant(now),
                "zone": Parameter(type="String", value=zone.name),
            },
        )
        days = [date.fromisoformat(str(day)) for day in found["day"].to_pylist()]
        counts = zip(days, integers(found, "events"), integers(found, "people"), strict=True)
        return [DayCount(day=day, events=events, people=people) for day, events, people in counts]

    def runs(self, *, now: datetime) -> Mapping[JourneyId, JourneyRuns]:
        """Runs through every journey; those that nobody ever entered are absent."""
        found = self._transport.query(statement("today_runs"), {"now": _instant(now)})
        journeys = [JourneyId(str(journey)) for journey in found["journey"].to_pylist()]
        columns = (integers(found, name) for name in ("entered", "ended", "reached"))
        return {
            journey: JourneyRuns(entered=entered, ended=ended, reached=reached)
            for journey, entered, ended, reached in zip(journeys, *columns, strict=True)
        }


def _instant(instant: datetime) -> Parameter:
    return Parameter(type="DateTime64(6, 'UTC')", value=instant)
