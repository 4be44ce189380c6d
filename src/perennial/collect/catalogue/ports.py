"""What the catalogue needs of the stores."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from perennial.collect.catalogue.model import Description, EventFacts, LeafFacts, TypeFacts


class CatalogueFacts(Protocol):
    """What is counted in the log: right after every append, however late its events."""

    def events(self, *, recent_since: datetime) -> Sequence[EventFacts]:
        """Every name that clients sent, in order."""
        ...

    def properties(self, event: str) -> Sequence[LeafFacts]:
        """Every property of an event by path and type, over all time."""
        ...

    def types(self, *, since: datetime) -> Sequence[TypeFacts]:
        """Every property of every event by type and source, of what happened from an instant on."""
        ...


class Descriptions(Protocol):
    """What people wrote of events and properties, version by version, inside the caller's transaction."""

    def find(self, event: str, path: str) -> Description | None:
        """The newest version, or None where nobody wrote anything."""
        ...

    def of_events(self) -> Sequence[Description]:
        """The newest version of each description that is of a whole event, by name."""
        ...

    def of_properties(self, event: str | None = None) -> Sequence[Description]:
        """The newest version of each description of a property (of one event), by event and path."""
        ...

    def add(self, description: Description) -> None:
        """Keep a new version."""
        ...
