"""Writing the audit log and reading it."""

from collections.abc import Sequence
from dataclasses import replace

from perennial.access.audit.model import Acted, AuditEntry, AuditQuery
from perennial.access.audit.ports import AuditStore
from perennial.access.audit.rules import plain_text, recordable
from perennial.kernel.clock import Clock
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.values import Json


class AuditLog:
    """Who changed what. An entry is written before its change: what cannot be written is not done."""

    def __init__(self, store: AuditStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def begin_entry(self, acted: Acted) -> int:
        """Write that somebody is about to change something; the entry's number. Raises Unavailable."""
        before = None if acted.before is None else recordable(acted.before)
        kept = replace(
            acted, before=before, target=plain_text(acted.target), address=plain_text(acted.address)
        )
        return self._store.add(kept, at=self._clock.now())

    def end_entry(self, entry_id: int, outcome: str, *, after: Json | None) -> None:
        """Write what became of it."""
        kept = None if after is None else recordable(after)
        self._store.add_outcome(entry_id, outcome, kept, at=self._clock.now())

    def list_entries(
        self, query: AuditQuery, *, limit: int, after: str | None
    ) -> tuple[Sequence[AuditEntry], str | None]:
        """A page of entries, newest first, and the cursor of the next. Raises InvalidDocument."""
        if after is not None and not after.isdecimal():
            message = "This is no cursor of the audit log."
            raise InvalidDocument([Problem(path="$.after", code="bad_cursor", message=message)])
        found = self._store.entries(query, limit=limit + 1, before_id=None if after is None else int(after))
        page = found[:limit]
        return page, str(page[-1].entry_id) if len(found) > limit else None
