"""Looking for refused calls, and trying them again after a fix."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import cast

from perennial.collect.events.call import CALL_KINDS
from perennial.collect.events.model import Call, KeptReject, Receipt, Reception, Reject, Screening
from perennial.collect.events.rules import parse_call
from perennial.collect.events.service import Intake
from perennial.collect.rejects.model import Mending, RejectCount, RejectQuery, ReplayResult
from perennial.collect.rejects.ports import RejectStore
from perennial.collect.rejects.rules import mended
from perennial.kernel.errors import NotFound
from perennial.kernel.values import Json

_AT_ONCE = 500
_IMPORTED = "import:"
AS_THEY_ARE = Mending()


class Rejects:
    """The refused calls of one workspace."""

    def __init__(
        self, store: RejectStore, intake: Intake, *, screening: Callable[[str], Screening | None]
    ) -> None:
        self._store = store
        self._intake = intake
        self._screening = screening

    def list(
        self, query: RejectQuery, *, limit: int, after: int | None = None
    ) -> tuple[Sequence[KeptReject], int | None]:
        """Rejects, newest first, and the cursor of the next page."""
        return self._store.find(query, limit=limit, after=after)

    def show(self, reject_id: int) -> KeptReject:
        """One reject. Raises NotFound."""
        found, _ = self._store.find(RejectQuery(ids=[reject_id]), limit=1)
        if not found:
            raise NotFound(
                f"There is no reject {reject_id}.", hint="`perennial rejects list` shows the newest."
            )
        return found[0]

    def counts(self, query: RejectQuery) -> Sequence[RejectCount]:
        """How many there are of each code, the most first."""
        return self._store.counts(query)

    def replay(self, query: RejectQuery, mending: Mending = AS_THEY_ARE, *, now: datetime) -> ReplayResult:
        """Try refused calls again, by the rules of now, as if they had come when they came.

        Each is known by its source and message id, so that one which is tried twice, or was taken before a
        crash kept us from noting it, is one event.
        """
        waiting = replace(query, is_waiting=True)
        total = ReplayResult(tried=0, replayed=0, refused=0, skipped=0)
        above = 0
        while page := self._store.oldest(waiting, above=above, limit=_AT_ONCE):
            above = page[-1].reject_id
            total = _sum(total, self._try(page, mending, now=now))
        return total

    def _try(self, page: Sequence[KeptReject], mending: Mending, *, now: datetime) -> ReplayResult:
        taken: dict[int, str] = {}
        refused: dict[int, Reject] = {}
        futures: list[Future[Receipt]] = []
        for kept in page:
            parsed = self._parsed(kept, mending)
            if isinstance(parsed, Reject):
                refused[kept.reject_id] = parsed
            elif parsed is not None:
                futures.append(self._intake.submit_parsed(kept.source, kept.received_at, [parsed]))
                taken[kept.reject_id] = parsed.message_id
        for future in futures:
            future.result()
        # Only now: an event is durable before its reject is said to have become one.
        self._store.settle(taken, refused, at=now)
        skipped = len(page) - len(taken) - len(refused)
        return ReplayResult(tried=len(page), replayed=len(taken), refused=len(refused), skipped=skipped)

    def _parsed(self, kept: KeptReject, mending: Mending) -> Call | Reject | None:
        """The call as it reads now; None where it cannot be tried."""
        document = None if kept.source.startswith(_IMPORTED) else _object(kept.payload)
        if document is None:
            return None
        message_id = f"reject-{kept.reject_id}"
        tried = mended(document, mending, message_id=message_id)
        return parse_call(tried, self._reception(kept), new_id=lambda: message_id)

    def _reception(self, kept: KeptReject) -> Reception:
        envelope = _object(kept.envelope) or {}
        return Reception(
            source=kept.source,
            received_at=kept.received_at,
            sent_at=envelope.get("sentAt"),
            stated_at=envelope.get("timestamp"),
            kind=next((kind for kind in CALL_KINDS if kind == envelope.get("kind")), None),
            is_trusted=envelope.get("trusted") is True,
            knows_operations=envelope.get("operations") is True,
            screening=self._screening(kept.source),
        )


def _object(text: str) -> Mapping[str, Json] | None:
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Json]", document) if isinstance(document, dict) else None


def _sum(one: ReplayResult, other: ReplayResult) -> ReplayResult:
    return ReplayResult(
        tried=one.tried + other.tried,
        replayed=one.replayed + other.replayed,
        refused=one.refused + other.refused,
        skipped=one.skipped + other.skipped,
    )
