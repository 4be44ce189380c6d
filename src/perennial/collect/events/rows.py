"""Calls as rows of the log, column by column: the rules of `kernel.values`, without an object per row.

Most properties are plain texts and numbers, or objects of them: those go straight into the columns of the
three maps. Whatever else there is in a document, its whole row is laid out by `kernel.values.flatten`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from perennial.collect.events.call import Call
from perennial.collect.events.codec import written
from perennial.collect.events.columns import EVENT_SCHEMA
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import MAX_DEPTH, Json, flatten, number_of

_EXACT = 2**53
_EXPONENT_BELOW, _EXPONENT_FROM = 1e-4, 1e16
"""A number of at least the one and less than the other is written without an exponent."""
_NUMBER_BEGINS = frozenset("-0123456789")


def table_of(calls: Sequence[Call], people: Sequence[ProfileId]) -> pa.Table:
    """Calls as rows (`EVENT_SCHEMA`), in the order given, each under the person it turned out to be of."""
    maps = _Maps()
    for call in calls:
        maps.add(_document_of(call), marks_objects=call.kind == "identify")
    columns: dict[str, object] = {
        "profile_id": people,
        "occurred_at": [call.occurred_at for call in calls],
        "received_at": [call.received_at for call in calls],
        "name": [call.name for call in calls],
        "kind": [call.kind for call in calls],
        "origin": pa.repeat("source", len(calls)),
        "source": [call.source for call in calls],
        "message_id": [call.message_id for call in calls],
        "user_id": [call.user_id for call in calls],
        "anonymous_id": [call.anonymous_id for call in calls],
        **maps.columns(),
    }
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, type=EVENT_SCHEMA.field(name).type)
        for name, column in ((name, columns[name]) for name in EVENT_SCHEMA.names)
    ]
    return pa.table(arrays, schema=EVENT_SCHEMA)


def _document_of(call: Call) -> Mapping[str, Json]:
    """Everything a call says that has no column of its own."""
    if not call.previous_id and not call.context:
        return call.properties
    extra: dict[str, Json] = {}
    if call.previous_id:
        extra["previous_id"] = call.previous_id
    if call.context:
        # The call's own context; a property of that name gives way to it.
        extra["context"] = call.context
    return {**call.properties, **extra}


class _Uneven(Exception):
    """A document that needs the closer look of `flatten`; it never leaves this module."""


class _Maps:
    """The three maps of rows, as long columns of keys and items with each row's end in them."""

    def __init__(self) -> None:
        self._number_keys: list[str] = []
        self._numbers: list[float] = []
        self._number_ends: list[int] = [0]
        self._text_keys: list[str] = []
        self._texts: list[str] = []
        self._text_ends: list[int] = [0]
        self._list_keys: list[str] = []
        self._lists: list[list[str]] = []
        self._list_ends: list[int] = [0]
        self._raw: list[str] = []

    def add(self, document: Mapping[str, Json], *, marks_objects: bool) -> None:
        """One row more."""
        try:
            if marks_objects:
                raise _Uneven
            rebuilds = self._place(document, "", 0)
        except _Uneven:
            self._forget_row()
            rebuilds = self._place_flattened(document, marks_objects=marks_objects)
        self._number_ends.append(len(self._numbers))
        self._text_ends.append(len(self._texts))
        self._list_ends.append(len(self._lists))
        self._raw.append("" if rebuilds else written(document))

    def columns(self) -> dict[str, pa.Array]:
        """The maps and what was kept as it was sent, as the event store takes them."""
        return {
            "numbers": _map("numbers", self._number_ends, self._number_keys, self._numbers),
            "texts": _map("texts", self._text_ends, self._text_keys, self._texts),
            "lists": _map("lists", self._list_ends, self._list_keys, self._lists),
            "raw": pa.array(self._raw, pa.string()),
        }

    def _place(self, document: Mapping[str, Json], prefix: str, depth: int) -> bool:
        """Lay an object out; whether it can be had back. Raises _Uneven for what is not plain."""
        rebuilds = not prefix
        for key, value in document.items():
            if "." in key:
                raise _Uneven  # another path may be written the same
            path = prefix + key
            if isinstance(value, str):
                self._text_keys.append(path)
                self._texts.append(value)
                if value[:1] in _NUMBER_BEGINS and (number := number_of(value)) is not None:
                    self._number_keys.append(path)
                    self._numbers.append(number)
            elif value is True or value is False:
                self._text_keys.append(path)
                self._texts.append("true" if value else "false")
                rebuilds = False
            elif isinstance(value, int | float):
                self._place_number(path, value)
            elif isinstance(value, dict) and depth < MAX_DEPTH:
                self._place(value, f"{path}.", depth + 1)
                rebuilds = False
            else:
                raise _Uneven
        return rebuilds

    def _place_number(self, path: str, value: float) -> None:
        size = abs(value)
        if isinstance(value, int):
            is_plain = size <= _EXACT
        else:
            is_plain = _EXPONENT_BELOW <= size < _EXPONENT_FROM or size == 0
        if not is_plain:
            raise _Uneven
        self._number_keys.append(path)
        self._numbers.append(value + 0.0)  # a negative zero is a zero

    def _place_flattened(self, document: Mapping[str, Json], *, marks_objects: bool) -> bool:
        flat = flatten(document, marks_objects=marks_objects)
        self._number_keys.extend(flat.numbers)
        self._numbers.extend(flat.numbers.values())
        self._text_keys.extend(flat.texts)
        self._texts.extend(flat.texts.values())
        self._list_keys.extend(flat.lists)
        self._lists.extend(flat.lists.values())
        return flat.rebuilds

    def _forget_row(self) -> None:
        """Take back what of the present row was placed already."""
        del self._number_keys[self._number_ends[-1] :], self._numbers[self._number_ends[-1] :]
        del self._text_keys[self._text_ends[-1] :], self._texts[self._text_ends[-1] :]


def _map(name: str, ends: Sequence[int], keys: Sequence[str], items: Sequence[object]) -> pa.Array:
    kind = EVENT_SCHEMA.field(name).type
    offsets = pa.array(np.asarray(ends, dtype=np.int32))
    return pa.MapArray.from_arrays(
        offsets, pa.array(keys, pa.string()), pa.array(items, kind.item_type), type=kind
    )
