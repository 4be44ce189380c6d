"""Columns as leaves: the rules of `kernel.values`, applied to a whole column at once."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perennial.kernel.errors import NotSupported
from perennial.kernel.values import text_of

# JSON's grammar of numbers (`kernel.values.number_of`) and, within it, the form we would write ourselves.
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_OWN_FORM = r"^(0|-?[1-9][0-9]{0,14}|-?(0|[1-9][0-9]{0,9})\.[0-9]{0,3}[1-9])$"
_EXACT = 2.0**53
_EXPONENT_BELOW, _EXPONENT_FROM = 1e-4, 1e16


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One dotted path of every row; what a row does not have is null."""

    path: str
    numbers: pa.Array | None = None
    texts: pa.Array | None = None
    lists: pa.Array | None = None

    @property
    def form(self) -> pa.Array:
        """The leaf as text, for a row's canonical form."""
        if self.lists is not None:
            return pc.binary_join(self.lists, "\x1d")
        if self.texts is None:
            return pc.cast(self.numbers, pa.string())
        return (
            self.texts
            if self.numbers is None
            else pc.coalesce(self.texts, pc.cast(self.numbers, pa.string()))
        )


def leaves_of(path: str, column: pa.Array, *, is_typed: bool) -> list[Leaf]:
    """A column as leaves. A file without types (CSV) has texts only; those written as numbers are numbers.

    Raises NotSupported for a type that is no JSON, with the column's name.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return leaves_of(path, column.dictionary_decode(), is_typed=is_typed)
    if pa.types.is_null(kind):
        return []
    if pa.types.is_struct(kind):
        return [
            leaf
            for field in kind.fields
            for leaf in leaves_of(
                f"{path}.{field.name}", pc.struct_field(column, field.name), is_typed=is_typed
            )
        ]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _list_leaves(path, column)
    return [_scalar(path, column, is_typed=is_typed)]


def _scalar(path: str, column: pa.Array, *, is_typed: bool) -> Leaf:
    kind = column.type
    if pa.types.is_boolean(kind):
        return Leaf(path=path, texts=pc.cast(column, pa.string()))
    if pa.types.is_integer(kind):
        return _integers(path, column)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _floats(path, pc.cast(column, pa.float64()))
    if pa.types.is_temporal(kind):
        return Leaf(path=path, texts=_times(column))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _strings(path, pc.cast(column, pa.string()), is_typed=is_typed)
    raise NotSupported(
        f"Column {path!r} is of type {kind}, which is no JSON.", hint="Leave it out, or cast it."
    )


def _integers(path: str, column: pa.Array) -> Leaf:
    numbers = pc.cast(column, pa.float64(), safe=False)
    is_big = pc.greater(pc.abs(numbers), _EXACT)
    if not pc.any(is_big).as_py():
        return Leaf(path=path, numbers=numbers)
    return Leaf(path=path, numbers=numbers, texts=pc.if_else(is_big, pc.cast(column, pa.string()), None))


def _floats(path: str, column: pa.Array) -> Leaf:
    numbers = pc.if_else(pc.is_finite(column), column, None)
    size = pc.abs(numbers)
    is_tiny = pc.and_(pc.less(size, _EXPONENT_BELOW), pc.greater(size, 0.0))
    has_exponent = pc.fill_null(pc.or_(is_tiny, pc.greater_equal(size, _EXPONENT_FROM)), False)
    if not pc.any(has_exponent).as_py():
        return Leaf(path=path, numbers=numbers)
    texts = [text_of(number) for number in pc.filter(numbers, has_exponent).to_pylist()]
    blank = pa.nulls(len(numbers), pa.string())
    return Leaf(
        path=path,
        numbers=numbers,
        texts=pc.replace_with_mask(blank, has_exponent, pa.array(texts, pa.string())),
    )


def _strings(path: str, column: pa.Array, *, is_typed: bool) -> Leaf:
    if not is_typed:
        column = pc.if_else(pc.equal(column, ""), None, column)
    is_number = pc.match_substring_regex(column, _NUMBER)
    if not pc.any(is_number).as_py():
        return Leaf(path=path, texts=column)
    read = pc.cast(pc.if_else(is_number, column, None), pa.float64())
    numbers = pc.if_else(pc.is_finite(read), read, None)
    if is_typed:
        return Leaf(path=path, numbers=numbers, texts=column)
    return Leaf(
        path=path,
        numbers=numbers,
        texts=pc.if_else(pc.match_substring_regex(column, _OWN_FORM), None, column),
    )


def _times(column: pa.Array) -> pa.Array:
    """Dates and times as ISO 8601; an instant in UTC says so, a local time has no offset."""
    kind = column.type
    if not pa.types.is_timestamp(kind):
        return pc.cast(column, pa.string())
    ending = "" if kind.tz is None else "Z"
    instants = pc.cast(column, pa.timestamp("us", tz=None if kind.tz is None else "UTC"), safe=False)
    if np.all(np.asarray(pc.cast(pc.drop_null(instants), pa.int64())) % 1_000_000 == 0):
        instants = pc.cast(instants, pa.timestamp("s", tz=instants.type.tz))
    return pc.strftime(instants, f"%Y-%m-%dT%H:%M:%S{ending}")


def _list_leaves(path: str, column: pa.Array) -> list[Leaf]:
    """A list's elements as texts; of a list of objects, one list per field. Nulls inside say nothing."""
    lengths = pc.list_value_length(column)
    elements = column.flatten()
    kind = elements.type
    if pa.types.is_struct(kind):
        return [
            Leaf(
                path=f"{path}.{field.name}",
                lists=_regrouped(f"{path}.{field.name}", pc.struct_field(elements, field.name), lengths),
            )
            for field in kind.fields
        ]
    return [Leaf(path=path, lists=_regrouped(path, elements, lengths))]


def _regrouped(path: str, elements: pa.Array, lengths: pa.Array) -> pa.Array:
    """Flattened elements as the lists of texts they came from."""
    if pa.types.is_nested(elements.type):
        raise NotSupported(
            f"Column {path!r} holds lists of {elements.type}.", hint="Import JSON Lines instead."
        )
    texts = _element_texts(elements)
    is_there = np.asarray(pc.is_valid(texts))
    ends = np.cumsum(np.asarray(pc.fill_null(lengths, 0)))
    kept = np.concatenate([[0], np.cumsum(is_there)])
    offsets = np.concatenate([[0], kept[ends]]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pc.drop_null(texts))
    return pc.if_else(pc.is_valid(lengths), lists, None)


def _element_texts(elements: pa.Array) -> pa.Array:
    """Scalars as `text_of` writes them; each distinct value is written once."""
    if pa.types.is_temporal(elements.type):
        return _times(elements)
    distinct = pc.dictionary_encode(elements)
    texts = [None if value is None else text_of(value) for value in distinct.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(distinct.indices)
