"""What is counted from the log, kept for as long as nothing is added to it: pages ask the same all day."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from perennial.evaluate.readouts import ArmGroup, JourneyFacts, NodeCounts
from perennial.evaluate.today import DayCount, JourneyRuns, LogTotals, TodayFacts
from perennial.kernel.ids import JourneyId
from perennial.kernel.windows import Zone

T = TypeVar("T")

KEPT_FOR = timedelta(minutes=1)
"""Without news, too, goal windows end and days begin: so old may an answer be."""


@dataclass(slots=True)
class Kept(Generic[T]):
    """Answers by their question, each worked out once."""

    _answers: dict[Hashable, T] = field(default_factory=dict[Hashable, T])

    def get(self, question: Hashable, answer: Callable[[], T]) -> T:
        """The kept answer, else this one. Two who ask at once may both work it out."""
        if question not in self._answers:
            self._answers[question] = answer()
        return self._answers[question]


@dataclass(frozen=True, slots=True)
class KeptJourneyFacts:
    """`JourneyFacts` of one state of the log."""

    facts: JourneyFacts
    _arms: Kept[Mapping[JourneyId, Sequence[ArmGroup]]] = field(
        default_factory=Kept[Mapping[JourneyId, Sequence[ArmGroup]]]
    )
    _nodes: Kept[Sequence[NodeCounts]] = field(default_factory=Kept[Sequence[NodeCounts]])
    _messages: Kept[Mapping[str, int]] = field(default_factory=Kept[Mapping[str, int]])

    def arms(
        self, journey_ids: Sequence[JourneyId], *, now: datetime
    ) -> Mapping[JourneyId, Sequence[ArmGroup]]:
        """People by their first entry's arm and control share."""
        asked = (tuple(journey_ids), now)
        return self._arms.get(asked, lambda: self.facts.arms(journey_ids, now=now))

    def nodes(self, journey_id: JourneyId, *, now: datetime) -> Sequence[NodeCounts]:
        """How often each node was entered and left by each edge."""
        return self._nodes.get((journey_id, now), lambda: self.facts.nodes(journey_id, now=now))

    def messages(self, journey_id: JourneyId, *, now: datetime) -> Mapping[str, int]:
        """The journey's messages by the furthest state each has come to."""
        return self._messages.get((journey_id, now), lambda: self.facts.messages(journey_id, now=now))


@dataclass(frozen=True, slots=True)
class KeptTodayFacts:
    """`TodayFacts` of one state of the log."""

    facts: TodayFacts
    _totals: Kept[LogTotals] = field(default_factory=Kept[LogTotals])
    _days: Kept[Sequence[DayCount]] = field(default_factory=Kept[Sequence[DayCount]])
    _runs: Kept[Mapping[JourneyId, JourneyRuns]] = field(
        default_factory=Kept[Mapping[JourneyId, JourneyRuns]]
    )
    _withheld: Kept[int] = field(default_factory=Kept[int])

    def version(self) -> Hashable:
        """What is equal only while the log is the same."""
        return self.facts.version()

    def totals(self, *, now: datetime) -> LogTotals:
        """How many events of clients there are, and when."""
        return self._totals.get(now, lambda: self.facts.totals(now=now))

    def days(self, *, start: datetime, now: datetime, zone: Zone) -> Sequence[DayCount]:
        """Events of clients and people with one, by local day."""
        asked = (start, now, zone)
        return self._days.get(asked, lambda: self.facts.days(start=start, now=now, zone=zone))

    def runs(self, *, now: datetime) -> Mapping[JourneyId, JourneyRuns]:
        """Runs through every journey."""
        return self._runs.get(now, lambda: self.facts.runs(now=now))

    def withheld(self, *, now: datetime) -> int:
        """How many messages of controls were decided and not sent."""
        return self._withheld.get(now, lambda: self.facts.withheld(now=now))


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsAt:
    """The log in one state, asked about as of one instant."""

    now: datetime
    version: Hashable
    journeys: JourneyFacts
    today: TodayFacts
    _people: Kept[int] = field(default_factory=Kept[int])

    def people(self, count: Callable[[], int]) -> int:
        """How many people there are, counted so unless it is known."""
        return self._people.get(None, count)


class LogFacts:
    """What is counted from the log: of journeys one by one, and of the whole workspace."""

    def __init__(self, *, journeys: JourneyFacts, today: TodayFacts) -> None:
        self.journeys = journeys
        self._today = today
        self._last: FactsAt | None = None
        self._lock = Lock()

    def at(self, now: datetime) -> FactsAt:
        """The log as of `now`, or as of up to a minute before where nothing was added since.

        An answer says the instant it is of: `FactsAt.now`.
        """
        # Asked before anything is counted: what is added meanwhile makes the next one count anew.
        version = self._today.version()
        with self._lock:
            last = self._last
            if last is None or last.version != version or not last.now <= now < last.now + KEPT_FOR:
                last = self._last = FactsAt(
                    now=now,
                    version=version,
                    journeys=KeptJourneyFacts(self.journeys),
                    today=KeptTodayFacts(self._today),
                )
        return last
