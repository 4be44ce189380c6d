"""What a read-out needs of the event store; everything is counted from the log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.evaluate.readouts.model import ArmGroup, NodeCounts
from perennial.kernel.ids import JourneyId


class JourneyFacts(Protocol):
    """What the log says of journeys, up to an instant. People are canonical profiles."""

    def arms(
        self, journey_ids: Sequence[JourneyId], *, now: datetime
    ) -> Mapping[JourneyId, Sequence[ArmGroup]]:
        """People by their first entry's arm and control share: all, matured, and with the goal reached.

        A person has matured when `now` is past the goal window after their first entry. People seen in
        both arms (after a merge) are left out.
        """
        ...

    def nodes(self, journey_id: JourneyId, *, now: datetime) -> Sequence[NodeCounts]:
        """How often each node was entered and left by each edge, by node id."""
        ...

    def messages(self, journey_id: JourneyId, *, now: datetime) -> Mapping[str, int]:
        """The journey's messages by the furthest state each has come to: sent, withheld, held …"""
        ...
