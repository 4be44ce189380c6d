"""What the audit log needs of the root store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from perennial.access.audit.model import Acted, AuditEntry, AuditQuery
from perennial.kernel.values import Json


class AuditStore(Protocol):
    """Rows that are added and never touched again; the store itself refuses that."""

    def add(self, acted: Acted, *, at: datetime) -> int:
        """Keep what somebody is about to do; the entry's number, larger than all before."""
        ...

    def add_outcome(self, entry_id: int, outcome: str, after: Json | None, *, at: datetime) -> None:
        """Keep what became of it."""
        ...

    def entries(self, query: AuditQuery, *, limit: int, before_id: int | None) -> Sequence[AuditEntry]:
        """Entries, newest first, of numbers below `before_id`."""
        ...
