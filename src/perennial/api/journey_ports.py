"""What the edges need of a workspace about journeys that run."""

from collections.abc import Mapping
from typing import Protocol

from perennial.api.answers import Answer, Page
from perennial.kernel.values import Json


class RunningJourneys(Protocol):
    """Journeys that are published, take people in, are paused, and end."""

    def publish_journey(self, text: str, *, approve: bool, plan: Json, base_version: int | None) -> Answer:
        """Publish a journey's document as its next version."""
        ...

    def plan_journey(self, text: str) -> Answer:
        """Whom publishing a draft would touch."""
        ...

    def list_journey_versions(self, journey_id: str, *, limit: int, after: str | None) -> Page:
        """A journey's versions, the newest first."""
        ...

    def show_journey_version(self, journey_id: str, version: int) -> Answer:
        """One version, and what it changed of the one before."""
        ...

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
