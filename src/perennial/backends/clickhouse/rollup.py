"""The rollup: how often each person did each thing in each quarter of an hour, made to agree with the log."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
"""The width of a cell: days of every time zone in use begin at a multiple of it."""
_INSTANT = "DateTime64(6, 'UTC')"


def correct_rollup(transport: Transport, batch: pa.Table) -> None:
    """Make the cells that a batch's rows fall into say what the log says. One caller at a time."""
    span = pc.min_max(batch["occurred_at"]).as_py()
    people = Parameter(type="Array(UInt64)", value=sorted(pc.unique(batch["profile_id"]).to_pylist()))
    transport.command(
        statement("correct_rollup"),
        {
            "profiles": people,
            "start": Parameter(type=_INSTANT, value=quarter_of(span["min"])),
            "end": Parameter(type=_INSTANT, value=quarter_of(span["max"]) + QUARTER),
        },
    )


def quarter_of(instant: datetime) -> datetime:
    """When the quarter of an hour began that an instant lies in."""
    return instant - (instant - _EPOCH) % QUARTER
