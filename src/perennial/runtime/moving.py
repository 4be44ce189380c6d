"""What comes into a workspace and goes out of it in files, wherever they lie."""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from perennial.collect.imports.gathering import Gathering
from perennial.collect.imports.model import ImportResult
from perennial.collect.imports.opening import kind_of
from perennial.collect.imports.suggesting import Suggestion, suggest
from perennial.kernel.conditions import Condition, Moment
from perennial.kernel.errors import Refused
from perennial.kernel.ids import SegmentId
from perennial.kernel.values import Json
from perennial.runtime.consequences import Stages
from perennial.runtime.exports import ExportOrder, ExportResult, Exports, Watching
from perennial.runtime.exports.service import EventsAsked

__all__ = ["BadName", "Moving"]


class BadName(Refused):
    """This cannot be the name of a file."""

    code = "bad_name"


class Moving:
    """Imports and exports of one workspace."""

    def __init__(
        self,
        stages: Stages,
        gathering: Gathering,
        exports: Exports,
        *,
        directory: Path,
        max_upload_bytes: int,
    ) -> None:
        """`directory` holds uploads and downloads while they are under way, and nothing after a start."""
        self._stages = stages
        self._gathering = gathering
        self._exports = exports
        self.directory = directory
        """What is under way lies in here."""
        self._max_upload_bytes = max_upload_bytes
        self.importing = Lock()
        """Held by whoever imports, and by whoever must not have it happen meanwhile."""

    def clear(self) -> None:
        """What a start does: nobody comes back for what was under way."""
        self._exports.clear()
        for left in self.directory.glob("*/*"):
            left.unlink(missing_ok=True)

    def upload_place(self, name: str) -> tuple[Path, int]:
        """Where to put the bytes of a file that is sent to us, and how many there may be.

        Raises BadName, FileNotReadable.
        """
        if Path(name).name != name or name.startswith(".") or "\x00" in name:
            raise BadName(hint="A name such as orders.csv.gz, without folders.")
        kind_of(name)
        place = self.directory / blake2b(name.encode(), digest_size=12).hexdigest()
        place.mkdir(parents=True, exist_ok=True)
        return place / name, self._max_upload_bytes

    def suggest(self, place: str) -> Suggestion:
        """Which mapping the first file at a place speaks for."""
        with self._gathering.first(place) as file:
            return suggest(file, zone=self._stages.zone)

    def download_place(self, export_id: str) -> Path:
        """Where an export waits to be fetched."""
        place = self.directory / export_id
        place.mkdir(parents=True, exist_ok=True)
        return place / "export"

    def import_place(
        self,
        place: str,
        *,
        mapping: Mapping[str, Json] | None,
        name: str | None,
        progress: Callable[[int, int | None], None],
        is_cancelled: Callable[[], bool],
    ) -> ImportResult:
        """Import every file at a place, one import at a time."""
        with self.importing:
            return self._gathering.run(
                place, mapping=mapping, name=name, progress=progress, is_cancelled=is_cancelled
            )

    def import_rows(self, file: Path, mapping: Mapping[str, Json], name: str) -> ImportResult:
        """Import rows that were fetched from elsewhere, under a name of their own."""
        with self.importing:
            return self._gathering.run_file(file, mapping=mapping, name=name)

    def export_events(self, asked: EventsAsked, order: ExportOrder, *, watching: Watching) -> ExportResult:
        """Write events."""
        return self._exports.events(asked, order, now=self._stages.clock.now(), watching=watching)

    def export_people(
        self, condition: Condition | None, order: ExportOrder, *, at: Moment, watching: Watching
    ) -> ExportResult:
        """Write the people who meet a (resolved) condition; everyone, without one."""
        members: NDArray[np.uint64] | None = None
        if condition is not None:
            [members] = self._stages.population.members([condition], at=at)
        return self._write_people(members, order, now=at.as_of, watching=watching)

    def export_segment(
        self, segment_id: SegmentId, order: ExportOrder, *, now: datetime, watching: Watching
    ) -> ExportResult:
        """Write the people of a segment, as of its last refresh. Raises SegmentNotFound."""
        with self._stages.state.read() as transaction:
            self._stages.segments.get(segment_id, state=transaction)
            members = transaction.segments.members(segment_id)
        return self._write_people(members, order, now=now, watching=watching)

    def _write_people(
        self,
        members: NDArray[np.uint64] | None,
        order: ExportOrder,
        *,
        now: datetime,
        watching: Watching,
    ) -> ExportResult:
        # One snapshot from the first person to the last: as of one moment.
        with self._stages.state.read() as transaction:
            if members is not None and len(members):
                # Who was merged since is found under the profile that is kept.
                became = transaction.identities.merged(members.tolist())
                members = np.unique([became.get(one, one) for one in members.tolist()]).astype(np.uint64)
            return self._exports.people(members, order, transaction, now=now, watching=watching)
