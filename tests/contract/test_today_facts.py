"""What the first page counts from the log, on every engine."""

from datetime import UTC, date, datetime, timedelta

from tests.contract.test_journey_facts import log, message, run
from tests.unit.decide.journey_builders import DAY, HOUR, NOON, published, winback

from perennial.backends.clickhouse import Transport
from perennial.backends.clickhouse.store import ClickHouseEventStore
from perennial.backends.clickhouse.today import ClickHouseTodayFacts
from perennial.collect.events.columns import EventRow, to_table
from perennial.evaluate.today import DayCount, JourneyRuns, LogTotals, NameCount
from perennial.kernel.events import RowKind
from perennial.kernel.ids import JourneyId, ProfileId
from perennial.kernel.windows import Zone

MIDNIGHT_IN_SHANGHAI = datetime(2026, 3, 1, 16, tzinfo=UTC)
SHANGHAI = Zone(name="Asia/Shanghai")
MINUTE = timedelta(minutes=1)


def event(number: int, at: datetime, name: str = "order_paid", kind: RowKind = "track") -> EventRow:
    return EventRow(
        profile_id=ProfileId(number),
        occurred_at=at,
        received_at=at,
        name=name,
        kind=kind,
        origin="source",
        source="web",
        message_id=f"{number}-{at.isoformat()}-{name}",
    )


def write(transport: Transport, *rows: EventRow) -> None:
    ClickHouseEventStore(transport).append(to_table(rows), token="rows")


def test_a_day_begins_at_the_workspaces_own_midnight(transport: Transport) -> None:
    write(
        transport,
        event(1, MIDNIGHT_IN_SHANGHAI - MINUTE),
        event(1, MIDNIGHT_IN_SHANGHAI),
        event(1, MIDNIGHT_IN_SHANGHAI + MINUTE),
        event(2, MIDNIGHT_IN_SHANGHAI + HOUR),
    )
    facts = ClickHouseTodayFacts(transport)
    start, now = MIDNIGHT_IN_SHANGHAI - DAY, MIDNIGHT_IN_SHANGHAI + DAY
    assert list(facts.days(start=start, now=now, zone=SHANGHAI)) == [
        DayCount(day=date(2026, 3, 1), events=1, people=1),
        DayCount(day=date(2026, 3, 2), events=3, people=2),
    ]
    assert [count.events for count in facts.days(start=start, now=now, zone=Zone())] == [4]
    assert [count.events for count in facts.days(start=MIDNIGHT_IN_SHANGHAI, now=now, zone=Zone())] == [3]


def test_merged_people_count_once_a_day(transport: Transport) -> None:
    write(transport, event(1, NOON), event(2, NOON), event(3, NOON))
    ClickHouseEventStore(transport).override({ProfileId(1): ProfileId(3)}, version=1)
    [day] = ClickHouseTodayFacts(transport).days(start=NOON - DAY, now=NOON, zone=Zone())
    assert (day.events, day.people) == (3, 2)


def test_only_what_clients_did_by_now_is_counted(transport: Transport) -> None:
    write(
        transport,
        event(1, NOON),
        event(1, NOON - DAY),
        event(2, NOON + HOUR),
        event(3, NOON, "page", "page"),
        event(4, NOON, "identify", "identify"),
    )
    log(transport, run(published(winback(control="none")), 5, orders=False), append="ours")
    assert ClickHouseTodayFacts(transport).totals(now=NOON) == LogTotals(
        events=3,
        first_event_at=NOON - DAY,
        last_event_at=NOON,
        by_name=(NameCount(name="order_paid", events=2), NameCount(name="page", events=1)),
    )


def test_the_quarter_that_is_still_going_counts_up_to_now(transport: Transport) -> None:
    write(transport, event(1, NOON), event(2, NOON + 2 * MINUTE), event(3, NOON + 4 * MINUTE))
    facts = ClickHouseTodayFacts(transport)
    now = NOON + 3 * MINUTE
    totals = facts.totals(now=now)
    assert (totals.events, totals.first_event_at, totals.last_event_at) == (2, NOON, NOON + 2 * MINUTE)
    [day] = facts.days(start=NOON - DAY, now=now, zone=Zone())
    assert (day.events, day.people) == (2, 2)


def test_the_log_has_another_version_with_every_row_and_every_merge(transport: Transport) -> None:
    facts = ClickHouseTodayFacts(transport)
    versions = [facts.version()]
    write(transport, event(1, NOON), event(2, NOON))
    versions.append(facts.version())
    ClickHouseEventStore(transport).append(to_table([event(1, NOON + DAY)]), token="more")
    versions.append(facts.version())
    ClickHouseEventStore(transport).override({ProfileId(1): ProfileId(2)}, version=1)
    versions.append(facts.version())
    assert len(set(versions)) == len(versions)
    assert facts.version() == versions[-1]


def test_messages_of_controls_are_counted_as_withheld(transport: Transport) -> None:
    facts = ClickHouseTodayFacts(transport)
    assert facts.withheld(now=NOON) == 0
    log(transport, [message("message_withheld", number) for number in (1, 2)])
    log(transport, [message("message_withheld", 4, NOON + HOUR)], append="later")
    log(transport, [message("message_sent", 3)], append="sent")
    assert facts.withheld(now=NOON) == 2


def test_an_empty_log_says_so(transport: Transport) -> None:
    facts = ClickHouseTodayFacts(transport)
    assert facts.totals(now=NOON) == LogTotals(events=0, first_event_at=None, last_event_at=None, by_name=())
    assert list(facts.days(start=NOON - DAY, now=NOON, zone=Zone())) == []
    assert facts.runs(now=NOON) == {}


def test_runs_are_counted_by_journey_and_a_repeated_row_counts_once(transport: Transport) -> None:
    journey = published(winback(control="none"))
    effects = [one for number in range(1, 11) for one in run(journey, number, orders=number <= 3)]
    log(transport, effects)
    log(transport, effects, append="again")
    facts = ClickHouseTodayFacts(transport)
    winback_id = JourneyId("cart_winback")
    assert facts.runs(now=NOON + HOUR) == {winback_id: JourneyRuns(entered=10, ended=0, reached=0)}
    later = facts.runs(now=NOON + DAY)[winback_id]
    assert (later.entered, later.reached, later.in_progress) == (10, 3, 0)
