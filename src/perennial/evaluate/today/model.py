"""The nouns of today: counts of days, of event names, and of runs through journeys."""

from dataclasses import dataclass
from datetime import date, datetime

DAYS_SHOWN = 30
NAMES_SHOWN = 12

Day = date
"""A day of the workspace's own calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """What happened on one local day."""

    day: Day
    events: int
    people: int
    """People with an event that day, counted exactly; merged people count once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCount:
    """How many events there are under a name."""

    name: str
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTotals:
    """The whole log up to an instant; events of clients only."""

    events: int
    first_event_at: datetime | None
    last_event_at: datetime | None
    by_name: tuple[NameCount, ...]
    """Every name, the most frequent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyRuns:
    """Runs through one journey, all versions together; a person who came in twice has two."""

    entered: int
    ended: int
    reached: int
    """Runs whose goal happened within its window, whether or not that window has ended."""

    @property
    def in_progress(self) -> int:
        """Runs that have not ended."""
        return self.entered - self.ended


NO_RUNS = JourneyRuns(entered=0, ended=0, reached=0)
