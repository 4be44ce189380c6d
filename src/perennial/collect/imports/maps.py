"""Leaves of a whole portion laid out as the event store's maps, without looking at single rows."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def map_column(paths: Sequence[str], columns: Sequence[pa.Array], kind: pa.MapType, rows: int) -> pa.Array:
    """One map per row, of the columns that are not null in it, in the order of the columns."""
    if not columns:
        offsets = pa.array(np.zeros(rows + 1, dtype=np.int32))
        return _map(kind, offsets, pa.array([], pa.string()), pa.array([], kind.item_type))
    is_there = np.column_stack([np.asarray(pc.is_valid(column)) for column in columns])
    offsets = np.concatenate([[0], np.cumsum(is_there.sum(axis=1))]).astype(np.int32)
    row, column = np.nonzero(is_there)
    stacked = pa.concat_arrays([pc.cast(each, kind.item_type) for each in columns])
    keys = pa.array(paths, pa.string()).take(pa.array(column))
    return _map(kind, pa.array(offsets), keys, stacked.take(pa.array(column * rows + row)))


def _map(kind: pa.MapType, offsets: pa.Array, keys: pa.Array, items: pa.Array) -> pa.Array:
    return pc.cast(pa.MapArray.from_arrays(offsets, keys, items), kind)
