"""What was refused, counted among the rejects that are kept."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, and_, func, select

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import reading
from perennial.backends.sql.tables import rejects
from perennial.collect.screening.model import RefusalCount
from perennial.kernel.windows import Zone

_QUARTER = 15 * 60 * 1_000_000
"""Microseconds of a quarter of an hour: every zone's days begin at one."""


class SqlRefusalCounts:
    """`collect.screening.ports.RefusalCounts` on the intake's database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def by_code(self, codes: Sequence[str], *, since: datetime) -> Sequence[RefusalCount]:
        """Refusals with these codes since an instant, by code, event, path and source."""
        table = rejects.c
        grouped = (
            select(
                table.code,
                table.event,
                table.path,
                table.source,
                func.sum(table.events).label("events"),
                func.min(table.received_at).label("first_at"),
                func.max(table.received_at).label("last_at"),
                func.max(table.reject_id).label("last_id"),
            )
            .where(table.code.in_(codes), table.received_at >= to_micros(since))
            .group_by(table.code, table.event, table.path, table.source)
            .subquery()
        )
        is_last = table.reject_id == grouped.c.last_id
        asked = select(grouped, table.message, table.message_id).join(rejects, is_last)
        with reading(self._engine) as connection:
            return [
                RefusalCount(
                    code=row["code"],
                    event=row["event"],
                    message=row["message"],
                    message_id=row["message_id"],
                    source=row["source"],
                    events=row["events"],
                    first_at=from_micros(row["first_at"]),
                    last_at=from_micros(row["last_at"]),
                    path=row["path"],
                )
                for row in connection.execute(asked).mappings()
            ]

    def by_day(
        self, messages: Sequence[str], *, since: datetime, zone: Zone
    ) -> Sequence[tuple[str, str, int]]:
        """Refusals with these messages since an instant: message, local day (ISO 8601), how many."""
        table = rejects.c
        quarter = (table.received_at - table.received_at % _QUARTER).label("quarter")
        asked = (
            select(table.message, quarter, func.sum(table.events).label("events"))
            .where(and_(table.message.in_(messages), table.received_at >= to_micros(since)))
            .group_by(table.message, quarter)
        )
        days: Counter[tuple[str, str]] = Counter()
        with reading(self._engine) as connection:
            for message, start, events in connection.execute(asked):
                days[message, from_micros(start).astimezone(zone.rules).date().isoformat()] += events
        return [(message, day, events) for (message, day), events in sorted(days.items())]
