"""An export is what a workspace holds, written to a file: whole, as of one moment, and able to come back."""

from perennial.runtime.exports.model import (
    ExportCancelled,
    ExportFormat,
    ExportOrder,
    ExportResult,
    Watching,
)
from perennial.runtime.exports.ports import EventScan, Storage
from perennial.runtime.exports.service import Exports

__all__ = [
    "EventScan",
    "ExportCancelled",
    "ExportFormat",
    "ExportOrder",
    "ExportResult",
    "Exports",
    "Storage",
    "Watching",
]
