"""Looking people up in an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

Row = Mapping[str, object]
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class PersonAnswers:
    """The people of a workspace that remembers what it was asked."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def find_people(
        self,
        text: str | None,
        *,
        trait: str | None,
        starts_with: str | None,
        equals: Json,
        condition: Json,
        limit: int,
        after: str | None,
    ) -> tuple[Sequence[Row], str | None]:
        """Anna, by her address."""
        self._note("find_people", (text, trait, starts_with, equals, condition, limit, after))
        found = {"in": "trait", "kind": "email", "value": "anna@example.com"}
        row = {"profile_id": ProfileId(7), "user_id": "anna", "found": found}
        return [{**row, "traits": {"email": "anna@example.com"}}], None

    def show_person(self, user_id: str) -> Row:
        """Anna."""
        self._note("show_person", user_id)
        return {
            "profile_id": ProfileId(7),
            "user_id": user_id,
            "names": [{"kind": "user", "value": user_id}],
            "traits": [{"name": "city", "value": "上海", "told_at": _NOW, "source": "web"}],
            "consents": [{"consent": "email/news", "state": "granted", "said_at": _NOW}],
            "tags": {"spent": 5.0},
            "segments": [{"segment": "vip", "entered_at": _NOW}],
            "first_seen_at": _NOW,
            "last_seen_at": _NOW,
            "events": [{"name": "app_open", "events": 1, "first_at": _NOW, "last_at": _NOW}],
        }

    def person_events(
        self,
        user_id: str,
        *,
        event: str | None,
        kind: str | None,
        start: datetime | None,
        end: datetime | None,
        limit: int,
        after: str | None,
    ) -> tuple[Sequence[Row], str | None]:
        """She came once."""
        self._note("person_events", (user_id, event, kind, start, end, limit, after))
        row: Row = {
            "name": "app_open",
            "kind": "track",
            "origin": "source",
            "source": "web",
            "occurred_at": _NOW,
            "received_at": _NOW,
            "message_id": "m1",
            "user_id": user_id,
            "anonymous_id": "",
            "properties": {},
            "context": {},
        }
        return [row], None
