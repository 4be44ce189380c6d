"""What calls say of their own screening, counted in ClickHouse."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.collect.screening.model import CLEANED, NOTES, VIOLATIONS, CleaningCount, ViolationCount
from perennial.kernel.windows import Zone


class ClickHouseScreeningFacts:
    """`collect.screening.ports.ScreeningFacts` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def violations(self, *, since: datetime) -> Sequence[ViolationCount]:
        """How often calls received since an instant were kept although they were not as planned."""
        found = self._transport.query(statement("screening_violations"), _asked(VIOLATIONS, since))
        return [ViolationCount(outcome="warned", **row) for row in found.to_pylist()]

    def cleaned(self, *, since: datetime, zone: Zone) -> Sequence[CleaningCount]:
        """How many calls each rule changed or marked, by local day of reception, since an instant."""
        asked = {**_asked(CLEANED, since), "zone": Parameter(type="String", value=zone.name)}
        found = self._transport.query(statement("screening_cleaned"), asked)
        return [
            CleaningCount(
                rule=row["rule"],
                day=date.fromisoformat(row["day"]),
                outcome="set_aside" if row["is_aside"] else "kept",
                events=row["events"],
            )
            for row in found.to_pylist()
        ]


def _asked(notes: str, since: datetime) -> Mapping[str, Parameter]:
    return {
        "notes": Parameter(type="String", value=f"context.{NOTES}.{notes}"),
        "since": Parameter(type="DateTime64(6, 'UTC')", value=since),
    }
