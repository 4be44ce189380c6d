"""Running transfers: when they are due, or when somebody asks."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from threading import Event, Lock

import msgspec
import numpy as np
import structlog

from perennial.collect.imports.model import ImportResult
from perennial.collect.schedules import Scheduled, ScheduleKind
from perennial.kernel.errors import NotFound, PerennialError, nearest
from perennial.kernel.ids import SegmentId, mint_secret
from perennial.kernel.values import Json, canonical
from perennial.runtime.consequences import Stages
from perennial.runtime.exports.rules import cell
from perennial.runtime.exports.service import people_among, people_rows
from perennial.runtime.ports import StateTransaction
from perennial.runtime.transfers.model import DatabaseExport, DatabaseSource
from perennial.runtime.transfers.parse import parse_export, parse_source
from perennial.runtime.transfers.ports import Databases, Rows

_log = structlog.get_logger(__name__)

RHYTHM = timedelta(seconds=10)
"""Between two looks at what is due."""
_RETRY = timedelta(minutes=1)
_KEYS_AT_ONCE = 10_000

ImportRows = Callable[[Path, Mapping[str, Json], str], ImportResult]
"""Imports a file of rows by a mapping, under a name."""


class Transfers:
    """Database sources and database exports of one workspace."""

    def __init__(
        self, stages: Stages, databases: Databases, *, import_rows: ImportRows, directory: Path
    ) -> None:
        """`directory` holds rows between the database and their import."""
        self._stages = stages
        self._databases = databases
        self._import_rows = import_rows
        self._directory = directory
        self._running = Lock()
        self._stopping = Event()

    def save(self, kind: ScheduleKind, document: Json) -> Scheduled:
        """Keep a document; it is due at once. Changed, it begins anew; a source goes on from its mark."""
        schedule_id = (
            parse_source(document).source_id if kind == "source" else parse_export(document).export_id
        )
        told: Mapping[str, Json] = document if isinstance(document, Mapping) else {}
        with self._stages.state.begin() as transaction:
            before = _find(transaction, kind, schedule_id)
            if before is not None and before.document == told:
                return before
            saved = Scheduled(
                kind=kind,
                schedule_id=schedule_id,
                document=told,
                due_at=self._stages.clock.now(),
                mark=before.mark if before and before.document.get("cursor") == told.get("cursor") else None,
            )
            if before is not None and kind == "export" and before.document.get("table") != told.get("table"):
                # What was written elsewhere says nothing about this table.
                transaction.schedules.remove(kind, schedule_id)
            transaction.schedules.save(saved)
        return saved

    def list(self, kind: ScheduleKind) -> Sequence[Scheduled]:
        """Every one of a kind, by id."""
        with self._stages.state.read() as transaction:
            return transaction.schedules.list(kind)

    def remove(self, kind: ScheduleKind, schedule_id: str) -> Scheduled:
        """Forget one; what was imported or written stays. Raises NotFound."""
        with self._stages.state.begin() as transaction:
            found = _get(transaction, kind, schedule_id)
            transaction.schedules.remove(kind, schedule_id)
        return found

    def run(self, kind: ScheduleKind, schedule_id: str) -> Scheduled:
        """Run one now. Raises NotFound, and whatever went wrong; that is noted too."""
        with self._running:
            with self._stages.state.read() as transaction:
                found = _get(transaction, kind, schedule_id)
            began = self._stages.clock.now()
            try:
                every, outcome = self._carry_out(found)
            except PerennialError as error:
                self._note(found, began, due_at=began + _RETRY, problem=error)
                raise
            return self._note(found, began, due_at=began + every, outcome=outcome)

    def turn(self) -> timedelta:
        """Run what is due; how long nothing will be."""
        now = self._stages.clock.now()
        with self._stages.state.read() as transaction:
            next_due = transaction.schedules.next_due()
            if next_due is None or next_due > now:
                return RHYTHM
            due = [one for one in transaction.schedules.list() if one.due_at <= now]
        for one in due:
            if self._stopping.is_set():
                break
            try:
                self.run(one.kind, one.schedule_id)
            except PerennialError as error:
                _log.warning("transfer_failed", kind=one.kind, id=one.schedule_id, code=error.code)
        return RHYTHM

    def stop(self) -> None:
        """Stop after the portion at hand."""
        self._stopping.set()

    def _carry_out(self, found: Scheduled) -> tuple[timedelta, Mapping[str, Json]]:
        if found.kind == "source":
            source = parse_source(found.document)
            return source.every, self._read_from(source, found.mark)
        export = parse_export(found.document)
        return export.every, self._write_to(export)

    def _note(
        self,
        found: Scheduled,
        began: datetime,
        *,
        due_at: datetime,
        outcome: Mapping[str, Json] | None = None,
        problem: PerennialError | None = None,
    ) -> Scheduled:
        with self._stages.state.begin() as transaction:
            # Its mark has moved meanwhile, and it may be gone or changed.
            now = _find(transaction, found.kind, found.schedule_id)
            told = None if problem is None else _told(problem)
            noted = replace(
                now or found, ran_at=began, due_at=due_at, outcome=outcome or found.outcome, problem=told
            )
            if now is not None and now.document == found.document:
                transaction.schedules.save(noted)
        return noted

    # --- sources ----------------------------------------------------------------------------------

    def _read_from(self, source: DatabaseSource, mark: Mapping[str, Json] | None) -> Mapping[str, Json]:
        """Import what is new, portion by portion; the mark follows each.

        A crash between a portion and its mark reads it again, and its rows are known by their ids.
        """
        total = {"read": 0, "accepted": 0, "duplicates": 0, "rejected": 0}
        with self._databases.rows(
            source.url_secret, source.query, cursor=source.cursor, since=mark
        ) as portions:
            for rows, reached in portions:
                result = self._import(rows, source)
                for name in total:
                    total[name] += getattr(result, name)
                with self._stages.state.begin() as transaction:
                    transaction.schedules.mark(source.source_id, reached)
                if self._stopping.is_set():
                    break
        return {**total}

    def _import(self, rows: Rows, source: DatabaseSource) -> ImportResult:
        self._directory.mkdir(parents=True, exist_ok=True)
        file = self._directory / f"{mint_secret('rows_')}.jsonl"
        try:
            file.write_bytes(msgspec.json.Encoder().encode_lines(rows))
            return self._import_rows(file, source.mapping, f"database:{source.source_id}")
        finally:
            with suppress(FileNotFoundError):
                file.unlink()

    # --- exports ----------------------------------------------------------------------------------

    def _write_to(self, export: DatabaseExport) -> Mapping[str, Json]:
        """Bring a table up to date: rows are written by key, so that again is as once."""
        counts = {"people": 0, "written": 0, "deleted": 0}
        present: list[np.ndarray[tuple[int], np.dtype[np.uint64]]] = []
        with self._stages.state.read() as transaction:
            members = None
            if export.segment is not None:
                self._stages.segments.get(SegmentId(export.segment), state=transaction)
                members = transaction.segments.members(SegmentId(export.segment))
            for people in people_among(members, transaction):
                found = people_rows(people, list(export.columns.values()), transaction)
                rows = {str(row[export.key]): row for one in found if (row := _row(one, export))[export.key]}
                present.append(_hashes(list(rows)))
                counts["people"] += len(rows)
                counts["written"] += self._write_portion(export, rows, transaction)
                if self._stopping.is_set():
                    return {**counts}
        counts["deleted"] = self._take_away(export, np.sort(np.concatenate([*present, _hashes([])])))
        return {**counts}

    def _write_portion(
        self, export: DatabaseExport, rows: Mapping[str, Mapping[str, Json]], reading: StateTransaction
    ) -> int:
        digests = {key: blake2b(canonical(row), digest_size=16).digest() for key, row in rows.items()}
        known: Mapping[str, bytes] = {}
        if export.mode == "changes":
            known = reading.schedules.digests(export.export_id, list(rows))
        changed = [key for key in rows if known.get(key) != digests[key]]
        if changed:
            written = [rows[key] for key in changed]
            self._databases.write(export.url_secret, export.table, key=export.key, rows=written)
            with self._stages.state.begin() as transaction:
                transaction.schedules.wrote(export.export_id, {key: digests[key] for key in changed})
        return len(changed)

    def _take_away(self, export: DatabaseExport, present: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> int:
        """Let go of rows whose person is not among them any more; only rows that we wrote are deleted."""
        deleted, after = 0, ""
        while True:
            with self._stages.state.read() as transaction:
                keys = transaction.schedules.written_keys(export.export_id, after=after, limit=_KEYS_AT_ONCE)
            if not keys:
                return deleted
            after = keys[-1]
            is_here = np.isin(_hashes(keys), present)
            gone = [key for key, here in zip(keys, is_here.tolist(), strict=True) if not here]
            if not gone:
                continue
            if export.deletes:
                self._databases.delete(export.url_secret, export.table, key=export.key, values=gone)
                deleted += len(gone)
            with self._stages.state.begin() as transaction:
                transaction.schedules.took_away(export.export_id, gone)


def _row(person: Mapping[str, Json], export: DatabaseExport) -> dict[str, Json]:
    """A person's row of the table; what is no single value is JSON text."""
    row: dict[str, Json] = {}
    for name, column in export.columns.items():
        value = cell(person, column)
        is_plain = value is None or isinstance(value, bool | int | float | str)
        row[name] = value if is_plain else canonical(value).decode()
    return row


def _hashes(keys: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Keys in 8 bytes each: those of millions of people are held at once."""
    digests = b"".join(blake2b(key.encode(), digest_size=8).digest() for key in keys)
    return np.frombuffer(digests, dtype=np.uint64)


def _told(error: PerennialError) -> Mapping[str, Json]:
    return {"code": error.code, "message": error.message, "hint": error.hint, "path": error.path}


def _find(transaction: StateTransaction, kind: ScheduleKind, schedule_id: str) -> Scheduled | None:
    listed = transaction.schedules.list(kind)
    return next((one for one in listed if one.schedule_id == schedule_id), None)


def _get(transaction: StateTransaction, kind: ScheduleKind, schedule_id: str) -> Scheduled:
    listed = {one.schedule_id: one for one in transaction.schedules.list(kind)}
    if schedule_id not in listed:
        message = f"No database {kind} is called {schedule_id!r}."
        raise NotFound(message, hint=nearest(schedule_id, listed))
    return listed[schedule_id]
