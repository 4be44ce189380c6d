"""Column by column: events in CSV and Parquet, at the speed of columns rather than of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from perennial.collect.events.columns import EVENT_SCHEMA
from perennial.collect.events.model import MAX_CALL_BYTES, MAX_ID, Reception, Reject
from perennial.collect.events.rules import EARLIEST, LATEST, event_name_problem, instant_from, payload_text
from perennial.collect.imports.leaves import Leaf, leaves_of
from perennial.collect.imports.maps import map_column
from perennial.collect.imports.model import Column, Constant, Field, FileMapping, TimeUnit
from perennial.collect.imports.ordinals import Ordinals
from perennial.collect.imports.portion import Portion, derived_ids
from perennial.kernel.values import text_of
from perennial.kernel.windows import Zone

_INSTANT = pa.timestamp("us", tz="UTC")
_SEPARATOR, _NOTHING = "\x1f", "\x1e"
_LOCAL_FORM = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?$"
_UTC_FORM = _LOCAL_FORM.removesuffix("$") + "Z$"
EVENT_TYPES = ("track", "page", "screen")


def is_columnar(mapping: FileMapping) -> bool:
    """Whether a file holds nothing but events, so that no row needs to be looked at by itself."""
    return isinstance(mapping.type, Constant) and mapping.type.value in EVENT_TYPES


@dataclass(frozen=True, slots=True)
class _Reading:
    """The parts of a portion's rows, as columns of equal length."""

    event: pa.Array
    user_id: pa.Array
    anonymous_id: pa.Array
    occurred_at: pa.Array
    message_id: pa.Array
    leaves: Sequence[Leaf]
    bad_times: pa.Array
    raw: pa.Array
    """Each row's properties as JSON where the maps do not give them back, else empty."""

    @property
    def form(self) -> pa.Array:
        """Each row's canonical form: everything it says, in the order of the mapping."""
        parts = [
            self.event,
            self.user_id,
            self.anonymous_id,
            pc.cast(pc.cast(self.occurred_at, pa.int64()), pa.string()),
        ]
        parts += [leaf.form for leaf in self.leaves]
        return pc.binary_join_element_wise(
            *parts, _SEPARATOR, null_handling="replace", null_replacement=_NOTHING
        )


def read_columns(
    batch: pa.RecordBatch,
    mapping: FileMapping,
    reception: Reception,
    ordinals: Ordinals,
    *,
    start: int,
    is_typed: bool,
) -> Portion:
    """One portion of events from its columns."""
    reading = _read(batch, mapping, reception.zone, is_typed=is_typed)
    forms = reading.form
    reasons = _reasons(reading, forms)
    rejects = _rejects(batch, reasons, start)
    good = pa.array([place for place in range(batch.num_rows) if place not in reasons]) if reasons else None
    kept = reading if good is None else _taken(reading, good)
    kept_forms = forms if good is None else forms.take(good)
    ids = _message_ids(kept, kept_forms, ordinals)
    table = _table(kept, ids, _kind(mapping), reception.source)
    return Portion(start=start, rows=batch.num_rows, table=table, rejects=rejects)


def _read(batch: pa.RecordBatch, mapping: FileMapping, zone: Zone, *, is_typed: bool) -> _Reading:
    rows = batch.num_rows
    kind = _kind(mapping)
    leaves = [
        leaf
        for name, field in mapping.properties.items()
        for leaf in leaves_of(name, _column(batch, field), is_typed=is_typed)
    ]
    stated = in_milliseconds(_column(batch, mapping.timestamp), mapping.time_unit)
    occurred_at = _instants(stated, zone)
    return _Reading(
        event=_texts(_column(batch, mapping.event)) if kind == "track" else pa.repeat(kind, rows),
        user_id=_texts(_column(batch, mapping.user_id)),
        anonymous_id=_texts(_column(batch, mapping.anonymous_id)),
        occurred_at=occurred_at,
        message_id=_texts(_column(batch, mapping.message_id)),
        leaves=leaves,
        bad_times=pc.and_(pc.is_null(occurred_at), pc.is_valid(_texts(stated))),
        raw=_raw({name: _column(batch, field) for name, field in mapping.properties.items()}, rows),
    )


def _raw(columns: Mapping[str, pa.Array], rows: int) -> pa.Array:
    """The properties as JSON, where lists, objects or booleans could not be had back from the three maps."""
    if not any(pa.types.is_nested(each.type) or pa.types.is_boolean(each.type) for each in columns.values()):
        return pa.repeat("", rows)
    documents = pa.table(dict(columns)).to_pylist()
    return pa.array([msgspec.json.encode(document).decode() for document in documents], pa.string())


