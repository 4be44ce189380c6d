"""What an installation without engines says of people who leave: canned answers; questions are remembered."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)

Told = Mapping[str, object]


class PrivacyAnswers:
    """The part of a fake workspace that is about people who leave."""

    def _note(self, method: str, given: object) -> None:
        raise NotImplementedError

    def erase_person(self, user_id: str, *, reason: str, by: str, allow_return: bool) -> Told:
        """They are gone."""
        self._note("erase_person", (user_id, reason, by, allow_return))
        return _receipt(reason, by, allow_return=allow_return)

    def show_erasure(self, erasure_id: str) -> Told:
        """One that is done."""
        self._note("show_erasure", erasure_id)
        return _receipt("", "", allow_return=False)

    def list_erasures(self, *, limit: int, after: str | None) -> tuple[Sequence[Told], str | None]:
        """One that is done."""
        self._note("list_erasures", (limit, after))
        return [_receipt("", "", allow_return=False)], None

    def export_person(self, user_id: str, *, after: str | None) -> Told:
        """A name and nothing else."""
        self._note("export_person", (user_id, after))
        names = [{"kind": "user", "value": user_id}]
        return {"profile_id": "prf_0000000000001", "names": names, "state": {}, "events": [], "next": None}

    def list_consents(
        self, user_id: str, *, limit: int, after: str | None
    ) -> tuple[Sequence[Told], str | None]:
        """One, by letter."""
        self._note("list_consents", (user_id, limit, after))
        said = {"channel": "email", "topic": "marketing", "state": "granted", "proof": "letter"}
        heard = {"occurred_at": _AT, "received_at": _AT, "source": "api", "message_id": "m1"}
        return [{**said, **heard}], None


def _receipt(reason: str, by: str, *, allow_return: bool) -> Told:
    return {
        "erasure_id": "era_1",
        "subject": "00ff",
        "state": "done",
        "step": "done",
        "reason": reason,
        "by": by,
        "allows_return": allow_return,
        "requested_at": _AT,
        "finished_at": _AT,
        "erased": {"events": 1},
        "proof": {"event rows left": 0},
        "refused_since": 0,
    }
