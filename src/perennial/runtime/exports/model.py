"""The nouns of exports: what is asked for, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from perennial.kernel.errors import Refused

ExportFormat = Literal["jsonl", "csv", "parquet"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = ("jsonl", "csv", "parquet")


class ExportCancelled(Refused):
    """The export was stopped; nothing of it was kept."""

    code = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """How an export is to be written, and where to."""

    to: str
    """A file of this machine, or an address in object storage."""
    format: ExportFormat
    columns: Sequence[str] | None = None
    """In this order; the usual ones unless said."""
    reveals: bool = False
    """Values of properties that are flagged as personal are written as they are; masked without."""
    is_for_spreadsheets: bool = False
    """CSV only: a text that a spreadsheet would take for a formula gets an apostrophe before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """What was written."""

    rows: int
    size: int
    """Bytes of the file."""
    as_of: datetime
    """Nothing that came later is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """Whoever waits for a long piece of work: hears how far it is, and may stop it."""

    progress: Callable[[int, int | None], None] = lambda _done, _total: None
    is_cancelled: Callable[[], bool] = lambda: False

    def tell(self, done: int, total: int | None) -> None:
        """Say how far it is. Raises ExportCancelled."""
        if self.is_cancelled():
            raise ExportCancelled
        self.progress(done, total)
