"""What retention needs of the stores."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.collect.retention.model import Cutoffs, Removal


class PastEvents(Protocol):
    """The clients' events of a workspace that are past their period."""

    def count(self, cutoffs: Cutoffs) -> Mapping[str, int]:
        """How many there are, by name; names without any are absent."""
        ...

    def remove(self, cutoffs: Cutoffs) -> None:
        """Take them out of the log and out of the counts kept beside it. Repeating it does no harm."""
        ...


class Removals(Protocol):
    """What was removed, removal by removal, inside the caller's transaction."""

    def begin(self, *, version: int, cutoffs: Cutoffs, removed: Mapping[str, int], now: datetime) -> Removal:
        """Note that a removal begins, of so many events."""
        ...

    def finish(self, removal: Removal) -> None:
        """Note that it ended."""
        ...

    def latest(self) -> Removal | None:
        """The last one that began."""
        ...

    def list(self, *, limit: int, before: int | None = None) -> Sequence[Removal]:
        """Removals, newest first, before one of them."""
        ...
