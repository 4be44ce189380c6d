"""Opening a file by its kind, and knowing it again."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Literal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from perennial.collect.events.columns import EVENT_SCHEMA
from perennial.collect.events.model import MAX_CALL_BYTES, Reception, Reject
from perennial.collect.imports.columnar import is_columnar, read_columns
from perennial.collect.imports.lines import read_lines, read_rows, typed_cell
from perennial.collect.imports.mapping import check_columns, columns_of
from perennial.collect.imports.model import FileMapping
from perennial.collect.imports.opening import FileNotFound, FileNotReadable, Kind, kind_of, unpacked
from perennial.collect.imports.ordinals import Ordinals
from perennial.collect.imports.portion import PORTION_ROWS, Portion
from perennial.collect.imports.screened import screened
from perennial.kernel.errors import Refused

_CHUNK = 4 * 1024 * 1024


class MappingNeeded(Refused):
    """A file of columns needs a mapping that says what they mean."""

    code = "mapping_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """A file of history: where it is, how it is read, what it is known by again."""

    path: Path
    kind: Kind
    mapping: FileMapping | None
    fingerprint: str
    rows: int | None
    """Of a text file its lines: right unless a quoted cell holds line breaks. None: it is packed."""

    def portions(self, reception: Reception) -> Iterator[Portion]:
        """The rows, checked, in portions that are cut alike every time. Raises FileNotReadable."""
        with _reading(self.path):
            if self.kind.format == "lines" or self.mapping is None:
                yield from read_lines(self.path, self.kind, self.mapping, reception)
            else:
                yield from _columnar_portions(self, self.mapping, reception)


def open_file(path: Path, mapping: FileMapping | None) -> ImportFile:
    """Look at a file before reading it.

    Raises FileNotFound, FileNotReadable, MappingNeeded, InvalidDocument.
    """
    if not path.is_file():
        raise FileNotFound(f"There is no file {path}.", path=str(path))
    kind = kind_of(path.name)
    if kind.format != "lines" and mapping is None:
        raise MappingNeeded(
            hint=f"`perennial import suggest {path.name}` writes one; pass it with --mapping."
        )
    fingerprint, lines = _fingerprint(path, repr(mapping))
    with _reading(path):
        rows = _rows(path, kind, lines)
        if kind.format != "lines" and mapping is not None:
            check_columns(mapping, column_names(path, kind))
    return ImportFile(path=path, kind=kind, mapping=mapping, fingerprint=fingerprint, rows=rows)


@contextmanager
def _reading(path: Path) -> Generator[None]:
    """What is wrong with a file, said as such."""
    try:
        yield
    except pa.ArrowInvalid as error:
        raise FileNotReadable(f"{path.name} cannot be read.", hint=str(error)[:300]) from error
    except OSError as error:
        # A packed file that is cut off or damaged; what the system says of a file has a number.
        if error.errno is not None:
            raise
        raise FileNotReadable(f"{path.name} cannot be unpacked.", hint=str(error)[:300]) from error


def _rows(path: Path, kind: Kind, lines: int) -> int | None:
    if kind.compression:
        return None
    if kind.format == "parquet":
        return pyarrow.parquet.read_metadata(path).num_rows
    return lines - (kind.format == "csv")


def _fingerprint(path: Path, mapping: str) -> tuple[str, int]:
    """Size and hash of a file and of its mapping, and its number of lines."""
    digest = blake2b(mapping.encode(), digest_size=16)
    size = lines = 0
    with path.open("rb") as file:
        last = b"\n"
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return f"{size}:{digest.hexdigest()}", lines + (last != b"\n")


def column_names(path: Path, kind: Kind) -> list[str]:
    """The columns of a file that has columns."""
    if kind.format == "parquet":
        return list(pyarrow.parquet.read_schema(path).names)
    with (
        unpacked(path, kind) as file,
        pyarrow.csv.open_csv(file, parse_options=_parsing(_RaggedRows())) as reader,
    ):
        return list(reader.schema.names)


class _RaggedRows:
    """Rows of a CSV file that have too few or too many cells, in the file's order."""

    def __init__(self) -> None:
        self.found: list[pyarrow.csv.InvalidRow] = []

    def skip(self, row: pyarrow.csv.InvalidRow) -> Literal["skip"]:
        """Keep a row aside; the reader goes on with the next."""
        self.found.append(row)
        return "skip"

    def portion(self, start: int) -> Portion:
        """These rows as rejects, after all others: the reader does not say where they stood."""
        rejects = [
            Reject(
                index=start + offset,
                path="$",
                code="bad_row",
                message=f"The row has {row.actual_columns} cells, the header {row.expected_columns}.",
                hint="Put a cell that holds a comma in quotes.",
                payload=row.text[:MAX_CALL_BYTES].replace("\x00", ""),
            )
            for offset, row in enumerate(self.found)
        ]
        return Portion(start=start, rows=len(rejects), table=EVENT_SCHEMA.empty_table(), rejects=rejects)


def _parsing(ragged: _RaggedRows) -> pyarrow.csv.ParseOptions:
    return pyarrow.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=ragged.skip)


def _open_csv(file: BinaryIO, columns: list[str], ragged: _RaggedRows) -> pyarrow.csv.CSVStreamingReader:
    """CSV as texts: its cells have no types, and guessing from the first block goes wrong in the second."""
    return pyarrow.csv.open_csv(
        file,
        read_options=pyarrow.csv.ReadOptions(block_size=_CHUNK),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={name: pa.string() for name in columns},
            strings_can_be_null=False,
            include_columns=columns,
        ),
        parse_options=_parsing(ragged),
    )


def _batches(file: ImportFile, columns: list[str], ragged: _RaggedRows) -> Iterator[pa.RecordBatch]:
    if file.kind.format == "parquet":
        with pyarrow.parquet.ParquetFile(file.path) as parquet:
            yield from parquet.iter_batches(batch_size=PORTION_ROWS, columns=columns)
        return
    waiting: list[pa.RecordBatch] = []
    with unpacked(file.path, file.kind) as text, _open_csv(text, columns, ragged) as reader:
        for block in reader:
            waiting.append(block)
            while sum(each.num_rows for each in waiting) >= PORTION_ROWS:
                joined = _joined(waiting)
                yield joined.slice(0, PORTION_ROWS)
                waiting = [joined.slice(PORTION_ROWS)]
    if waiting and sum(each.num_rows for each in waiting):
        yield _joined(waiting)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def _columnar_portions(file: ImportFile, mapping: FileMapping, reception: Reception) -> Iterator[Portion]:
    ordinals, ragged = Ordinals(), _RaggedRows()
    columns = sorted(columns_of(mapping))
    is_typed = file.kind.format == "parquet"
    start = 0
    for batch in _batches(file, columns, ragged):
        if is_columnar(mapping):
            portion = read_columns(batch, mapping, reception, ordinals, start=start, is_typed=is_typed)
            yield screened(portion, reception)
        else:
            rows = batch.to_pylist() if is_typed else [_typed(row) for row in batch.to_pylist()]
            documents = list(enumerate(rows, start))
            yield read_rows(documents, mapping, reception, start=start, rows=len(rows), ordinals=ordinals)
        start += batch.num_rows
    if ragged.found:
        yield ragged.portion(start)


def _typed(row: dict[str, str]) -> dict[str, str | float]:
    return {name: typed_cell(cell) for name, cell in row.items()}
