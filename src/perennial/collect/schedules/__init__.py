"""A schedule is work that is due again and again, with what it was told and what became of it last."""

from perennial.collect.schedules.model import Scheduled, ScheduleKind
from perennial.collect.schedules.ports import Schedules

__all__ = ["ScheduleKind", "Scheduled", "Schedules"]
