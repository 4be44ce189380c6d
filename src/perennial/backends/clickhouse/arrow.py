"""Columns of Arrow answers as plain Python and numpy values."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_Scalar = TypeVar("_Scalar", bound=np.generic)


def integers(table: pa.Table, column: str) -> list[int]:
    """A column of whole numbers."""
    return [int(value) for value in as_array(table, column, np.dtype(np.uint64)).tolist()]


def as_array(table: pa.Table, column: str, dtype: np.dtype[_Scalar]) -> NDArray[_Scalar]:
    """A column as an array of a type; NULL is not a number."""
    values = table[column].combine_chunks()
    if values.null_count:
        values = pc.fill_null(values, float("nan"))
    if pa.types.is_boolean(values.type):
        values = pc.cast(values, pa.uint8())
    # Not `to_numpy`, which loads pandas where it is installed: a second at every start.
    return np.from_dlpack(values).astype(dtype)


def viewed(table: pa.Table, column: str, dtype: np.dtype[_Scalar]) -> NDArray[_Scalar]:
    """A column of plain numbers of this type, none of them NULL, in one piece."""
    return stacked(table, [column], dtype)[0]


def stacked(table: pa.Table, columns: Sequence[str], dtype: np.dtype[_Scalar]) -> NDArray[_Scalar]:
    """Several columns of plain numbers of this type, none of them NULL, each in one piece: column by row."""
    whole = np.empty((len(columns), table.num_rows), dtype=dtype)
    for place, column in enumerate(columns):
        start = 0
        for chunk in table[column].chunks:
            whole[place, start : start + len(chunk)] = np.from_dlpack(chunk)
            start += len(chunk)
    return whole
