"""What the edges need of a workspace about journeys that run."""

from collections.abc import Mapping
from typing import Protocol

from perennial.api.answers import Answer
from perennial.kernel.values import Json


class RunningJourneys(Protocol):
    """Journeys that take people in, are paused, and end."""

    def enter_journey(
        self,
        journey_id: str,
        user_id: str,
        *,
        properties: Mapping[str, Json],
        request_id: str | None = None,
    ) -> Answer:
        """Ask that a person come into a journey whose entry is `api`."""
        ...

    def pause_journey(self, journey_id: str) -> Answer:
        """Stop a journey's clockwork; everybody keeps their place."""
        ...

    def resume_journey(self, journey_id: str) -> Answer:
        """Let a paused journey run on."""
        ...

    def end_journey(self, journey_id: str) -> Answer:
        """Stop a journey for good."""
        ...
