"""What operations on traits came to, in SQL."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, func, insert, select

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import portions
from perennial.backends.sql.log import document
from perennial.backends.sql.tables import trait_changes
from perennial.collect.identity.model import TraitChange
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import canonical

KEPT_CHANGES = 1_000_000
"""More than the calls of all batches that can still be tried again."""


class SqlTraitChanges:
    """The settled outcomes of operations (`TraitChanges`)."""

    def __init__(self, connection: Connection, *, kept: int = KEPT_CHANGES) -> None:
        self._connection = connection
        self._kept = kept

    def of(self, keys: Sequence[bytes]) -> Mapping[bytes, TraitChange]:
        """The outcomes of these messages that are settled."""
        found: dict[bytes, TraitChange] = {}
        for portion in portions(list(keys)):
            query = select(trait_changes).where(trait_changes.c.message_key.in_(portion))
            for row in self._connection.execute(query):
                found[bytes(row.message_key)] = TraitChange(
                    profile_id=ProfileId(row.profile_id),
                    occurred_at=from_micros(row.occurred_at),
                    traits=document(row.traits),
                )
        return found

    def keep(self, changes: Mapping[bytes, TraitChange]) -> None:
        """Keep outcomes, and let go of those that no batch can ask for any more."""
        if not changes:
            return
        rows = [
            {
                "message_key": key,
                "profile_id": change.profile_id,
                "occurred_at": to_micros(change.occurred_at),
                "traits": canonical(change.traits).decode(),
            }
            for key, change in changes.items()
        ]
        self._connection.execute(insert(trait_changes), rows)
        last = self._connection.execute(select(func.max(trait_changes.c.number))).scalar() or 0
        self._connection.execute(delete(trait_changes).where(trait_changes.c.number <= last - self._kept))
