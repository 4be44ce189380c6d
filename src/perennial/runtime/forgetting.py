"""The use cases of a workspace about people who leave it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta

import structlog

from perennial.collect.consent.rules import statement_of
from perennial.collect.privacy import Erasure
from perennial.kernel.errors import PerennialError
from perennial.kernel.ids import ProfileId, profile_text
from perennial.kernel.windows import LATEST
from perennial.runtime.erasing import Erasing, ErasureOrder
from perennial.runtime.identifying import Identifying
from perennial.runtime.loop import Loop
from perennial.runtime.persons import profile_named
from perennial.runtime.shown import Page

_log = structlog.get_logger(__name__)

_LOOK_EVERY = timedelta(minutes=1)
"""How often erasures that were broken off are taken up again."""
_EVENTS = 1_000
"""Events of one page of what is kept of a person."""

Told = Mapping[str, object]


class Forgetting(Identifying):
    """A workspace as far as people are erased from it, and told what is kept of them."""

    name: str
    _erasing: Erasing

    def _catch_up(self) -> None:
        raise NotImplementedError

    def erase_person(
        self, user_id: str, *, reason: str = "", by: str = "", allow_return: bool = False
    ) -> Told:
        """Erase a person, by user id or `prf_…`; returns the receipt. Nothing brings them back.

        Broken off, it is ended when the workspace next turns. Raises NobodyKnown, and Unavailable where a
        store does not answer: the erasure is recorded all the same, and goes on.
        """
        self._catch_up()
        order = ErasureOrder(
            profile_id=self._profile_of(user_id),
            asked=user_id,
            reason=reason,
            by=by,
            allows_return=allow_return,
        )
        return self._finish(self._erasing.request(order, now=self._now()))

    def show_erasure(self, erasure_id: str) -> Told:
        """An erasure: how far it is, or its receipt. Raises ErasureNotFound."""
        return self._receipt(self._erasing.find(erasure_id))

    def list_erasures(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Erasures and their receipts, by id."""
        with self._stages.state.read() as transaction:
            found = transaction.erasures.list(limit=limit + 1, after=after)
        page = found[:limit]
        following = page[-1].erasure_id if len(found) > limit else None
        return Page([self._receipt(one) for one in page], following)

    def export_person(self, user_id: str, *, after: str | None = None) -> Told:
        """Everything kept of a person: rows of the state by table, and a page of events, newest first.

        `after` is the `next` of the page before; the first page alone has the state.
        """
        self._catch_up()
        with self._stages.state.read() as transaction:
            person = transaction.erasures.names_of(self._profile_of(user_id))
            state = {} if after else dict(transaction.erasures.rows_of(person))
        now = self._now()
        events, following = self._stages.events.timeline(
            person.profiles[0], until=now + timedelta(days=3), limit=_EVENTS, before=after
        )
        return {
            "profile_id": profile_text(person.profiles[0]),
            "names": [{"kind": name.kind, "value": name.value} for name in person.names],
            "state": {table: [_plain(row) for row in rows] for table, rows in state.items()},
            "events": [_plain(row) for row in events],
            "next": following,
        }

    def list_consents(self, user_id: str, *, limit: int = 100, after: str | None = None) -> Page:
        """Everything a person said about consent, newest first, whoever they were merged with since.

        It is read from the log of events: of each topic the first is what counts. Raises NobodyKnown.
        """
        rows, following = self._stages.events.timeline(
            self._profile_of(user_id), until=LATEST, limit=limit, before=after, kind="consent"
        )
        return Page([asdict(statement_of(row)) for row in rows], following)

    def finish_erasures(self) -> timedelta:
        """Take up what was broken off; when to look again."""
        with self._stages.state.read() as transaction:
            unfinished = transaction.erasures.unfinished()
        for erasure in unfinished:
            try:
                self._finish(erasure)
            except PerennialError as error:
                _log.warning("erasure_waits", erasure=erasure.erasure_id, code=error.code, hint=error.hint)
        return _LOOK_EVERY

    def _erasing_loop(self) -> Loop:
        return Loop(f"erase-{self.name}", self.finish_erasures, rhythm=_LOOK_EVERY)

    def _finish(self, erasure: Erasure) -> Told:
        done = self._erasing.finish(erasure.erasure_id, catch_up=self._catch_up, now=self._now)
        return self._receipt(done)

    def _profile_of(self, user_id: str) -> ProfileId:
        with self._stages.state.read() as transaction:
            return profile_named(user_id, transaction)

    def _receipt(self, erasure: Erasure) -> Told:
        return {
            "erasure_id": erasure.erasure_id,
            "subject": erasure.subject,
            "state": "done" if erasure.step == "done" else "running",
            "step": erasure.step,
            "reason": erasure.reason,
            "by": erasure.by,
            "allows_return": erasure.allows_return,
            "requested_at": erasure.requested_at,
            "finished_at": erasure.finished_at,
            "erased": dict(erasure.counts),
            "proof": dict(erasure.proof),
            "refused_since": self._erasing.intake.refused(erasure.erasure_id),
        }


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    """A row as JSON can say it."""
    return {key: value.hex() if isinstance(value, bytes) else value for key, value in row.items()}
