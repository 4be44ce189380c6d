"""What importing needs of the intake store, and of where files lie."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from perennial.collect.events.model import Reject
from perennial.collect.imports.model import FoundFile, ImportProgress, Spool


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
        people: Callable[[], Iterable[tuple[str, str]]] = tuple,
    ) -> ImportProgress:
        """Take a batch in, in one transaction.

        `progress` counts what is read already, this batch included. `write` is told the places of the
        rows that are new, and makes the spool durable before the transaction commits. `people` are the user
        and device id of each row, asked for where somebody was erased: their rows are not taken.
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


class ImportPlaces(Protocol):
    """Where files of history lie: on this machine, or in object storage."""

    def find(self, place: str) -> Sequence[FoundFile]:
        """The files at a place (a path, a folder, a pattern, an address), by name. Raises FileNotFound."""
        ...

    def local(self, file: FoundFile, directory: Path) -> AbstractContextManager[Path]:
        """A found file as a file of this machine, for as long as the block lasts."""
        ...
