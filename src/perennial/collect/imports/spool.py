"""Accepted batches on disk until the event store has them, and what they tell about people."""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perennial.collect.events.call import CALL_KINDS, Call, CallKind
from perennial.collect.events.columns import EVENT_SCHEMA
from perennial.collect.identity.key_rules import keys_of
from perennial.collect.identity.model import Identifier, Sighting
from perennial.collect.identity.rules import gather
from perennial.collect.identity.service import CollectTransaction, keep_told, recognise
from perennial.kernel.errors import telling_full_disk
from perennial.kernel.values import Json, rebuild

_Places = np.ndarray[tuple[int], np.dtype[np.int64]]
"""For each row, which sighting it is."""
_TELLING = ("identify", "consent")
_KINDS: tuple[CallKind, ...] = (*CALL_KINDS, "aside")


def write_spool(table: pa.Table, path: Path) -> None:
    """Write rows to a file that is whole and durable under its name, or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    try:
        with telling_full_disk():
            _write_durably(table, partial)
            partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _write_durably(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        with pa.ipc.new_file(file, EVENT_SCHEMA) as writer:
            writer.write_table(table)
        file.flush()
        os.fsync(file.fileno())


def is_spool(path: Path) -> bool:
    """Whether a whole spool is there; one that cannot be read is as good as lost."""
    if not path.is_file():
        return False
    try:
        with pa.ipc.open_file(path):
            return True
    except pa.ArrowInvalid:
        return False


def read_spool(path: Path) -> pa.Table:
    """The rows of a spool."""
    with pa.ipc.open_file(path) as reader:
        return reader.read_all()


def absorb_table(table: pa.Table, transaction: CollectTransaction, *, seed: str) -> pa.Table:
    """Settle whose rows these are, keep what they tell, and give the rows with their people. Idempotent."""
    rules = transaction.identities.rules()
    if rules.kinds:
        sightings, places = _sightings_in_order(table, [keys_of(call, rules) for call in _calls(table)])
    elif _needs_order(table):
        sightings, places = _sightings_in_order(table)
    else:
        sightings, places = _sightings_by_user(table)
    resolution = recognise(sightings, transaction, seed=seed, rules=rules)
    people = np.asarray(resolution.profile_ids, dtype=np.uint64)[places]
    _keep_told(table, people, transaction)
    return with_people(table, people)


def with_people(table: pa.Table, people: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> pa.Table:
    """Rows with whose each of them is."""
    column = table.schema.get_field_index("profile_id")
    return table.set_column(column, EVENT_SCHEMA.field("profile_id"), pa.array(people))


def _needs_order(table: pa.Table) -> bool:
    """Whether names are put together here; where there are user ids only, each stands for itself."""
    has_devices = pc.any(pc.not_equal(table["anonymous_id"], "")).as_py()
    has_aliases = pc.any(pc.equal(table["kind"], "alias")).as_py()
    return bool(has_devices or has_aliases)


def _sightings_in_order(
    table: pa.Table, keys: Sequence[tuple[Identifier, ...]] | None = None
) -> tuple[Sequence[Sighting], _Places]:
    columns = [
        table[name].to_pylist()
        for name in ("user_id", "anonymous_id", "kind", "texts", "occurred_at", "message_id")
    ]
    named = (
        (
            user_id,
            anonymous_id,
            dict(texts)["previous_id"] if kind == "alias" else "",
            occurred_at,
            message_id,
        )
        for user_id, anonymous_id, kind, texts, occurred_at, message_id in zip(*columns, strict=True)
    )
    sightings, places = gather(named, keys)
    return sightings, np.asarray(places, dtype=np.int64)


def _sightings_by_user(table: pa.Table) -> tuple[Sequence[Sighting], _Places]:
    users = pc.dictionary_encode(table["user_id"].combine_chunks())
    first = (
        pa.table({"user": users.indices, "at": table["occurred_at"]})
        .group_by("user")
        .aggregate([("at", "min")])
    )
    earliest: dict[int, datetime] = dict(
        zip(first["user"].to_pylist(), first["at_min"].to_pylist(), strict=True)
    )
    sightings = [
        Sighting(user_id=user_id, occurred_at=earliest[place], cause="")
        for place, user_id in enumerate(users.dictionary.to_pylist())
    ]
    return sightings, np.asarray(users.indices, dtype=np.int64)


def _keep_told(
    table: pa.Table, people: np.ndarray[tuple[int], np.dtype[np.uint64]], transaction: CollectTransaction
) -> None:
    is_telling = pc.is_in(table["kind"], pa.array(_TELLING))
    if pc.any(is_telling).as_py():
        told = people[np.asarray(is_telling)].tolist()
        keep_told(list(_calls(table.filter(is_telling))), told, transaction)


def _calls(table: pa.Table) -> Iterator[Call]:
    for row in table.to_pylist():
        properties = _document(row["raw"], dict(row["numbers"]), dict(row["texts"]))
        context = properties.pop("context", {})
        yield Call(
            kind=_KINDS[_KINDS.index(row["kind"])],
            name=row["name"],
            user_id=row["user_id"],
            anonymous_id=row["anonymous_id"],
            occurred_at=row["occurred_at"],
            received_at=row["received_at"],
            message_id=row["message_id"],
            source=row["source"],
            properties=properties,
            context=context if isinstance(context, dict) else {},
        )


def _document(raw: str, numbers: Mapping[str, float], texts: Mapping[str, str]) -> dict[str, Json]:
    """What a call said that has no column of its own, its context included."""
    return msgspec.json.decode(raw) if raw else rebuild(numbers, texts)
