"""The verbs of transfers, as a workspace has them."""

from collections.abc import Sequence

from perennial.collect.schedules import Scheduled, ScheduleKind
from perennial.runtime.documents import with_lines
from perennial.runtime.shown import Shown
from perennial.runtime.transfers.service import Transfers


class Scheduling:
    """A workspace as far as it moves rows from and to databases."""

    _transfers: Transfers

    def save_database_source(self, text: str) -> Shown:
        """Save a database source's document; it is read at its next turn."""
        return self._save("source", text)

    def list_database_sources(self) -> Sequence[Shown]:
        """Every database source, with what its last run came to."""
        return [_shown(one) for one in self._transfers.list("source")]

    def run_database_source(self, source_id: str) -> Shown:
        """Import what is new there now."""
        return _shown(self._transfers.run("source", source_id))

    def remove_database_source(self, source_id: str) -> Shown:
        """Read from there no more; what was imported stays."""
        return _shown(self._transfers.remove("source", source_id))

    def save_database_export(self, text: str) -> Shown:
        """Save a database export's document; it is written at its next turn."""
        return self._save("export", text)

    def list_database_exports(self) -> Sequence[Shown]:
        """Every database export, with what its last run came to."""
        return [_shown(one) for one in self._transfers.list("export")]

    def run_database_export(self, export_id: str) -> Shown:
        """Bring that table up to date now."""
        return _shown(self._transfers.run("export", export_id))

    def remove_database_export(self, export_id: str) -> Shown:
        """Write there no more; what was written stays."""
        return _shown(self._transfers.remove("export", export_id))

    def _save(self, kind: ScheduleKind, text: str) -> Shown:
        return with_lines(text, f"database {kind}", lambda told: _shown(self._transfers.save(kind, told)))


def _shown(one: Scheduled) -> Shown:
    return {
        "id": one.schedule_id,
        "document": one.document,
        "next_run_at": one.due_at,
        "last_run_at": one.ran_at,
        "last_result": one.outcome,
        "last_problem": one.problem,
    }
