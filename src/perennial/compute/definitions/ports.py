"""What definitions need of the state store; every method works inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from perennial.compute.definitions.model import Definition


class DefinitionShelf(Protocol):
    """Every version of every definition of one kind (segments, or tags)."""

    def save(self, definition: Definition) -> None:
        """Keep a new version; it is the live one from now on."""
        ...

    def latest(self, definition_id: str) -> Definition | None:
        """The live version, or None where there is no such definition."""
        ...

    def live(self) -> Sequence[Definition]:
        """The live version of every definition, by id."""
        ...

    def live_at(self, instant: datetime) -> Sequence[Definition]:
        """The version that was live at an instant; of a definition written later, its first."""
        ...
