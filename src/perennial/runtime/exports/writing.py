"""Writing an export's rows to a file, portion by portion."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import msgspec
import pyarrow as pa
import pyarrow.parquet

from perennial.kernel.values import Json, canonical, text_of
from perennial.runtime.exports.model import ExportFormat
from perennial.runtime.exports.rules import safe_text

_encoder = msgspec.json.Encoder()
Row = Mapping[str, Json]


class Writer(Protocol):
    """Takes rows, and is closed when the last one was."""

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        ...

    def __enter__(self) -> Self:
        """Open."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        ...


class _File:
    """An open file that is closed at the end of the block."""

    def __init__(self, path: Path) -> None:
        self._opened = ExitStack()
        self._file = self._opened.enter_context(path.open("wb"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()


class LinesWriter(_File):
    """JSON Lines: one document per row, as it is."""

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        self._file.write(b"".join(_line(row) for row in rows))


class CsvWriter(_File):
    """CSV in UTF-8 with a header; objects and lists are JSON, nothing is an empty cell."""

    def __init__(self, path: Path, columns: Sequence[str], *, is_for_spreadsheets: bool) -> None:
        super().__init__(path)
        self._columns = columns
        self._safe: Callable[[str], str] = safe_text if is_for_spreadsheets else str
        self._append([list(columns)])

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        self._append([[self._safe(text_cell(row[name]) or "") for name in self._columns] for row in rows])

    def _append(self, cells: Sequence[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(cells)
        self._file.write(text.getvalue().encode())


class ParquetWriter:
    """Parquet: texts, and instants where a column holds nothing else."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._schema = pa.schema([pa.field(name, _kind(name)) for name in columns])
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        if not rows:
            return
        columns = [_column([row[field.name] for row in rows], field) for field in self._schema]
        self._writer.write_table(pa.table(columns, schema=self._schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()


def open_writer(
    path: Path, format_: ExportFormat, columns: Sequence[str], *, is_for_spreadsheets: bool
) -> Writer:
    """A writer of a format to a new file."""
    match format_:
        case "jsonl":
            return LinesWriter(path)
        case "csv":
            return CsvWriter(path, columns, is_for_spreadsheets=is_for_spreadsheets)
        case "parquet":
            return ParquetWriter(path, columns)


def text_cell(value: Json) -> str | None:
    """A value as a cell of text; nothing is None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return text_of(value)
    return canonical(value).decode()


def _line(row: Row) -> bytes:
    try:
        return _encoder.encode(row) + b"\n"
    except OverflowError:
        # Whole numbers of more than 64 bits.
        return canonical(row) + b"\n"


def _kind(name: str) -> pa.DataType:
    return pa.timestamp("us", tz="UTC") if name.endswith("_at") and "." not in name else pa.string()


def _column(values: Sequence[Json], field: pa.Field) -> pa.Array:
    texts = pa.array([text_cell(value) for value in values], pa.string())
    return texts.cast(field.type)
