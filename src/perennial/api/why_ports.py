"""What the edges need of a workspace to say why."""

from datetime import datetime
from typing import Protocol

from perennial.api.answers import Answer
from perennial.kernel.values import Json


class Explaining(Protocol):
    """Why something holds for a person, or does not."""

    def why_person(
        self, user_id: str, *, condition: Json, segment: str | None, tag: str | None, as_of: datetime | None
    ) -> Answer:
        """Each part of a condition, a segment or a tag: whether it holds, and what was seen."""
        ...

    def why_journey(self, journey_id: str, user_id: str, *, key: str | None) -> Answer:
        """Each rule that decided about a person in a journey."""
        ...
