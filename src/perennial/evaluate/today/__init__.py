"""Today says how things stand: how much happens, with how many people, and what the running journeys do."""

from perennial.evaluate.today.model import Day, DayCount, JourneyRuns, LogTotals, NameCount
from perennial.evaluate.today.ports import TodayFacts
from perennial.evaluate.today.rules import filled, last_days

__all__ = [
    "Day",
    "DayCount",
    "JourneyRuns",
    "LogTotals",
    "NameCount",
    "TodayFacts",
    "filled",
    "last_days",
]
