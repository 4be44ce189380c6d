"""Row by row: JSON Lines, and files whose rows are people's calls rather than columns of numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from perennial.collect.events.model import Call, Reception, Reject
from perennial.collect.events.rows import table_of
from perennial.collect.events.rules import is_object, parse_call
from perennial.collect.imports.model import Column, Field, FileMapping, TimeUnit
from perennial.collect.imports.opening import LONGEST_LINE, Kind, bounded_lines, unpacked
from perennial.collect.imports.ordinals import Ordinals
from perennial.collect.imports.portion import PORTION_ROWS, Portion, derived_ids
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json, canonical, number_of, text_of

_NOBODY = ProfileId(0)
_NO_ID = ""
_PORTION_BYTES = 64 * 1024 * 1024


def read_lines(
    file: Path, kind: Kind, mapping: FileMapping | None, reception: Reception
) -> Iterator[Portion]:
    """The portions of a JSON Lines file; an empty line keeps its place, and is no row."""
    ordinals = Ordinals()
    start = 0
    with unpacked(file, kind) as text:
        for batch in _stretches(bounded_lines(text)):
            documents = (_decoded(line, start + offset) for offset, line in enumerate(batch))
            present = [document for document in documents if document is not None]
            yield read_rows(present, mapping, reception, start=start, rows=len(batch), ordinals=ordinals)
            start += len(batch)


def _stretches(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Lines in stretches that are cut alike every time, and bounded where lines are long, too."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if len(batch) == PORTION_ROWS or size >= _PORTION_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def read_rows(
    documents: Iterable[tuple[int, object] | Reject],
    mapping: FileMapping | None,
    reception: Reception,
    *,
    start: int,
    rows: int,
    ordinals: Ordinals,
) -> Portion:
    """One portion from its documents, each with its place in the file."""
    calls: list[Call] = []
    forms: list[bytes] = []
    rejects: list[Reject] = []
    for found in documents:
        if isinstance(found, Reject):
            rejects.append(found)
            continue
        place, document = found
        shaped = document if mapping is None else shaped_by(document, mapping)
        parsed = parse_call(shaped, reception, new_id=lambda: _NO_ID, index=place, root=f"$[{place}]")
        if isinstance(parsed, Reject):
            rejects.append(parsed)
        else:
            calls.append(parsed)
            forms.append(b"" if parsed.message_id else canonical(_as_sent(shaped)))
    named = _named(calls, forms, ordinals)
    return Portion(start=start, rows=rows, table=table_of(named, [_NOBODY] * len(named)), rejects=rejects)


def _decoded(line: bytes, place: int) -> tuple[int, object] | Reject | None:
    if not line.strip():
        return None
    if len(line) > LONGEST_LINE:
        return Reject(
            index=place,
            path=f"$[{place}]",
            code="too_large",
            message="A call has at most 32 KB.",
            payload=line[:4096].decode(errors="replace").replace("\x00", ""),
        )
    try:
        return place, msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        return Reject(
            index=place,
            path=f"$[{place}]",
            code="bad_json",
            message="The line is not JSON.",
            hint=str(error),
            payload=line[:4096].decode(errors="replace").replace("\x00", ""),
        )


def _named(calls: Sequence[Call], forms: Sequence[bytes], ordinals: Ordinals) -> list[Call]:
    """The calls with ids for those that came without."""
    ids = iter(derived_ids([form for form in forms if form], ordinals))
    return [
        call if call.message_id else msgspec.structs.replace(call, message_id=next(ids)) for call in calls
    ]


def _as_sent(document: object) -> Json:
    return document  # pyright: ignore[reportReturnType]  # `parse_call` accepted it, so it is JSON


def shaped_by(document: object, mapping: FileMapping) -> object:
    """A row as the call its mapping says it is."""
    if not is_object(document):
        return document
    shaped = {
        "type": _value(document, mapping.type),
        "event": _value(document, mapping.event),
        "userId": _value(document, mapping.user_id),
        "anonymousId": _value(document, mapping.anonymous_id),
        "timestamp": _time(_value(document, mapping.timestamp), mapping.time_unit),
        "messageId": _value(document, mapping.message_id),
        "properties": _values(document, mapping.properties),
        "traits": _values(document, mapping.traits),
    }
    return {name: value for name, value in shaped.items() if value is not None and value != {}}


def _time(value: object, unit: TimeUnit) -> object:
    """A time as calls have it: a number counts milliseconds."""
    number = number_of(value) if isinstance(value, str) else value
    if unit == "ms" or isinstance(number, bool) or not isinstance(number, int | float):
        return value
    return number * 1000 if unit == "s" else number / 1000


def _values(document: Mapping[str, object], fields: Mapping[str, Field]) -> dict[str, object]:
    values = {name: _value(document, field) for name, field in fields.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(document: Mapping[str, object], field: Field | None) -> object:
    if field is None:
        return None
    return _plain(document.get(field.name)) if isinstance(field, Column) else field.value


def _plain(value: object) -> object:
    """A cell as JSON has it; a cell that is empty or not a number says nothing."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if value == "" or value != value:  # noqa: PLR0124  # only NaN differs from itself
        return None
    return value


def typed_cell(text: str) -> str | float:
    """A cell of a file without types: a number where it is written just as we would write it."""
    number = number_of(text)
    return text if number is None or text_of(number) != text else number
