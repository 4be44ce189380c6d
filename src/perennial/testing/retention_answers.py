"""Retention of an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from perennial.collect.retention import parse_retention
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument

Row = Mapping[str, object]
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class RetentionAnswers:
    """The retention of a workspace that remembers what it was told."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def validate_retention(self, text: str) -> Sequence[Row]:
        """What the document's reader says."""
        try:
            parse_retention(read_document(text, name="document").value)
        except InvalidDocument as error:
            return [{"path": one.path, "code": one.code, "message": one.message} for one in error.problems]
        return ()

    def publish_retention(self, text: str) -> Row:
        """The first version."""
        self._note("publish_retention", text)
        document = parse_retention(read_document(text, name="document").value).document
        return {"version": 1, "created_at": _NOW, "document": document}

    def show_retention(self) -> Row:
        """Ninety days."""
        self._note("show_retention", None)
        return {"version": 1, "created_at": _NOW, "document": {"default": "90d"}}

    def preview_retention(self) -> Row:
        """Two events."""
        self._note("preview_retention", None)
        return {
            "version": 1,
            "cutoffs": {"*": _NOW.isoformat()},
            "events": {"app_open": 2},
            "total": 2,
            "overreaching": [],
        }

    def run_retention(self) -> Row:
        """They are gone."""
        self._note("run_retention", None)
        return _removal()

    def list_removals(self, *, limit: int, after: str | None) -> tuple[Sequence[Row], str | None]:
        """One removal."""
        self._note("list_removals", (limit, after))
        return [_removal()], None


def _removal() -> Row:
    return {
        "number": 1,
        "version": 1,
        "started_at": _NOW,
        "finished_at": _NOW,
        "cutoffs": {"*": _NOW.isoformat()},
        "removed": {"app_open": 2},
        "total": 2,
    }
