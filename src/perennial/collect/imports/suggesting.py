"""Suggesting a mapping from a file's header and first rows: what is likely meant, how sure, and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from perennial.collect.events.model import Reception, Reject
from perennial.collect.events.rules import instant_from, is_object, parse_call
from perennial.collect.imports.headers import (
    Form,
    Part,
    Sureness,
    form_of,
    part_by_name,
    plain,
    property_name,
)
from perennial.collect.imports.lines import shaped_by, typed_cell
from perennial.collect.imports.mapping import parse_mapping
from perennial.collect.imports.opening import (
    FileNotFound,
    FileNotReadable,
    Kind,
    bounded_lines,
    kind_of,
    unpacked,
)
from perennial.kernel.values import Json, canonical, number_of
from perennial.kernel.windows import Zone

SAMPLED_ROWS = 200
_SHOWN_ROWS = 3
_PARTS: Sequence[Part] = ("event", "user_id", "anonymous_id", "timestamp", "message_id")
_CALLS = frozenset({"type", "timestamp"})
_SECONDS_BELOW, _MILLISECONDS_BELOW = 1e11, 1e14
"""Since 1970: a number of seconds is smaller than the one, of milliseconds than the other, for 3000 years."""
_BARE = re.compile(r"[^\W\d]\w*")
_MEANT_OTHERWISE = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
Row = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one part of a mapping was taken to be."""

    part: str
    column: str
    sure: Sureness
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A mapping that a file speaks for."""

    mapping: Mapping[str, Json] | None
    """None: the file's lines are calls already and need none."""
    yaml: str
    """The same, ready to be saved; a remark behind what is not sure."""
    form: str | None
    """The system whose export this looks like."""
    readings: Sequence[Reading]
    rows: Sequence[Json]
    """The first rows as the calls they would be, or what is wrong with them."""


def suggest(file: Path, *, zone: Zone) -> Suggestion:
    """Which mapping a file speaks for. Raises FileNotFound, FileNotReadable."""
    if not file.is_file():
        raise FileNotFound(f"There is no file {file}.", path=str(file))
    rows = _sample(file, kind_of(file.name))
    if not rows:
        raise FileNotReadable(f"{file.name} has no rows.", hint="A header alone does not say what is meant.")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if set(columns) >= _CALLS and any(name in columns for name in ("userId", "anonymousId")):
        yaml = "# Every line is a call already: no mapping is needed.\n"
        return Suggestion(mapping=None, yaml=yaml, form="calls", readings=(), rows=_shown(rows, None, zone))
    form = form_of(columns)
    readings = _readings(columns, rows, form, zone)
    mapping = _mapping(readings, columns, rows, file)
    return Suggestion(
        mapping=mapping,
        yaml=_with_remarks(mapping, readings, form),
        form=form.name if form else None,
        readings=readings,
        rows=_shown(rows, mapping, zone),
    )


def _sample(file: Path, kind: Kind) -> list[Row]:
    """The first rows; a file of lines gives those that are objects."""
    try:
        if kind.format == "parquet":
            with pyarrow.parquet.ParquetFile(file) as parquet:
                first = next(parquet.iter_batches(batch_size=SAMPLED_ROWS), None)
            return [] if first is None else first.to_pylist()
        with unpacked(file, kind) as text:
            if kind.format == "lines":
                return [
                    row
                    for line in islice(bounded_lines(text), SAMPLED_ROWS)
                    if (row := _row(line)) is not None
                ]
            with pyarrow.csv.open_csv(
                text, convert_options=pyarrow.csv.ConvertOptions(strings_can_be_null=False)
            ) as reader:
                names = list(reader.schema.names)
        with unpacked(file, kind) as text:
            return _csv_sample(text, names)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileNotReadable(f"{file.name} cannot be read.", hint=str(error)[:300]) from error


def _csv_sample(text: object, names: Sequence[str]) -> list[Row]:
    as_texts = pyarrow.csv.ConvertOptions(
        column_types={name: pa.string() for name in names}, strings_can_be_null=False
    )
    with pyarrow.csv.open_csv(text, convert_options=as_texts) as reader:
        first = reader.read_next_batch()
    rows = first.slice(0, SAMPLED_ROWS).to_pylist()
    return [{name: typed_cell(cell) for name, cell in row.items()} for row in rows]


def _row(line: bytes) -> Row | None:
    try:
        row: object = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None
    return row if is_object(row) else None  # pyright: ignore[reportReturnType]  # a JSON decoder gave it


def _readings(columns: Sequence[str], rows: Sequence[Row], form: Form | None, zone: Zone) -> list[Reading]:
    readings: list[Reading] = []
    left = list(columns)
    for part in _PARTS:
        if form and form.parts.get(part) in left:
            column, sure, why = form.parts[part], "sure", f"{form.name} calls it so"
        elif named := part_by_name(part, left):
            column, sure = named
            why = f"{column!r} usually is that" if sure == "sure" else f"{column!r} sounds like it"
        else:
            continue
        checked = _checked(part, column, sure, why, [row.get(column) for row in rows], zone)
        if checked is not None:
            readings.append(checked)
            left.remove(column)
    if all(reading.part != "timestamp" for reading in readings):
        readings += _only_times(left, rows, zone)
    return readings