def _kind(mapping: FileMapping) -> str:
    return str(mapping.type.value) if isinstance(mapping.type, Constant) else ""


def _column(batch: pa.RecordBatch, field: Field | None) -> pa.Array:
    if field is None:
        return pa.nulls(batch.num_rows, pa.string())
    if isinstance(field, Column):
        return batch.column(field.name)
    return pa.repeat(pa.scalar(field.value), batch.num_rows)


def _texts(column: pa.Array) -> pa.Array:
    """A column as texts, empty ones null; whole numbers without a fraction, as an id is written."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_floating(column.type):
        unique = pc.dictionary_encode(pc.if_else(pc.is_finite(column), column, None))
        names = [None if value is None else text_of(value) for value in unique.dictionary.to_pylist()]
        texts = pa.array(names, pa.string()).take(unique.indices)
    else:
        texts = pc.cast(column, pa.string())
    return pc.if_else(pc.equal(texts, ""), None, texts)


def in_milliseconds(column: pa.Array, unit: TimeUnit) -> pa.Array:
    """Times that are numbers of another unit as instants; whatever is no number stays as it is."""
    if unit == "ms" or pa.types.is_temporal(column.type):
        return column
    try:
        counted = pc.cast(
            pc.cast(column, pa.float64()) if unit == "s" else column, pa.int64(), safe=unit != "s"
        )
        return pc.cast(pc.cast(counted, pa.timestamp(unit, tz="UTC")), _INSTANT)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return column


def _instants(column: pa.Array, zone: Zone) -> pa.Array:
    """A column as instants; null where it says nothing that is a time."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        if pa.types.is_integer(column.type):
            return pc.cast(pc.cast(pc.cast(column, pa.int64()), pa.timestamp("ms", tz="UTC")), _INSTANT)
        if pa.types.is_timestamp(column.type):
            return _placed(column, zone)
        if pa.types.is_string(column.type) and _all_match(column, _UTC_FORM):
            return pc.cast(column, _INSTANT)
        if pa.types.is_string(column.type) and _all_match(column, _LOCAL_FORM):
            return _placed(pc.cast(column, pa.timestamp("us")), zone)
    except pa.ArrowInvalid:
        # A day that does not exist, or an hour that a clock change skipped: only a closer look can tell.
        pass
    return _instants_one_by_one(column, zone)


def _placed(column: pa.Array, zone: Zone) -> pa.Array:
    """Timestamps as instants: without a zone local ones, and of an hour that comes twice the first."""
    if column.type.tz is None:
        column = pc.assume_timezone(column, zone.name, ambiguous="earliest", nonexistent="raise")
    return pc.cast(column, _INSTANT, safe=False)


def _all_match(column: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py())


def _instants_one_by_one(column: pa.Array, zone: Zone) -> pa.Array:
    """Each distinct value once, by the rule that live calls are read with."""
    unique = pc.dictionary_encode(column)
    read = [_instant(value, zone) for value in unique.dictionary.to_pylist()]
    return pa.array(read, _INSTANT).take(unique.indices)


def _instant(value: object, zone: Zone) -> datetime | None:
    return instant_from(value.isoformat() if isinstance(value, date) else value, zone)


def _reasons(reading: _Reading, forms: pa.Array) -> dict[int, tuple[str, str, str, str]]:
    """Why each bad row cannot be taken: part, code, message and hint; of several the last one checked."""
    names = pc.fill_null(reading.event, "")
    nameless = {name: event_name_problem(name) for name in pc.unique(names).to_pylist()}
    nobody = pc.and_(pc.is_null(reading.user_id), pc.is_null(reading.anonymous_id))
    at_most = f"An id has at most {MAX_ID} letters."
    checks: list[tuple[pa.Array, tuple[str, str, str, str]]] = [
        (
            pc.match_substring(forms, "\x00"),
            ("", "bad_text", "A text holds a NUL character.", "Leave it out."),
        ),
        (
            pc.greater(pc.binary_length(forms), MAX_CALL_BYTES),
            ("", "too_large", "A call has at most 32 KB.", ""),
        ),
        (pc.is_null(reading.occurred_at), (".timestamp", "missing_timestamp", "History needs the time.", "")),
        (
            reading.bad_times,
            (".timestamp", "bad_timestamp", "This is no time.", "Write 2026-01-31T09:00:00Z."),
        ),
        (
            _is_out_of_range(reading.occurred_at),
            (".timestamp", "bad_timestamp", "Outside the years 1900 to 2299.", ""),
        ),
        (_is_long(reading.message_id), (".messageId", "id_too_long", at_most, "")),
        (_is_long(reading.anonymous_id), (".anonymousId", "id_too_long", at_most, "")),
        (_is_long(reading.user_id), (".userId", "id_too_long", at_most, "")),
        (nobody, ("", "missing_id", "A call needs a userId or an anonymousId.", "")),
    ]
    for name, problem in nameless.items():
        if problem:
            checks.append((pc.equal(names, name), (".event", *problem)))
    reasons: dict[int, tuple[str, str, str, str]] = {}
    for is_bad, reason in checks:
        reasons.update(dict.fromkeys(_places(is_bad).tolist(), reason))
    return reasons


