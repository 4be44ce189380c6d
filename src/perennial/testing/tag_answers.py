"""What an installation without engines says of tags: canned answers; questions are remembered."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from perennial.kernel.documents import read_document
from perennial.kernel.errors import NotFound, nearest
from perennial.kernel.values import Json

Row = Mapping[str, Json | datetime]
Told = Mapping[str, object]
_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
_SHIFT = {"before": "new", "after": "active", "people": 2}


class TagAnswers:
    """The part of a fake workspace that is about tags."""

    def _note(self, method: str, given: object) -> None:
        raise NotImplementedError

    def save_tag(self, text: str) -> Row:
        """Whatever it says, it is the first version of `stage`."""
        return {
            **self.list_tags(limit=1, after=None)[0][0],
            "definition": read_document(text, name="tag").value,
        }

    def list_tags(self, *, limit: int, after: str | None) -> tuple[Sequence[Row], str | None]:
        """One."""
        self._note("list", {"limit": limit, "after": after})
        return [{"id": "stage", "name": "Stage", "definition": {}, "version": 1}], None

    def refresh_tags(self, ids: Sequence[str] | None) -> Mapping[str, int]:
        """Everyone asked for has two values."""
        self._note("refresh_tags", ids)
        return dict.fromkeys(ids or ["stage"], 2)

    def tag_values(
        self, tag_id: str, *, limit: int, after: str | None
    ) -> tuple[Mapping[str, Json], str | None]:
        """One person's."""
        self._note("tag_values", (tag_id, limit, after))
        return {"p1": "active"}, None

    def tag_preset(self, name: str, *, event: str) -> Json:
        """One with nothing but an id."""
        self._note("tag_preset", (name, event))
        if name not in self.tag_presets():
            raise NotFound(f"There is no preset {name!r}.", hint=nearest(name, self.tag_presets()))
        return {"id": name, "measure": "count", "of": event}

    def tag_presets(self) -> Sequence[str]:
        """One."""
        return ("activity",)

    def diff_tag(self, text: str, *, as_of: datetime | None, limit: int, after: str | None) -> Told:
        """One person changes."""
        self._note("diff_tag", (text, as_of, limit, after))
        change = {"profile_id": 1, "user_id": "p1", "before": "new", "after": "active"}
        return {
            "id": "stage",
            "live_version": 1,
            "as_of": as_of or _AT,
            "people": 3,
            "changed": 1,
            "shifts": [_SHIFT],
            "changes": [change],
            "next": None,
        }

    def tag_transitions(
        self, tag_id: str, *, start: datetime, end: datetime | None, every: timedelta
    ) -> Told:
        """Two moments."""
        self._note("tag_transitions", (tag_id, start, end, every))
        return {
            "id": tag_id,
            "moments": [
                {"as_of": start, "values": {"new": 2}},
                {"as_of": start + every, "values": {"active": 2}},
            ],
            "steps": [{"start": start, "end": start + every, "shifts": [_SHIFT]}],
        }

    def tag_lineage(self, tag_id: str) -> Told:
        """One event, and a segment that rests on it."""
        self._note("tag_lineage", tag_id)
        return {
            "id": tag_id,
            "events": [{"name": "order_paid", "properties": ["amount"]}],
            "traits": [],
            "tags": [],
            "segments": [],
            "used_by": {"tags": [], "segments": ["vip"], "journeys": []},
        }

    def person_tags(self, user_id: str, *, limit: int, after: str | None) -> Told:
        """One value, which was another."""
        self._note("person_tags", (user_id, limit, after))
        change = {"tag": "stage", "version": 1, "before": "new", "after": "active", "cause": "refresh"}
        return {"values": {"stage": "active"}, "changes": [{**change, "changed_at": _AT}], "next": None}

    def dispute_tag(self, tag_id: str, user_id: str, *, by: str, note: str) -> Told:
        """It is kept."""
        self._note("dispute_tag", (tag_id, user_id, by, note))
        return _dispute(tag_id, user_id, by, note)

    def list_disputes(self, tag_id: str, *, limit: int, after: str | None) -> Told:
        """One."""
        self._note("list_disputes", (tag_id, limit, after))
        disputes = [_dispute(tag_id, "p1", "ann", "moved")]
        return {"people": 4, "disputed": 1, "disputes": disputes, "next": None}


def _dispute(tag_id: str, user_id: str, by: str, note: str) -> Told:
    return {
        "tag": tag_id,
        "profile_id": 1,
        "user_id": user_id,
        "value": "active",
        "version": 1,
        "by": by,
        "note": note,
        "disputed_at": _AT,
    }
