"""A message is one communication to one person: asked for once, let through or not, sent once."""

from perennial.deliver.messages.model import (
    REASONS,
    SHARDS,
    STATES,
    TRANSITIONS,
    DeliverySettings,
    Message,
    MessagePage,
    MessageRow,
    MessageState,
    Round,
    Share,
)
from perennial.deliver.messages.ports import DeliveryState, DeliveryStore, MessageNotes, Outbox
from perennial.deliver.messages.service import Delivery

__all__ = [
    "REASONS",
    "SHARDS",
    "STATES",
    "TRANSITIONS",
    "Delivery",
    "DeliverySettings",
    "DeliveryState",
    "DeliveryStore",
    "Message",
    "MessageNotes",
    "MessagePage",
    "MessageRow",
    "MessageState",
    "Outbox",
    "Round",
    "Share",
]
