"""The audit log in memory, for tests of the edges."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from perennial.access.audit import Acted, AuditEntry, AuditQuery
from perennial.access.audit.model import BROKEN_OFF
from perennial.kernel.values import Json


class RememberedAudit:
    """`access.audit.AuditStore` without a store."""

    def __init__(self) -> None:
        self.kept: list[AuditEntry] = []

    def add(self, acted: Acted, *, at: datetime) -> int:
        """Keep what somebody is about to do."""
        number = len(self.kept) + 1
        self.kept.append(AuditEntry(entry_id=number, at=at, acted=acted, outcome=BROKEN_OFF, after=None))
        return number

    def add_outcome(self, entry_id: int, outcome: str, after: Json | None, *, at: datetime) -> None:
        """Keep what became of it."""
        self.kept[entry_id - 1] = replace(self.kept[entry_id - 1], outcome=outcome, after=after)

    def entries(self, query: AuditQuery, *, limit: int, before_id: int | None) -> Sequence[AuditEntry]:
        """Entries, newest first."""
        wanted = {
            "workspace": query.workspace,
            "actor_id": query.actor,
            "operation": query.operation,
            "target": query.target,
        }
        found = [
            one
            for one in reversed(self.kept)
            if (before_id is None or one.entry_id < before_id)
            and all(value in (None, getattr(one.acted, name)) for name, value in wanted.items())
            and (query.start is None or one.at >= query.start)
            and (query.end is None or one.at < query.end)
        ]
        return found[:limit]
