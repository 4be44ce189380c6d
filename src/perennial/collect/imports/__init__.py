"""An import brings a file of history in: all of it, once, and without starting anything."""

from perennial.collect.imports.files import MappingNeeded
from perennial.collect.imports.model import FileMapping, ImportProgress, ImportResult
from perennial.collect.imports.opening import FileNotFound, FileNotReadable
from perennial.collect.imports.ports import ImportLedger
from perennial.collect.imports.service import Imports, ImportSettings, RowsElsewhere

__all__ = [
    "FileMapping",
    "FileNotFound",
    "FileNotReadable",
    "ImportLedger",
    "ImportProgress",
    "ImportResult",
    "ImportSettings",
    "Imports",
    "MappingNeeded",
    "RowsElsewhere",
]
