"""What an installation without engines says of what is sent: canned answers; questions are remembered."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from perennial.collect.catalogue.model import DriftCode
from perennial.kernel.documents import read_document
from perennial.kernel.values import Json

Row = Mapping[str, Json | datetime]

_DRIFTED: DriftCode = "type_drift"
_SEEN_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
_SAID: Row = {"description": "", "owner": "", "status": None, "pii": False}
_SPAN: Row = {"first_at": _SEEN_AT, "last_at": _SEEN_AT}


class SchemaAnswers:
    """The part of a fake workspace that is about what is sent."""

    def _note(self, method: str, given: object) -> None:
        raise NotImplementedError

    def list_schema_events(self, *, limit: int, after: str | None) -> tuple[Sequence[Row], str | None]:
        """One event."""
        self._note("list_schema_events", (limit, after))
        numbers: Row = {"name": "order_paid", "kinds": ["track"], "events": 3, "last_7_days": 1}
        return [{**numbers, "sources": ["web"], **_SPAN, **_SAID}], None

    def list_schema_properties(
        self, event: str, *, reveal: bool, limit: int, after: str | None
    ) -> tuple[Sequence[Row], str | None]:
        """One property."""
        self._note("list_schema_properties", (event, reveal, limit, after))
        numbers: Row = {"path": "amount", "types": {"number": 3}, "events": 3, "share": 1.0}
        return [{**numbers, "samples": ["12.5"], "looks_like": None, **_SPAN, **_SAID}], None

    def describe_schema(self, event: str, path: str, *, said: Mapping[str, Json]) -> Row:
        """The first version of it."""
        self._note("describe_schema", (event, path, dict(said)))
        return {"event": event, "path": path, "version": 1, **_SAID, **said}

    def schema_drift(self, *, days: int, reveal: bool) -> Sequence[Row]:
        """One property that came as a text."""
        self._note("schema_drift", (days, reveal))
        drift: Row = {"event": "order_paid", "path": "amount", "code": _DRIFTED, "events": 1}
        return [{**drift, "expected": "number", "found": "text", "sources": ["web"], "sample": "12", **_SPAN}]

    def suggest_pii(self, *, days: int) -> Sequence[Row]:
        """One e-mail address."""
        self._note("suggest_pii", days)
        return [
            {
                "event": "identify",
                "path": "email",
                "kind": "e-mail",
                "matching": 2,
                "events": 2,
                "sample": "a***",
            }
        ]

    def validate_plan(self, text: str) -> Sequence[Row]:
        """A document without `events` has one mistake."""
        return _mistakes(text, "events")

    def publish_plan(self, text: str) -> Row:
        """The first version."""
        return self._published("publish_plan", text)

    def show_plan(self) -> Row:
        """An empty plan."""
        return self._published("show_plan", "{events: {}}")

    def plan_schema(self) -> Mapping[str, Json]:
        """The title of one."""
        self._note("plan_schema", None)
        return {"title": "Tracking plan"}

    def report_plan(self, *, days: int, reveal: bool) -> Row:
        """No violations."""
        self._note("report_plan", (days, reveal))
        return {"since": _SEEN_AT, "violations": []}

    def validate_cleaning(self, text: str) -> Sequence[Row]:
        """A document without `rules` has one mistake."""
        return _mistakes(text, "rules")

    def publish_cleaning(self, text: str) -> Row:
        """The first version."""
        return self._published("publish_cleaning", text)

    def show_cleaning(self) -> Row:
        """No rules."""
        return self._published("show_cleaning", "{rules: []}")

    def report_cleaning(self, *, days: int) -> Row:
        """One rule's one day."""
        self._note("report_cleaning", days)
        day: Json = {"rule": "bots", "day": "2026-03-02", "outcome": "dropped", "events": 2}
        return {"since": _SEEN_AT, "counts": [day]}

    def _published(self, method: str, text: str) -> Row:
        self._note(method, text)
        return {"version": 1, "created_at": _SEEN_AT, "document": read_document(text, name="document").value}


def _mistakes(text: str, key: str) -> Sequence[Row]:
    document = read_document(text, name="document").value
    if isinstance(document, Mapping) and key in document:
        return []
    return [{"path": "$", "code": "missing_key", "message": f"{key} is missing.", "hint": "", "line": 1}]
