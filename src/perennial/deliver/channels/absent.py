"""What stands in for a channel's provider until one is set up."""

from collections.abc import Sequence

from perennial.decide.journeys.model import Channel
from perennial.deliver.channels.model import Limits, Outgoing, Receipt


class AbsentProvider:
    """Takes nothing: messages stay queued with the reason and go out once there is a provider."""

    limits = Limits()

    def __init__(self, channel: Channel) -> None:
        self.channel: Channel = channel

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Say of each message that it could not be handed over."""
        return [
            Receipt(message_id=one.message_id, outcome="unreachable", reason="no_provider") for one in batch
        ]
