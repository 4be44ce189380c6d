"""Exporting: events, people, and the people of a segment, each as of one moment."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from perennial.collect.catalogue import in_context, masked
from perennial.collect.events.call import CALL_KINDS
from perennial.compute.profiles import Person
from perennial.kernel.errors import telling_full_disk
from perennial.kernel.ids import ProfileId, TagId, mint_secret, profile_text
from perennial.kernel.values import Json, rebuild
from perennial.runtime.exports.model import ExportOrder, ExportResult, Watching
from perennial.runtime.exports.ports import EventScan, Storage
from perennial.runtime.exports.rules import (
    EVENT_COLUMNS,
    PEOPLE_COLUMNS,
    call_of,
    cell,
    check_columns,
)
from perennial.runtime.exports.writing import Row, open_writer
from perennial.runtime.ports import StateTransaction

PEOPLE_AT_ONCE = 5_000
_LINES_PER_WRITE = 20_000
_NOTHING: Mapping[str, Collection[str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsAsked:
    """Which events are wanted."""

    names: Sequence[str] | None = None
    """Only events under these names; every call of clients, whatever its kind, without."""
    start: datetime | None = None
    end: datetime | None = None
    with_ours: bool = False
    """What Perennial itself logged as well; it cannot be imported, so calls leave it out."""


class Exports:
    """Exports of one workspace. They read, and change nothing but the file they write."""

    def __init__(
        self,
        scan: EventScan,
        storage: Storage,
        directory: Path,
        *,
        personal: Callable[[], Mapping[str, Collection[str]]] = lambda: {},
    ) -> None:
        """`directory` holds what is being written; what is left in it after a crash is let go of.

        `personal` gives the properties that are flagged, by event.
        """
        self._personal = personal
        self._scan = scan
        self._storage = storage
        self._directory = directory

    def events(
        self, asked: EventsAsked, order: ExportOrder, *, now: datetime, watching: Watching
    ) -> ExportResult:
        """Write events. JSON Lines are calls that can be imported again; else rows of columns."""
        columns = list(order.columns or EVENT_COLUMNS)
        check_columns(columns, EVENT_COLUMNS, ("properties", "context"))
        is_calls = order.format == "jsonl" and order.columns is None
        with_ours = asked.with_ours and not is_calls
        total = self._scan.count(names=asked.names, start=asked.start, end=asked.end, with_ours=with_ours)
        hidden = _NOTHING if order.reveals else self._personal()

        def portions() -> Iterator[Sequence[Row]]:
            with self._scan.rows(
                names=asked.names, start=asked.start, end=asked.end, with_ours=with_ours
            ) as batches:
                for batch in batches:
                    for start in range(0, batch.num_rows, _LINES_PER_WRITE):
                        rows = [
                            _plain(row, hidden) for row in batch.slice(start, _LINES_PER_WRITE).to_pylist()
                        ]
                        yield _calls(rows) if is_calls else [_chosen(row, columns) for row in rows]

        return self._write(portions, order, columns, total, now=now, watching=watching)

    def people(
        self,
        members: NDArray[np.uint64] | None,
        order: ExportOrder,
        transaction: StateTransaction,
        *,
        now: datetime,
        watching: Watching,
    ) -> ExportResult:
        """Write people (these, or everyone) with their traits and tags, by user id, the anonymous last."""
        columns = list(order.columns or PEOPLE_COLUMNS)
        check_columns(columns, PEOPLE_COLUMNS, ("traits", "tags"))
        total = None if members is None else len(members)
        hidden = () if order.reveals else self._personal().get("identify", ())

        def portions() -> Iterator[Sequence[Row]]:
            for people in people_among(members, transaction):
                rows = people_rows(people, columns, transaction)
                yield [_chosen(_hiding(row, "traits", hidden), columns) for row in rows]

        return self._write(portions, order, columns, total, now=now, watching=watching)

    def clear(self) -> None:
        """Let go of what a crash left half written."""
        for left in self._directory.glob("*.partial"):
            left.unlink(missing_ok=True)

    def _write(
        self,
        portions: Callable[[], Iterator[Sequence[Row]]],
        order: ExportOrder,
        columns: Sequence[str],
        total: int | None,
        *,
        now: datetime,
        watching: Watching,
    ) -> ExportResult:
        """Write to a file of our own first: at its place there is the whole export, or what was before."""
        self._directory.mkdir(parents=True, exist_ok=True)
        partial = self._directory / f"{mint_secret('export_')}.partial"
        done = 0
        try:
            with telling_full_disk():
                with open_writer(
                    partial, order.format, columns, is_for_spreadsheets=order.is_for_spreadsheets
                ) as writer:
                    for rows in portions():
                        writer.write(rows)
                        done += len(rows)
                        watching.tell(done, total)
                watching.tell(done, total)
                size = partial.stat().st_size
                self._storage.store(partial, order.to)
        finally:
            with suppress(FileNotFoundError):
                partial.unlink()
        return ExportResult(rows=done, size=size, as_of=now)


def people_among(
    members: NDArray[np.uint64] | None, transaction: StateTransaction
) -> Iterator[Sequence[Person]]:
    """People in the order of lists, in portions: everyone, or these."""
    after: Person | None = None
    while stretch := transaction.people.page_by_user_id(limit=PEOPLE_AT_ONCE, after=after):
        after = stretch[-1]
        if members is None:
            yield stretch
            continue
        ids = np.fromiter((person.profile_id for person in stretch), dtype=np.uint64)
        inside = np.isin(ids, members, assume_unique=True).tolist()
        yield [person for person, kept in zip(stretch, inside, strict=True) if kept]


def people_rows(people: Sequence[Person], columns: Sequence[str], transaction: StateTransaction) -> list[Row]:
    """People with what the columns ask of them: nothing is looked up that nobody wants."""
    ids = [person.profile_id for person in people]
    heads = {column.partition(".")[0] for column in columns}
    traits: Mapping[ProfileId, Mapping[str, Json]] = {}
    tags: Mapping[ProfileId, Mapping[str, Json]] = {}
    if "traits" in heads:
        traits = transaction.traits.of(ids)
    if "tags" in heads:
        tags = transaction.tags.values_of(ids, only=_tags_named(columns))
    return [
        {
            "user_id": person.user_id,
            "profile_id": profile_text(person.profile_id),
            "traits": traits.get(person.profile_id, {}),
            "tags": dict(tags.get(person.profile_id, {})),
        }
        for person in people
    ]


def _tags_named(columns: Sequence[str]) -> Sequence[TagId] | None:
    if "tags" in columns:
        return None
    return [TagId(column.removeprefix("tags.")) for column in columns if column.startswith("tags.")]


def _calls(rows: Sequence[Row]) -> list[Row]:
    return [call_of(row) for row in rows if row["kind"] in CALL_KINDS]


def _chosen(row: Row, columns: Sequence[str]) -> Row:
    return {column: cell(row, column) for column in columns}


# An Arrow row is whatever its columns are; EVENT_SCHEMA says what that is.
def _plain(row: Mapping[str, Any], hidden: Mapping[str, Collection[str]]) -> Row:
    """A logged row as plain JSON: its maps are its properties again, its instants ISO 8601."""
    document: dict[str, Json] = (
        msgspec.json.decode(row["raw"]) if row["raw"] else rebuild(dict(row["numbers"]), dict(row["texts"]))
    )
    context = document.pop("context", {})
    plain: dict[str, Json] = {name: row[name] for name in _TEXTS}
    plain |= {name: _iso(row[name]) for name in ("occurred_at", "received_at")}
    shown: Row = {
        **plain,
        "profile_id": profile_text(row["profile_id"]),
        "properties": document,
        "context": context,
    }
    paths = hidden.get(row["name"], ())
    return _hiding(_hiding(shown, "properties", paths), "context", in_context(paths)) if paths else shown


def _hiding(row: Row, column: str, paths: Collection[str]) -> Row:
    """A row with the values at these paths of one column masked."""
    document = row[column]
    if not paths or not isinstance(document, Mapping):
        return row
    return {**row, column: masked(document, paths)}


_TEXTS = ("name", "kind", "source", "message_id", "user_id", "anonymous_id")


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
