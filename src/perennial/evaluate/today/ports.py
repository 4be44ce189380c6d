"""What today needs of the event store: a handful of questions, each answered in one pass."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.evaluate.today.model import DayCount, JourneyRuns, LogTotals
from perennial.kernel.ids import JourneyId
from perennial.kernel.windows import Zone


class TodayFacts(Protocol):
    """What the log says up to an instant (`occurred_at <= now`)."""

    def version(self) -> Hashable:
        """What is equal only while the log is the same; quick to ask."""
        ...

    def totals(self, *, now: datetime) -> LogTotals:
        """How many events of clients there are, under which names, and when the first and last happened."""
        ...

    def days(self, *, start: datetime, now: datetime, zone: Zone) -> Sequence[DayCount]:
        """Events of clients and people with one, by local day from `start` on; empty days are absent."""
        ...

    def runs(self, *, now: datetime) -> Mapping[JourneyId, JourneyRuns]:
        """Runs through every journey; those that nobody ever entered are absent."""
        ...

    def withheld(self, *, now: datetime) -> int:
        """How many messages of controls were decided and not sent."""
        ...
