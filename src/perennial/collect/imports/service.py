"""Bringing a file of history in: every row once, whatever interrupts it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from perennial.collect.events.model import Reception
from perennial.collect.events.ports import EventStore
from perennial.collect.events.rules import message_key
from perennial.collect.identity.service import CollectState
from perennial.collect.imports.files import ImportFile, open_file
from perennial.collect.imports.mapping import parse_mapping
from perennial.collect.imports.model import ImportProgress, ImportResult, Spool
from perennial.collect.imports.portion import Portion
from perennial.collect.imports.ports import ImportLedger
from perennial.collect.imports.spool import absorb_table, read_spool, write_spool
from perennial.kernel.clock import Clock
from perennial.kernel.ids import derive_text
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSettings:
    """What an import takes from its workspace."""

    spool_directory: Path
    seed: str
    zone: Zone


class Imports:
    """Imports of one workspace. They tell what happened and start nothing.

    A batch is written to a spool, then accepted together with the record of its spool; from there it is
    carried into the state and the event store, each step idempotent, and only then is the spool dropped.
    """

    def __init__(
        self,
        ledger: ImportLedger,
        state: CollectState,
        events: EventStore,
        clock: Clock,
        settings: ImportSettings,
        *,
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        """`turn` is held while a batch is carried: whoever else settles identities waits one batch."""
        self._ledger = ledger
        self._state = state
        self._events = events
        self._clock = clock
        self._settings = settings
        self._turn = turn or nullcontext()

    def run(
        self,
        file: Path,
        *,
        mapping: Mapping[str, Json] | None = None,
        name: str | None = None,
        progress: Callable[[int, int | None], None] = lambda _read, _total: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> ImportResult:
        """Import a file; an interrupted import of the same file goes on where it was. Returns once queryable.

        `progress` hears rows read and rows in all. A cancelled import keeps what it has.
        """
        opened = open_file(file, None if mapping is None else parse_mapping(mapping))
        current = self._resume(name or file.name, opened)
        self.replay_spools()
        already = current.result.read
        for portion in opened.portions(self._reception(current.name, opened)):
            if is_cancelled():
                return _told(current.result)
            upto = portion.start + portion.rows
            if upto > already:
                current = self._take(portion, current, upto)
            progress(upto, opened.rows)
        self._ledger.finish(current, at=self._clock.now())
        return _told(current.result)

    def replay_spools(self) -> int:
        """Carry on what an interruption left between acceptance and the event store; how many batches."""
        # A spool lies with the process that reads the file; what is not here, another one carries on.
        left = [spool for spool in self._ledger.spools() if self._path(spool).is_file()]
        for spool in left:
            self._carry(spool, is_begun=True)
        if left:
            # A merge may have been committed just before the interruption, and never told to the event store.
            with self._state.begin() as transaction:
                merges, _ = transaction.identities.merges()
            self._events.override({merge.lost: merge.kept for merge in merges})
        return len(left)

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

    def _reception(self, name: str, opened: ImportFile) -> Reception:
        stated = opened.mapping.zone if opened.mapping is not None else None
        zone = self._settings.zone if stated is None else replace(self._settings.zone, name=stated)
        return Reception(source=f"import:{name}", received_at=None, zone=zone)

    def _take(self, portion: Portion, current: ImportProgress, upto: int) -> ImportProgress:
        """Accept one portion, and carry it to where it is asked for."""
        source, written = f"import:{current.name}", list[Spool]()

        def write(fresh: Sequence[int]) -> Spool | None:
            if not fresh:
                return None
            rows = (
                portion.table if len(fresh) == portion.table.num_rows else portion.table.take(pa.array(fresh))
            )
            spool = self._spool(current, portion.start)
            write_spool(rows, self._path(spool))
            written.append(spool)
            return spool

        accepted = self._ledger.accept(
            replace(current, result=replace(current.result, read=upto)),
            keys=[message_key(source, message_id) for message_id in portion.table["message_id"].to_pylist()],
            rejects=portion.rejects,
            at=self._clock.now(),
            write=write,
        )
        for spool in written:
            self._carry(spool, is_begun=False)
        return accepted

    def _spool(self, current: ImportProgress, start: int) -> Spool:
        token = derive_text("spool_", current.name, current.fingerprint, str(start))
        return Spool(token=token, name=current.name, path=f"{token}.arrow")

    def _path(self, spool: Spool) -> Path:
        return self._settings.spool_directory / spool.path

    def _carry(self, spool: Spool, *, is_begun: bool) -> None:
        """State first, then the event store; repeating it changes nothing.

        What was begun before is looked for row by row: a power cut may have taken a token and not its rows.
        """
        rows = read_spool(self._path(spool))
        with self._turn:
            with self._state.begin() as transaction:
                rows, merges = absorb_table(rows, transaction, seed=self._settings.seed)
            if is_begun:
                self._events.restore(rows, token=spool.token)
            else:
                self._events.append(rows, token=spool.token)
            if merges:
                self._events.override({merge.lost: merge.kept for merge in merges})
            # Within the turn: a repetition must find everybody's names as they were.
            self._ledger.drop(spool)
        with suppress(FileNotFoundError):
            self._path(spool).unlink()


def _told(result: ImportResult) -> ImportResult:
    """A result as it is told: blank lines, which the ledger counts to know its place, are no rows."""
    return replace(result, read=result.accepted + result.duplicates + result.rejected)
