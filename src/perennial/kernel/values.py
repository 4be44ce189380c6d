"""Property values: how what was sent is laid out, and how a literal's type reads it.

A document of properties is flattened to dotted paths. Each path holds *leaves*: one for a scalar,
any number for what stands in a list (`items.sku` over a list of items), none for null or `[]`.
A leaf is kept as text, as number, or both, so that the event store needs no JSON at query time:

- a JSON number is a number; as text it is its shortest plain form (`12`, `12.5`)
- a JSON text is a text, and also a number where it is written as one (`"12.5"`)
- true and false are the texts `true` and `false`
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from perennial.kernel.windows import Zone, start_of_day

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_CLOCK = r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
INSTANT_PATTERN = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({_CLOCK})?$"
_INSTANT = re.compile(INSTANT_PATTERN)
_EXACT = 2**53
_FIRST_INSTANT = datetime(1, 1, 1, tzinfo=UTC)
_LAST_INSTANT = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
MAX_DEPTH = 16


@dataclass(slots=True)
class Flat:
    """Properties laid out by dotted path, ready for the event store's three maps."""

    numbers: dict[str, float] = field(default_factory=dict[str, float])
    texts: dict[str, str] = field(default_factory=dict[str, str])
    lists: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    rebuilds: bool = True
    """Whether `rebuild` gives back exactly what was sent; otherwise the original is kept beside."""


def number_of(text: str) -> float | None:
    """The finite number a text is written as, in JSON's own grammar; None for anything else."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def text_of(value: bool | int | float | str) -> str:
    """A scalar as text: numbers in their shortest plain form, booleans as true and false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value) if isinstance(value, int) else repr(value)


def instant_of(text: str, zone: Zone) -> datetime | None:
    """The instant a text is written as (ISO 8601); a date or a time without offset is local to `zone`."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return _instant(text, zone)
    except ValueError:
        return None
    except OverflowError:
        # In UTC it lies just outside the years 1 to 9999: the border keeps its order.
        return _FIRST_INSTANT if text < "5" else _LAST_INSTANT


def _instant(text: str, zone: Zone) -> datetime:
    if len(text) == 10:
        return start_of_day(date.fromisoformat(text), zone)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        if moment.time() == time.min:
            return start_of_day(moment.date(), zone)
        moment = moment.replace(tzinfo=zone.rules)
    return moment.astimezone(UTC)


def flatten(document: Mapping[str, Json], *, marks_objects: bool = False) -> Flat:
    """Lay a document out by dotted path. Deeper than 16 levels is cut off, and kept in the original.

    With `marks_objects` a path where an object stands holds an empty list: what was told there before is
    replaced, not added to. Traits need this, events do not.
    """
    flat = Flat()
    for key, value in document.items():
        if "." in key:
            flat.rebuilds = False
        _place(flat, key, value, 0)
    if marks_objects:
        _mark_objects(flat, document, prefix="", depth=0)
    return flat


def path_and_parents(path: str) -> list[str]:
    """A dotted path and every path above it: whatever stands at one of them says what the path holds."""
    steps = path.split(".")
    return [".".join(steps[:length]) for length in range(len(steps), 0, -1)]


def rebuild(numbers: Mapping[str, float], texts: Mapping[str, str]) -> dict[str, Json]:
    """The properties as they were sent, where `Flat.rebuilds` said so."""
    document: dict[str, Json] = {
        path: int(number) if number.is_integer() else number
        for path, number in numbers.items()
        if path not in texts
    }
    document.update(texts)
    return document


def leaves(document: Mapping[str, Json], path: str) -> list[bool | int | float | str]:
    """The scalars at a dotted path, through lists; empty where there is nothing. A key holding dots wins."""
    found: list[bool | int | float | str] = []
    if path in document:
        _collect(document[path], found)
        return found
    head, _, rest = path.partition(".")
    while rest:
        if head in document:
            _descend(document[head], rest, found)
        step, _, rest = rest.partition(".")
        head = f"{head}.{step}"
    return found


def _descend(value: Json, path: str, found: list[bool | int | float | str]) -> None:
    if isinstance(value, Mapping):
        found.extend(leaves(value, path))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for element in value:
            _descend(element, path, found)


def _collect(value: Json, found: list[bool | int | float | str]) -> None:
    if isinstance(value, bool | int | float | str):
        found.append(value)
    elif isinstance(value, Sequence):
        for element in value:
            _collect(element, found)


def _place(flat: Flat, path: str, value: Json, depth: int) -> None:
    if isinstance(value, str):
        _place_text(flat, path, value)
    elif isinstance(value, bool):
        flat.texts[path] = text_of(value)
        flat.rebuilds = False
    elif isinstance(value, int | float):
        _place_number(flat, path, value)
    else:
        flat.rebuilds = False
        _place_nested(flat, path, value, depth)


def _place_text(flat: Flat, path: str, value: str) -> None:
    flat.texts[path] = value
    number = number_of(value)
    if number is not None:
        flat.numbers[path] = number


def _place_number(flat: Flat, path: str, value: int | float) -> None:
    text = text_of(value)
    number = number_of(text)
    if number is None:
        flat.texts[path] = text
        flat.rebuilds = False
        return
    flat.numbers[path] = number
    plain = not set(text) & {"e", "E"} and (not isinstance(value, int) or abs(value) <= _EXACT)
    if not plain:
        flat.texts[path] = text
        flat.rebuilds = False


def _place_nested(flat: Flat, path: str, value: Json, depth: int) -> None:
    if isinstance(value, Mapping) and depth < MAX_DEPTH:
        for key, inner in value.items():
            _place(flat, f"{path}.{key}", inner, depth + 1)
        return
    flat.lists.setdefault(path, [])
    if isinstance(value, Sequence) and not isinstance(value, str) and depth < MAX_DEPTH:
        for element in value:
            _place_element(flat, path, element, depth + 1)


def _mark_objects(flat: Flat, document: Mapping[str, Json], *, prefix: str, depth: int) -> None:
    for key, value in document.items():
        if isinstance(value, Mapping) and depth < MAX_DEPTH:
            flat.lists.setdefault(prefix + key, [])
            _mark_objects(flat, value, prefix=f"{prefix}{key}.", depth=depth + 1)


def _place_element(flat: Flat, path: str, element: Json, depth: int) -> None:
    if isinstance(element, bool | int | float | str):
        flat.lists.setdefault(path, []).append(text_of(element))
    elif isinstance(element, Mapping):
        for key, inner in element.items():
            if depth < MAX_DEPTH:
                _place_element(flat, f"{path}.{key}", inner, depth + 1)
    elif element is not None and depth < MAX_DEPTH:
        for inner in element:
            _place_element(flat, path, inner, depth + 1)


def canonical(value: Json) -> bytes:
    """One byte form for equal documents: keys sorted, no spaces. For hashes and comparison."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=dict).encode()
