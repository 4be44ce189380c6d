"""What the gate would say of a message to many people, were it asked for now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from perennial.decide.policies import Drop, Hold, Pass
from perennial.deliver.messages.gate import Gate, judge_each
from perennial.deliver.messages.model import Message
from perennial.deliver.messages.ports import DeliveryState
from perennial.kernel.ids import ProfileId


@dataclass(slots=True)
class Forecast:
    """How many people would get a message, later or not at all, by reason."""

    people: int = 0
    passing: int = 0
    held: Counter[str] = field(default_factory=Counter[str])
    dropped: Counter[str] = field(default_factory=Counter[str])
    held_from: datetime | None = None
    """When the first of those who wait may get it."""
    held_until: datetime | None = None
    """When the last of them may."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many in all end each way."""
        return {"pass": self.passing, "held": self.held.total(), "dropped": self.dropped.total()}

    def add(
        self,
        state: DeliveryState,
        people: Sequence[ProfileId],
        message: Message,
        gate: Gate,
        *,
        now: datetime,
    ) -> None:
        """Put a message like this one to each of these people to the gate, and count; nothing is written."""
        self.people += len(people)
        for verdict in judge_each(state, people, message, gate, now=now):
            match verdict:
                case Pass():
                    self.passing += 1
                case Hold(reason=reason, until=until):
                    self.held[reason] += 1
                    self.held_from = min(until, self.held_from or until)
                    self.held_until = max(until, self.held_until or until)
                case Drop(reason=reason):
                    self.dropped[reason] += 1
