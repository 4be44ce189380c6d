"""Tracking is what becomes of a message at its reader's: opened, clicked, and what they chose to hear of."""

from perennial.deliver.tracking.dressing import dressed
from perennial.deliver.tracking.links import LinkKeys, Links, ReachedAt, Tampered
from perennial.deliver.tracking.model import (
    Choice,
    Choices,
    Clicked,
    Confirmation,
    ConfirmationAsked,
    Opened,
    SeenBy,
    TopicChoice,
)
from perennial.deliver.tracking.rules import Look, seen_by

__all__ = [
    "Choice",
    "Choices",
    "Clicked",
    "Confirmation",
    "ConfirmationAsked",
    "LinkKeys",
    "Links",
    "Look",
    "Opened",
    "ReachedAt",
    "SeenBy",
    "Tampered",
    "TopicChoice",
    "dressed",
    "seen_by",
]
