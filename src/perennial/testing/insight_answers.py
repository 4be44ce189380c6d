"""Insights of an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping

from perennial.kernel.values import Json


class InsightAnswers:
    """Insights of a workspace in which nothing happened."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def run_insight(self, document: Json) -> Mapping[str, Json]:
        """Nothing, of the kind that was asked for."""
        self._note("run_insight", document)
        kind = document.get("kind") if isinstance(document, Mapping) else None
        return {
            "kind": str(kind),
            "spec": document,
            "definition_version": 1,
            "timezone": "UTC",
            "range": {"from": "2026-01-01T00:00:00+00:00", "to": "2026-01-31T00:00:00+00:00"},
            "interval": "day",
            "as_of": "2026-01-31T00:00:00+00:00",
            "answered_at": "2026-01-31T00:00:00+00:00",
            "events_read": 0,
            "late_events": 0,
        }

    def insight_people(
        self, document: Json, cell: Json, *, limit: int = 100, after: str | None = None
    ) -> Mapping[str, object]:
        """Nobody."""
        self._note("insight_people", (document, cell, limit, after))
        return {"count": 0, "people": [], "next": None}

    def save_insight_people(
        self, document: Json, cell: Json, *, segment_id: str, name: str | None = None
    ) -> Mapping[str, object]:
        """A list without anybody."""
        self._note("save_insight_people", (document, cell, segment_id, name))
        return {"segment": segment_id, "people": 0}
