"""The nouns of schedules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from perennial.kernel.values import Json

ScheduleKind = Literal["source", "export"]
"""A database that is read from, or written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """One schedule as it stands."""

    kind: ScheduleKind
    schedule_id: str
    document: Mapping[str, Json]
    due_at: datetime
    ran_at: datetime | None = None
    outcome: Mapping[str, Json] | None = None
    """What the last run that succeeded came to."""
    problem: Mapping[str, Json] | None = None
    """Why the last run failed; None where it did not."""
    mark: Mapping[str, Json] | None = None
    """How far a source was read."""
