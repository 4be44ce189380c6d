"""The catalogue is what is sent, event by event and property by property, with what people say of it."""

from perennial.collect.catalogue.model import (
    Description,
    Drift,
    EventEntry,
    EventFacts,
    LeafFacts,
    PropertyEntry,
    Suggestion,
    TypeFacts,
)
from perennial.collect.catalogue.ports import CatalogueFacts, Descriptions
from perennial.collect.catalogue.rules import in_context, masked

__all__ = [
    "CatalogueFacts",
    "Description",
    "Descriptions",
    "Drift",
    "EventEntry",
    "EventFacts",
    "LeafFacts",
    "PropertyEntry",
    "Suggestion",
    "TypeFacts",
    "in_context",
    "masked",
]
