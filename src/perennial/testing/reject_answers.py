"""What an installation without engines says of refused calls."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from perennial.collect.events import Reject
from perennial.collect.rejects import Mending, RejectQuery
from perennial.kernel.errors import NotFound
from perennial.kernel.values import Json

Row = Mapping[str, Json | datetime]
_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


class RejectAnswers:
    """The part of a fake workspace that is about what it refused."""

    rejects: list[Reject]

    def _note(self, method: str, given: object) -> None:
        raise NotImplementedError

    def list_rejects(
        self, *, query: RejectQuery, limit: int, after: str | None
    ) -> tuple[Sequence[Row], str | None]:
        """What was refused."""
        self._note("list_rejects", (query, limit, after))
        return [_row(number, one) for number, one in enumerate(self.rejects, start=1)][:limit], None

    def show_reject(self, reject_id: int) -> Row:
        """One of them."""
        self._note("show_reject", reject_id)
        if not 1 <= reject_id <= len(self.rejects):
            raise NotFound(f"There is no reject {reject_id}.")
        return _row(reject_id, self.rejects[reject_id - 1])

    def count_rejects(self, query: RejectQuery) -> Sequence[Row]:
        """One reason, if there is any."""
        self._note("count_rejects", query)
        first = self.rejects[:1]
        times: Row = {"first_at": _AT, "last_at": _AT}
        return [{"code": one.code, "events": len(self.rejects), "replayed": 0, **times} for one in first]

    def replay_rejects(self, query: RejectQuery, mending: Mending) -> Row:
        """All of them are taken now."""
        self._note("replay_rejects", (query, mending))
        return {"tried": len(self.rejects), "replayed": len(self.rejects), "refused": 0, "skipped": 0}


def _row(number: int, reject: Reject) -> Row:
    return {
        "id": number,
        "source": "default",
        "received_at": _AT,
        "path": reject.path,
        "code": reject.code,
        "message": reject.message,
        "hint": reject.hint,
        "payload": reject.payload,
        "event": "",
        "user_id": "",
        "anonymous_id": "",
        "message_id": reject.message_id,
        "events": 1,
        "replayed_at": None,
    }
