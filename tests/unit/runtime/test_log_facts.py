"""What is kept of the log's counts, and when it is counted anew."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from perennial.evaluate.readouts import ArmGroup, NodeCounts
from perennial.evaluate.today import DayCount, JourneyRuns, LogTotals
from perennial.kernel.ids import JourneyId
from perennial.kernel.windows import Zone
from perennial.runtime.log_facts import KEPT_FOR, LogFacts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class CountingFacts:
    """A log that notes when it is asked to count."""

    def __init__(self) -> None:
        self.rows = 1
        self.asked: list[datetime] = []

    def version(self) -> Hashable:
        return self.rows

    def totals(self, *, now: datetime) -> LogTotals:
        self.asked.append(now)
        return LogTotals(events=self.rows, first_event_at=None, last_event_at=None, by_name=())

    def days(self, *, start: datetime, now: datetime, zone: Zone) -> Sequence[DayCount]:
        return []

    def runs(self, *, now: datetime) -> Mapping[JourneyId, JourneyRuns]:
        return {}

    def withheld(self, *, now: datetime) -> int:
        return 0


class NoJourneys:
    """Nobody ever came in."""

    def arms(
        self, journey_ids: Sequence[JourneyId], *, now: datetime
    ) -> Mapping[JourneyId, Sequence[ArmGroup]]:
        return {journey_id: [] for journey_id in journey_ids}

    def nodes(self, journey_id: JourneyId, *, now: datetime) -> Sequence[NodeCounts]:
        return []

    def messages(self, journey_id: JourneyId, *, now: datetime) -> Mapping[str, int]:
        return {}


def events(log: LogFacts, now: datetime) -> tuple[int, datetime]:
    facts = log.at(now)
    return facts.today.totals(now=facts.now).events, facts.now


def test_without_news_the_answer_of_a_moment_ago_stands_and_says_of_when_it_is() -> None:
    counting = CountingFacts()
    log = LogFacts(journeys=NoJourneys(), today=counting)
    assert events(log, NOON) == (1, NOON)
    assert events(log, NOON + KEPT_FOR - SECOND) == (1, NOON)
    assert counting.asked == [NOON]


def test_a_new_row_is_counted_at_once() -> None:
    counting = CountingFacts()
    log = LogFacts(journeys=NoJourneys(), today=counting)
    events(log, NOON)
    counting.rows = 2
    assert events(log, NOON + SECOND) == (2, NOON + SECOND)


def test_after_a_minute_it_is_counted_anew_for_windows_end_without_news_too() -> None:
    counting = CountingFacts()
    log = LogFacts(journeys=NoJourneys(), today=counting)
    events(log, NOON)
    assert events(log, NOON + KEPT_FOR) == (1, NOON + KEPT_FOR)


def test_a_clock_that_was_set_back_gets_no_answer_from_its_future() -> None:
    counting = CountingFacts()
    log = LogFacts(journeys=NoJourneys(), today=counting)
    events(log, NOON)
    assert events(log, NOON - SECOND) == (1, NOON - SECOND)