def _only_times(columns: Sequence[str], rows: Sequence[Row], zone: Zone) -> list[Reading]:
    """The one column of which every value is a text that reads as a time; none where there are several."""
    values = {column: [row.get(column) for row in rows] for column in columns}
    times = [
        column
        for column, cells in values.items()
        if all(isinstance(cell, str) and _is_time(cell, zone) for cell in cells)
    ]
    if len(times) != 1:
        return []
    why = f"{times[0]!r} is the only column of times"
    return [Reading(part="timestamp", column=times[0], sure="guess", why=why)]


def _checked(
    part: Part, column: str, sure: Sureness, why: str, values: Sequence[Json], zone: Zone
) -> Reading | None:
    """A reading, as sure as the values leave it; None where they speak against it."""
    present = [value for value in values if value not in (None, "")]
    share = len(present) / len(values)
    if part == "timestamp":
        read = sum(_is_time(value, zone) for value in present)
        if read < len(present) / 2:
            return Reading(part=part, column=column, sure="guess", why=f"{why}; but few values read as times")
    if part == "message_id" and len(set(map(str, present))) < len(values):
        return None  # an id that comes twice would make two rows one
    if part in ("user_id", "event") and share < 0.5:
        return Reading(part=part, column=column, sure="guess", why=f"{why}; but it is mostly empty")
    return Reading(part=part, column=column, sure=sure, why=why)


def _is_time(value: Json, zone: Zone) -> bool:
    # Dates of Parquet are dates already.
    is_plain = value is None or isinstance(value, bool | int | float | str)
    return instant_from(value, zone) is not None if is_plain else True


def _mapping(
    readings: Sequence[Reading], columns: Sequence[str], rows: Sequence[Row], file: Path
) -> dict[str, Json]:
    found = {reading.part: reading.column for reading in readings}
    rest = [column for column in columns if column not in found.values()]
    named: dict[str, Json] = {}
    for column in rest:
        name = property_name(column)
        named[column.strip() if name in named else name] = column
    is_people = "event" not in found and "message_id" not in found and _is_about_people(rest)
    mapping: dict[str, Json] = {"type": "identify" if is_people else "track"}
    if not is_people:
        mapping["event"] = found.get("event", {"value": plain(file.name.partition(".")[0]) or "imported"})
    mapping |= {part: found[part] for part in _PARTS[1:] if part in found}
    if "timestamp" in found:
        unit = _unit([row.get(found["timestamp"]) for row in rows])
        if unit != "ms":
            mapping["time_unit"] = unit
    if named:
        mapping["traits" if is_people else "properties"] = named
    return mapping


def _is_about_people(columns: Sequence[str]) -> bool:
    names = {property_name(column) for column in columns}
    return bool(names & {"phone", "email", "name", "city"}) and not names & {"amount", "quantity", "sku"}


def _unit(values: Sequence[Json]) -> str:
    numbers = [number for value in values if (number := _number(value)) is not None]
    if not numbers:
        return "ms"
    largest = max(map(abs, numbers))
    if largest < _SECONDS_BELOW:
        return "s"
    return "ms" if largest < _MILLISECONDS_BELOW else "us"


def _number(value: Json) -> float | None:
    if isinstance(value, str):
        return number_of(value)
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def _with_remarks(mapping: Mapping[str, Json], readings: Sequence[Reading], form: Form | None) -> str:
    remarks = {one.part: f"{one.sure}: {one.why}" for one in readings}
    if isinstance(mapping.get("event"), Mapping):
        remarks["event"] = "guess: no column says it; the file's name"
    lines = [f"# Looks like an export of {form.name}."] if form else []
    for key, value in mapping.items():
        if isinstance(value, Mapping) and "value" not in value:
            lines += [f"{key}:", *(f"  {_word(name)}: {_word(column)}" for name, column in value.items())]
            continue
        line = f"{key}: {_word(value)}"
        lines.append(f"{line}  # {remarks[key]}" if key in remarks else line)
    for part, missing in (("timestamp", "When it happened"), ("user_id", "Whose row it is")):
        if part not in mapping and not (part == "user_id" and "anonymous_id" in mapping):
            lines.append(f"# {part}: COLUMN  # missing: no column says it. {missing} is needed.")
    return "\n".join(lines) + "\n"


def _word(value: Json) -> str:
    """A word of YAML: bare where nothing else can be meant, else as JSON, which YAML reads."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_word(key)}: {_word(one)}" for key, one in value.items()) + "}"
    is_bare = isinstance(value, str) and _BARE.fullmatch(value) and value.lower() not in _MEANT_OTHERWISE
    return value if is_bare and isinstance(value, str) else canonical(value).decode()


def _shown(rows: Sequence[Row], mapping: Mapping[str, Json] | None, zone: Zone) -> list[Json]:
    read = None if mapping is None else parse_mapping(mapping)
    reception = Reception(source="import", received_at=None, zone=zone)
    shown: list[Json] = []
    for place, row in enumerate(rows[:_SHOWN_ROWS]):
        call = row if read is None else shaped_by(row, read)
        parsed = parse_call(call, reception, new_id=lambda: "", index=place, root=f"$[{place}]")
        if isinstance(parsed, Reject):
            shown.append({"row": place, "path": parsed.path, "code": parsed.code, "message": parsed.message})
        else:
            shown.append({"row": place, **_told(call)})
    return shown


def _told(call: object) -> dict[str, Json]:
    """A call as it is written: of a file without types, whole numbers are read as any numbers are."""
    told: dict[str, Json] = msgspec.to_builtins(call)
    return {name: _as_written(value) for name, value in told.items()}


def _as_written(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _as_written(one) for name, one in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value
