"""Bringing a file of history in: every row once, whatever interrupts it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

from perennial.collect.acquisition import note_rows
from perennial.collect.acquisition.ports import TouchTransaction
from perennial.collect.events.model import Batch, Reception, Screening
from perennial.collect.events.ports import EventStore
from perennial.collect.events.rules import message_keys
from perennial.collect.identity.service import CollectTransaction, tell_merges
from perennial.collect.imports.files import ImportFile, open_file
from perennial.collect.imports.mapping import parse_mapping
from perennial.collect.imports.model import ImportProgress, ImportResult, Spool
from perennial.collect.imports.portion import Portion
from perennial.collect.imports.ports import ImportLedger
from perennial.collect.imports.screened import concealed
from perennial.collect.imports.spool import absorb_table, is_spool, read_spool, with_people, write_spool
from perennial.kernel.clock import Clock
from perennial.kernel.errors import Refused
from perennial.kernel.ids import derive_number, derive_text
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

_SPOOLS = "spools"
"""The stream of cuts that says whose the rows of a spool are."""
_OF = "-"
"""In a token, between where a batch begins and which rows it has."""


class RowsElsewhere(Refused):
    """Accepted rows of this import are in a directory that is not here."""

    code = "rows_elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSettings:
    """What an import takes from its workspace."""

    spool_directory: Path
    seed: str
    zone: Zone


class ImportTransaction(CollectTransaction, TouchTransaction, Protocol):
    """The part of a state transaction that rows of history are taken to heart in."""


class ImportState(Protocol):
    """A state store that such transactions are begun on."""

    def begin(self) -> AbstractContextManager[ImportTransaction]:
        """One transaction; it commits at the end of the block."""
        ...


class Imports:
    """Imports of one workspace. They tell what happened and start nothing.

    A batch is written to a spool, then accepted together with the record of its spool; from there it is
    carried into the state and the event store, each step idempotent, and only then is the spool dropped.
    """

    def __init__(
        self,
        ledger: ImportLedger,
        state: ImportState,
        events: EventStore,
        clock: Clock,
        settings: ImportSettings,
        *,
        turn: AbstractContextManager[object] | None = None,
        screening: Callable[[str], tuple[Screening | None, str]] = lambda _source: (None, ""),
    ) -> None:
        """`turn` is held while a batch is carried: whoever else settles identities waits one batch.

        `screening` gives what the calls of a source are screened by, and what that is known by.
        """
        self._ledger = ledger
        self._state = state
        self._events = events
        self._clock = clock
        self._settings = settings
        self._turn = turn or nullcontext()
        self._screening = screening

    def run(
        self,
        file: Path,
        *,
        mapping: Mapping[str, Json] | None = None,
        name: str | None = None,
        progress: Callable[[int, int | None], None] = lambda _read, _total: None,
        is_cancelled: Callable[[], bool] = lambda: False,
        skips_done: bool = False,
    ) -> ImportResult:
        """Import a file; an interrupted import of the same file goes on where it was. Returns once queryable.

        `progress` hears rows read and rows in all. A cancelled import keeps what it has. With `skips_done`
        a file that was imported whole, as it is now, is not read again: all its rows are duplicates.
        """
        opened = open_file(file, None if mapping is None else parse_mapping(mapping))
        screening, known_by = self._screening(f"import:{name or file.name}")
        # Screened otherwise the same file gives other rows: what was begun begins anew.
        opened = replace(opened, fingerprint=opened.fingerprint + known_by)
        if skips_done and (known := self._done(name or file.name, opened)) is not None:
            return known
        current = self._resume(name or file.name, opened)
        self.replay_spools()
        lost = self._lost_spools(current)
        already = current.result.read
        for read in opened.portions(self._reception(current.name, opened, screening)):
            if is_cancelled():
                return _told(current.result)
            portion = read if screening is None else concealed(read, screening)
            if spool := lost.pop(_place(current, portion.start), None):
                self._make_again(spool, portion, current)
            upto = portion.start + portion.rows
            if upto > already:
                current = self._take(portion, current, upto)
            progress(upto, opened.rows)
        if lost:
            raise _elsewhere(current)
        self._ledger.finish(current, at=self._clock.now())
        return _told(current.result)

    def recover(self) -> None:
        """What a start does: carry on what was interrupted, and let go of what is done with."""
        self.replay_spools()
        with self._state.begin() as transaction:
            cuts = transaction.batches.after(_SPOOLS, position=-1)
            # One whose spool the ledger forgot just before the transaction was lost. Read after the cuts: a
            # spool is there before its cut.
            pending = {spool.token for spool in self._ledger.spools()}
            for cut in cuts:
                if cut.token not in pending:
                    transaction.batches.drop(cut)

    def replay_spools(self) -> int:
        """Carry on what an interruption left between acceptance and the event store; how many batches."""
        # A spool lies with the process that reads the file; what is not here, another one carries on, or
        # whoever imports the file again.
        left = [spool for spool in self._ledger.spools() if is_spool(self._path(spool))]
        for spool in left:
            self._carry(spool, is_begun=True)
        return len(left)

    def carry_all(self) -> bool:
        """Carry on what was accepted before; whether nothing of it is left, here or with another process."""
        self.replay_spools()
        return not self._ledger.spools()

    def _lost_spools(self, current: ImportProgress) -> dict[str, Spool]:
        """Batches of this import whose spool is not here, by place: they are made again from the file.

        Where another process has them after all, both carry the same rows under one token.
        """
        left = [spool for spool in self._ledger.spools() if spool.name == current.name]
        lost = {spool.token.partition(_OF)[0]: spool for spool in left}
        before = self._ledger.find(current.name)
        if lost and before is not None and before.fingerprint != current.fingerprint:
            raise _elsewhere(before)
        return lost

    def _make_again(self, spool: Spool, portion: Portion, current: ImportProgress) -> None:
        """Carry a batch whose spool is gone. Raises RowsElsewhere where the file gives other rows today."""
        rows = _fresh_rows(portion.table, spool.places)
        digest = spool.token.partition(_OF)[2]  # those of earlier versions have none
        if digest and digest != _digest(rows):
            raise _elsewhere(current)
        write_spool(rows, self._path(spool))
        self._carry(spool, is_begun=True)

    def _done(self, name: str, opened: ImportFile) -> ImportResult | None:
        """What reading a file again would come to, where it was read before; None where that is not sure."""
        before = self._ledger.find(name)
        if before is None or before.state != "done" or before.fingerprint != opened.fingerprint:
            return None
        told = before.result
        if told.rejected:
            return None  # what was refused may be taken today
        return ImportResult(read=told.accepted + told.duplicates, duplicates=told.accepted + told.duplicates)

    def _resume(self, name: str, opened: ImportFile) -> ImportProgress:
        before = self._ledger.find(name)
        if before is not None and before.state == "running" and before.fingerprint == opened.fingerprint:
            return before
        return ImportProgress(
            name=name,
            file=str(opened.path),
            fingerprint=opened.fingerprint,
            state="running",
            result=ImportResult(),
        )

    def _reception(self, name: str, opened: ImportFile, screening: Screening | None) -> Reception:
        stated = opened.mapping.zone if opened.mapping is not None else None
        zone = self._settings.zone if stated is None else replace(self._settings.zone, name=stated)
        return Reception(source=f"import:{name}", received_at=None, zone=zone, screening=screening)

    def _take(self, portion: Portion, current: ImportProgress, upto: int) -> ImportProgress:
        """Accept one portion, and carry it to where it is asked for."""
        source, written = f"import:{current.name}", list[Spool]()

        def write(fresh: Sequence[int]) -> Spool | None:
            if not fresh:
                return None
            places = _packed(fresh, portion.table.num_rows)
            rows = _fresh_rows(portion.table, places)
            # The same place of the same file may give other rows to a later version or plan: under
            # the token of those that were taken before, they would be taken for these.
            token = f"{_place(current, portion.start)}{_OF}{_digest(rows)}"
            spool = Spool(token=token, name=current.name, path=f"{token}.arrow", places=places)
            write_spool(rows, self._path(spool))
            written.append(spool)
            return spool

        accepted = self._ledger.accept(
            replace(current, result=replace(current.result, read=upto)),
            keys=message_keys(source, portion.table["message_id"].to_pylist()),
            rejects=portion.rejects,
            at=self._clock.now(),
            write=write,
            people=lambda: zip(
                portion.table["user_id"].to_pylist(), portion.table["anonymous_id"].to_pylist(), strict=True
            ),
        )
        for spool in written:
            self._carry(spool, is_begun=False)
        return accepted

    def _path(self, spool: Spool) -> Path:
        return self._settings.spool_directory / spool.path

    def _carry(self, spool: Spool, *, is_begun: bool) -> None:
        """State first, then the event store; repeating it changes nothing.

        Whose the rows are is settled and committed before one of them is written, so that a repetition
        looks for them where they are, whatever names have come to mean since. What was begun before is
        looked for row by row: a power cut may have taken a token and not its rows.
        """
        unsettled = read_spool(self._path(spool))
        with self._turn:
            cut, rows = self._settle(spool, unsettled)
            with self._state.begin() as transaction:
                tell_merges(transaction, self._events)
                if is_begun:
                    self._events.restore(rows, token=spool.token)
                else:
                    self._events.append(rows, token=spool.token)
                # In this order: a cut without its spool is in the way, a spool without its cut is doubled.
                self._ledger.drop(spool)
                transaction.batches.drop(cut)
        with suppress(FileNotFoundError):
            self._path(spool).unlink()

    def _settle(self, spool: Spool, rows: pa.Table) -> tuple[Batch, pa.Table]:
        """The rows with their people: those they were given when this was first tried."""
        number = derive_number(spool.token)
        cut = Batch(
            stream=_SPOOLS, first=number, last=number, token=spool.token, recorded_at=self._clock.now()
        )
        with self._state.begin() as transaction:
            people = transaction.batches.people(cut)
            if people is not None:
                return cut, with_people(rows, np.array(people, dtype=np.uint64))
            settled = absorb_table(rows, transaction, seed=self._settings.seed)
            note_rows(settled, transaction)
            transaction.batches.record(cut)
            transaction.batches.settle(cut, settled["profile_id"].to_pylist())
        return cut, settled


def _place(current: ImportProgress, start: int) -> str:
    """Where in which file, read in which way, a batch begins."""
    return derive_text("spool_", current.name, current.fingerprint, str(start))


def _digest(rows: pa.Table) -> str:
    """Which rows these are."""
    return derive_text("", *rows["message_id"].to_pylist())


def _elsewhere(progress: ImportProgress) -> RowsElsewhere:
    return RowsElsewhere(
        f"Rows of an earlier import {progress.name!r} were accepted and are not in the event store.",
        hint="Import that file again as it was, or start the process that was importing it.",
        path=progress.file,
    )


def _packed(places: Sequence[int], rows: int) -> bytes | None:
    """Some places of so many rows as bits; None where it is all of them."""
    if len(places) == rows:
        return None
    is_new = np.zeros(rows, dtype=np.bool_)
    is_new[places] = True
    return np.packbits(is_new).tobytes()


def _fresh_rows(table: pa.Table, places: bytes | None) -> pa.Table:
    """Those rows of a portion that were new."""
    if places is None:
        return table
    bits = np.unpackbits(np.frombuffer(places, dtype=np.uint8), count=table.num_rows)
    return table.filter(pa.array(bits.astype(np.bool_)))


def _told(result: ImportResult) -> ImportResult:
    """A result as it is told: blank lines, which the ledger counts to know its place, are no rows."""
    return replace(result, read=result.accepted + result.duplicates + result.rejected)