def _places(mask: pa.Array) -> NDArray[np.int64]:
    return np.flatnonzero(np.asarray(pc.fill_null(mask, False)))


def _is_long(ids: pa.Array) -> pa.Array:
    return pc.greater(pc.utf8_length(ids), MAX_ID)


def _is_out_of_range(instants: pa.Array) -> pa.Array:
    earliest, latest = pa.scalar(EARLIEST, _INSTANT), pa.scalar(LATEST, _INSTANT)
    return pc.or_(pc.less(instants, earliest), pc.greater(instants, latest))


def _rejects(
    batch: pa.RecordBatch, reasons: dict[int, tuple[str, str, str, str]], start: int
) -> list[Reject]:
    places = sorted(reasons)
    rows = batch.take(pa.array(places, pa.int64())).to_pylist()
    return [
        Reject(
            index=start + place,
            path=f"$[{start + place}]{reasons[place][0]}",
            code=reasons[place][1],
            message=reasons[place][2],
            hint=reasons[place][3],
            payload=payload_text(row),
        )
        for place, row in zip(places, rows, strict=True)
    ]


def _taken(reading: _Reading, good: pa.Array) -> _Reading:
    return _Reading(
        event=reading.event.take(good),
        user_id=reading.user_id.take(good),
        anonymous_id=reading.anonymous_id.take(good),
        occurred_at=reading.occurred_at.take(good),
        message_id=reading.message_id.take(good),
        leaves=[_taken_leaf(leaf, good) for leaf in reading.leaves],
        bad_times=reading.bad_times.take(good),
        raw=reading.raw.take(good),
    )


def _taken_leaf(leaf: Leaf, good: pa.Array) -> Leaf:
    return Leaf(
        path=leaf.path,
        numbers=None if leaf.numbers is None else leaf.numbers.take(good),
        texts=None if leaf.texts is None else leaf.texts.take(good),
        lists=None if leaf.lists is None else leaf.lists.take(good),
    )


def _message_ids(reading: _Reading, forms: pa.Array, ordinals: Ordinals) -> pa.Array:
    missing = pc.is_null(reading.message_id)
    if not pc.any(missing).as_py():
        return reading.message_id
    paths = _SEPARATOR.join(leaf.path for leaf in reading.leaves).encode()
    derived = derived_ids([paths + form.encode() for form in forms.filter(missing).to_pylist()], ordinals)
    return pc.replace_with_mask(reading.message_id, missing, pa.array(derived, pa.string()))


def _table(reading: _Reading, ids: pa.Array, kind: str, source: str) -> pa.Table:
    rows = len(ids)
    columns = {
        "profile_id": pa.array(np.zeros(rows, dtype=np.uint64)),
        "occurred_at": reading.occurred_at,
        "received_at": reading.occurred_at,
        "name": reading.event,
        "kind": pa.repeat(kind, rows),
        "origin": pa.repeat("source", rows),
        "source": pa.repeat(source, rows),
        "message_id": ids,
        "user_id": pc.fill_null(reading.user_id, ""),
        "anonymous_id": pc.fill_null(reading.anonymous_id, ""),
        "numbers": _map("numbers", [(leaf.path, leaf.numbers) for leaf in reading.leaves], rows),
        "texts": _map("texts", [(leaf.path, leaf.texts) for leaf in reading.leaves], rows),
        "lists": _map("lists", [(leaf.path, leaf.lists) for leaf in reading.leaves], rows),
        "raw": reading.raw,
    }
    return pa.table([columns[name] for name in EVENT_SCHEMA.names], schema=EVENT_SCHEMA)


def _map(column: str, leaves: Sequence[tuple[str, pa.Array | None]], rows: int) -> pa.Array:
    present = [(path, values) for path, values in leaves if values is not None]
    kind = EVENT_SCHEMA.field(column).type
    return map_column([path for path, _ in present], [values for _, values in present], kind, rows)
