"""What the edges need of a workspace about how people may be reached."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from perennial.api.answers import Answer
from perennial.decide.journeys.model import Channel
from perennial.kernel.values import Json


class Policies(Protocol):
    """The gate's policy, and what it would say."""

    def validate_policy(self, text: str) -> Sequence[Answer]:
        """Every mistake in a policy of the gate."""
        ...

    def publish_policy(self, text: str) -> Answer:
        """Make a policy the live one."""
        ...

    def show_policy(self) -> Answer:
        """What the gate goes by."""
        ...

    def forecast_policy(
        self, condition: Json, *, channel: Channel, topic: str, at: datetime | None
    ) -> Answer:
        """How many people the gate would let through, hold or drop."""
        ...
