"""What comes in and goes out, of an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from perennial.kernel.values import Json

Row = Mapping[str, Json | datetime]
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class FakeTransfers:
    """Uploads, exports and databases of a workspace that remembers what it was told."""

    folder = Path()
    """Where uploads and downloads lie."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def suggest_mapping(self, file: Path | str) -> Mapping[str, object]:
        """One column that is sure."""
        self._note("suggest_mapping", Path(file))
        readings = [{"part": "user_id", "column": "uid", "sure": "sure", "why": "'uid' usually is that"}]
        mapping = {"type": "track", "user_id": "uid"}
        yaml = "type: track\nuser_id: uid\n"
        return {"mapping": mapping, "yaml": yaml, "form": None, "readings": readings, "rows": [{"row": 0}]}

    def upload_place(self, name: str) -> tuple[Path, int]:
        """A file in the folder that the test gave; a thousand bytes at most."""
        self._note("upload_place", name)
        return self.folder / name, 1_000

    def download_place(self, export_id: str) -> Path:
        """A file in the folder that the test gave."""
        return self.folder / export_id

    def export_events(self, order: object, *, asked: object, watching: object) -> Row:
        """Two rows, wherever to."""
        self._note("export_events", (order, asked))
        return {"rows": 2, "size": 20, "as_of": _NOW}

    def export_people(
        self, order: object, *, condition: Json, as_of: datetime | None, watching: object
    ) -> Row:
        """Two rows, wherever to."""
        self._note("export_people", (order, condition, as_of))
        return {"rows": 2, "size": 20, "as_of": _NOW}

    def export_segment(self, segment_id: str, order: object, *, watching: object) -> Row:
        """Two rows, wherever to."""
        self._note("export_segment", (segment_id, order))
        return {"rows": 2, "size": 20, "as_of": _NOW}

    def save_database_source(self, text: str) -> Row:
        """Whatever it says, it is `shop_orders`."""
        self._note("save_database_source", text)
        return _schedule("shop_orders")

    def list_database_sources(self) -> Sequence[Row]:
        """One."""
        self._note("list_database_sources", None)
        return [_schedule("shop_orders")]

    def run_database_source(self, source_id: str) -> Row:
        """It ran."""
        self._note("run_database_source", source_id)
        return _schedule(source_id)

    def remove_database_source(self, source_id: str) -> Row:
        """It is gone."""
        self._note("remove_database_source", source_id)
        return _schedule(source_id)

    def save_database_export(self, text: str) -> Row:
        """Whatever it says, it is `crm`."""
        self._note("save_database_export", text)
        return _schedule("crm")

    def list_database_exports(self) -> Sequence[Row]:
        """One."""
        self._note("list_database_exports", None)
        return [_schedule("crm")]

    def run_database_export(self, export_id: str) -> Row:
        """It ran."""
        self._note("run_database_export", export_id)
        return _schedule(export_id)

    def remove_database_export(self, export_id: str) -> Row:
        """It is gone."""
        self._note("remove_database_export", export_id)
        return _schedule(export_id)


def _schedule(schedule_id: str) -> Row:
    return {
        "id": schedule_id,
        "document": {"id": schedule_id},
        "next_run_at": _NOW,
        "last_run_at": None,
        "last_result": None,
        "last_problem": None,
    }
