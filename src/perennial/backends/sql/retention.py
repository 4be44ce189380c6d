"""What was removed because it was past its period, in SQL."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.tables_retention import removals
from perennial.collect.retention.model import Cutoffs, Removal

_DEFAULT, _EVENTS = "default", "events"


class SqlRemovals:
    """`collect.retention.ports.Removals` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, *, version: int, cutoffs: Cutoffs, removed: Mapping[str, int], now: datetime) -> Removal:
        """Note that a removal begins, of so many events."""
        row: dict[str, object] = {
            "version": version,
            "cutoffs": _written(cutoffs),
            "removed": json.dumps(dict(removed), ensure_ascii=False),
            "started_at": to_micros(now),
        }
        kept = insert(removals).values(row).returning(removals.c.number)
        number = self._connection.execute(kept).scalar_one()
        return Removal(number=number, version=version, cutoffs=cutoffs, started_at=now, removed=dict(removed))

    def finish(self, removal: Removal) -> None:
        """Note that it ended."""
        finished = None if removal.finished_at is None else to_micros(removal.finished_at)
        ended = update(removals).where(removals.c.number == removal.number).values(finished_at=finished)
        self._connection.execute(ended)

    def latest(self) -> Removal | None:
        """The last one that began."""
        found = self.list(limit=1)
        return found[0] if found else None

    def list(self, *, limit: int, before: int | None = None) -> Sequence[Removal]:
        """Removals, newest first, before one of them."""
        query = select(removals).order_by(removals.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(removals.c.number < before)
        return [_removal(row) for row in self._connection.execute(query).mappings()]


def _removal(found: RowMapping) -> Removal:
    finished = found["finished_at"]
    return Removal(
        number=found["number"],
        version=found["version"],
        cutoffs=_read(found["cutoffs"]),
        started_at=from_micros(found["started_at"]),
        finished_at=None if finished is None else from_micros(finished),
        removed=json.loads(found["removed"]),
    )


def _written(cutoffs: Cutoffs) -> str:
    events = {name: None if one is None else to_micros(one) for name, one in cutoffs.events.items()}
    default = None if cutoffs.default is None else to_micros(cutoffs.default)
    return json.dumps({_DEFAULT: default, _EVENTS: events}, ensure_ascii=False)


def _read(text: str) -> Cutoffs:
    found = json.loads(text)
    events = {name: None if one is None else from_micros(one) for name, one in found[_EVENTS].items()}
    default = None if found[_DEFAULT] is None else from_micros(found[_DEFAULT])
    return Cutoffs(default=default, events=events)
