"""What every channel's provider must do; one file per provider implements it."""

from collections.abc import Sequence
from typing import Protocol

from perennial.decide.journeys.model import Channel
from perennial.deliver.channels.model import Limits, Outgoing, Receipt


class Provider(Protocol):
    """A mail server, a push service, an SMS gateway: something outside that takes messages."""

    @property
    def channel(self) -> Channel:
        """The kind of path it serves."""
        ...

    @property
    def limits(self) -> Limits:
        """How much it takes at once."""
        ...

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Hand messages over, one after the other; one receipt for each, whatever happens.

        A failure of the outside is a receipt, never an exception. Nothing is tried twice.
        """
        ...
