"""What exporting needs of the stores."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa


class EventScan(Protocol):
    """The log read from end to end."""

    def count(
        self,
        *,
        names: Sequence[str] | None,
        start: datetime | None,
        end: datetime | None,
        with_ours: bool,
    ) -> int:
        """How many rows `rows` would give now."""
        ...

    def rows(
        self,
        *,
        names: Sequence[str] | None,
        start: datetime | None,
        end: datetime | None,
        with_ours: bool,
    ) -> AbstractContextManager[Iterator[pa.RecordBatch]]:
        """Every row (`EVENT_SCHEMA`) with `start <= occurred_at < end`, as the log is at this moment.

        Under the profile its person has today. Block by block: nobody holds all of them.
        """
        ...


class Storage(Protocol):
    """Object storage, and files of this machine."""

    def store(self, file: Path, place: str) -> None:
        """Put a file to its place, whole or not at all. Raises PlaceNotUsable."""
        ...
