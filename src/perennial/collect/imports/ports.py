"""What importing needs of the intake store."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from perennial.collect.events.model import Reject
from perennial.collect.imports.model import ImportProgress, Spool


class ImportLedger(Protocol):
    """How far imports have come, and which accepted batches are on their way to the event store."""

    def find(self, name: str) -> ImportProgress | None:
        """The import of this name."""
        ...

    def accept(
        self,
        progress: ImportProgress,
        *,
        keys: Sequence[bytes],
        rejects: Sequence[Reject],
        at: datetime,
        write: Callable[[Sequence[int]], Spool | None],
    ) -> ImportProgress:
        """Take a batch in, in one transaction.

        `progress` counts what is read already, this batch included. `write` is told the places of the
        rows that are new, and makes the spool durable before the transaction commits.
        """
        ...

    def finish(self, progress: ImportProgress, *, at: datetime) -> None:
        """Say that the whole file was read."""
        ...

    def spools(self) -> Sequence[Spool]:
        """Batches that may not have reached the event store, oldest first."""
        ...

    def drop(self, spool: Spool) -> None:
        """Forget a batch that the event store has."""
        ...
