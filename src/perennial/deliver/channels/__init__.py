"""A channel is a kind of path to a person; a provider is one way of walking it."""

from perennial.deliver.channels.absent import AbsentProvider
from perennial.deliver.channels.model import Limits, Outcome, Outgoing, Receipt
from perennial.deliver.channels.ports import Provider
from perennial.deliver.channels.transports import Transports

__all__ = ["AbsentProvider", "Limits", "Outcome", "Outgoing", "Provider", "Receipt", "Transports"]
