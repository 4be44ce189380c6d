"""A table of numbers as the bytes of a file: CSV or Parquet."""

import csv
import io
from collections.abc import Sequence
from typing import Literal

import pyarrow as pa
import pyarrow.parquet

from perennial.evaluate.boards import Table
from perennial.evaluate.boards.rows import TEXTS, WHOLE_NUMBERS
from perennial.kernel.values import Json, text_of
from perennial.runtime.exports.rules import safe_text

TableFormat = Literal["csv", "parquet"]


def write_table(table: Table, format_: TableFormat) -> bytes:
    """The file of a table. In CSV no text is one that a spreadsheet would take for a formula."""
    return _csv(table) if format_ == "csv" else _parquet(table)


def _csv(table: Table) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_cell(row.get(name)) for name in table.columns] for row in table.rows)
    # The mark at the beginning tells spreadsheets that it is UTF-8: names are Chinese here.
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Json) -> str:
    if isinstance(value, str):
        return safe_text(value)
    return text_of(value) if isinstance(value, bool | int | float) else ""


def _parquet(table: Table) -> bytes:
    columns = [[row.get(name) for row in table.rows] for name in table.columns]
    kinds = [_kind(name, values) for name, values in zip(table.columns, columns, strict=True)]
    arrays = [_array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
    schema = pa.schema([pa.field(name, kind) for name, kind in zip(table.columns, kinds, strict=True)])
    written = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(arrays, schema=schema), written, compression="zstd")
    return written.getvalue()


def _array(values: Sequence[Json], kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        return pa.array([None if value is None else str(value) for value in values], kind)
    return pa.array(values, kind)


def _kind(name: str, values: Sequence[Json]) -> pa.DataType:
    """A column's type: by its name where that says it, so that it is the same in every file."""
    told = [value for value in values if value is not None]
    if name in WHOLE_NUMBERS and all(isinstance(value, int) for value in told):
        return pa.int64()
    if told and all(isinstance(value, bool) for value in told):
        return pa.bool_()
    if name in TEXTS or not all(isinstance(value, int | float) for value in told):
        return pa.string()
    return pa.float64()
