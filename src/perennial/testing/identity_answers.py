"""What an installation without engines says of who people are: canned answers; questions are remembered."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from perennial.kernel.values import Json

Row = Mapping[str, Json | datetime]
_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


class IdentityAnswers:
    """The part of a fake workspace that is about who people are."""

    def _note(self, method: str, given: object) -> None:
        raise NotImplementedError

    def show_identity(self, user_id: str) -> Row:
        """One name, and nothing else."""
        self._note("show_identity", user_id)
        names: Json = [{"kind": "user", "value": user_id, "since": _AT.isoformat(), "message_id": "m1"}]
        nothing: Row = {"merges": [], "refused": [], "quarantined": [], "unmerged": []}
        return {"profile_id": 1, "user_id": user_id, "names": names, **nothing}

    def unmerge_people(self, profile: str) -> Row:
        """Whoever it was, they are on their own again."""
        self._note("unmerge_people", profile)
        return self.show_identity("p1")

    def list_quarantined(self, *, limit: int, after: str | None) -> tuple[Sequence[Row], str | None]:
        """One name."""
        self._note("list_quarantined", (limit, after))
        return [
            {"kind": "email", "value": "shop@example.com", "people": 2, "since": _AT, "message_id": "m1"}
        ], None

    def release_quarantined(self, kind: str, value: str) -> Row:
        """Released."""
        self._note("release_quarantined", (kind, value))
        return {"kind": kind, "value": value}

    def validate_identity(self, text: str) -> Sequence[Mapping[str, Json]]:
        """Nothing is wrong with it."""
        self._note("validate_identity", text)
        return []

    def publish_identity(self, text: str) -> Row:
        """The first version."""
        self._note("publish_identity", text)
        return self.show_identity_rules()

    def show_identity_rules(self) -> Row:
        """Addresses join."""
        self._note("show_identity_rules", None)
        return {"version": 1, "created_at": _AT, "document": {"keys": ["email"]}}
