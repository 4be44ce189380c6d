"""What is known of one person from the log as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from perennial.kernel.ids import ProfileId


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """How often a person did one thing, and when first and last."""

    name: str
    events: int
    first_at: datetime
    last_at: datetime


class PersonFacts(Protocol):
    """Everything the log says of one person, whichever of their profiles rows lie under."""

    def sources_of(self, profile_id: ProfileId, message_ids: Sequence[str]) -> Mapping[str, str]:
        """Which source each of these identify calls came from; calls that are not in the log are absent."""
        ...

    def activity_of(self, profile_id: ProfileId, *, until: datetime, limit: int) -> Sequence[Activity]:
        """What the person did how often, the most frequent first."""
        ...
