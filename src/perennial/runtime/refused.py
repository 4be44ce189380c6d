"""What a workspace is asked and told of refused calls."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from perennial.collect.rejects import Mending, RejectQuery, Rejects
from perennial.collect.rejects.service import AS_THEY_ARE
from perennial.kernel.values import Json
from perennial.runtime import shown
from perennial.runtime.shown import Page, Shown

EVERY_REJECT = RejectQuery()


class Refusing:
    """A workspace as far as it keeps what it refused."""

    _rejects: Rejects
    _now: Callable[[], datetime]

    def list_rejects(
        self, *, query: RejectQuery = EVERY_REJECT, limit: int = 100, after: str | None = None
    ) -> Page:
        """Calls that were refused, newest first."""
        position = None if after is None else shown.read_position(after)
        kept, following = self._rejects.list(query, limit=limit, after=position)
        return Page([shown.reject(one) for one in kept], None if following is None else str(following))

    def show_reject(self, reject_id: int) -> Shown:
        """One refused call. Raises NotFound."""
        return shown.reject(self._rejects.show(reject_id))

    def count_rejects(self, query: RejectQuery = EVERY_REJECT) -> Sequence[Shown]:
        """How many calls were refused for each reason, the most first."""
        return [
            {
                "code": one.code,
                "events": one.events,
                "replayed": one.replayed,
                "first_at": one.first_at,
                "last_at": one.last_at,
            }
            for one in self._rejects.counts(query)
        ]

    def replay_rejects(
        self, query: RejectQuery = EVERY_REJECT, mending: Mending = AS_THEY_ARE
    ) -> Mapping[str, Json]:
        """Try refused calls again by the rules of now; each that is taken is one event, always."""
        result = self._rejects.replay(query, mending, now=self._now())
        return {
            "tried": result.tried,
            "replayed": result.replayed,
            "refused": result.refused,
            "skipped": result.skipped,
        }
