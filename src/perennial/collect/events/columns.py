"""The columns of an event row, as the event store takes them: one Arrow schema for every way in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from perennial.kernel.events import Origin, RowKind
from perennial.kernel.ids import ProfileId

_INSTANT = pa.timestamp("us", tz="UTC")

EVENT_SCHEMA = pa.schema(
    [
        pa.field("profile_id", pa.uint64(), nullable=False),
        pa.field("occurred_at", _INSTANT, nullable=False),
        pa.field("received_at", _INSTANT, nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("message_id", pa.string(), nullable=False),
        pa.field("user_id", pa.string(), nullable=False),
        pa.field("anonymous_id", pa.string(), nullable=False),
        pa.field("numbers", pa.map_(pa.string(), pa.float64()), nullable=False),
        pa.field("texts", pa.map_(pa.string(), pa.string()), nullable=False),
        pa.field("lists", pa.map_(pa.string(), pa.list_(pa.string())), nullable=False),
        pa.field("raw", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One row of the log, with its person resolved; properties laid out as in `kernel.values`."""

    profile_id: ProfileId
    occurred_at: datetime
    received_at: datetime
    name: str
    kind: RowKind
    origin: Origin = "source"
    source: str
    message_id: str
    user_id: str = ""
    anonymous_id: str = ""
    numbers: dict[str, float] = field(default_factory=dict[str, float])
    texts: dict[str, str] = field(default_factory=dict[str, str])
    lists: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    raw: str = ""
    """The properties as sent (JSON), only where the three maps do not give them back."""


def to_table(rows: Sequence[EventRow]) -> pa.Table:
    """Rows as one Arrow table in `EVENT_SCHEMA`, in the order given."""
    columns = {
        name: pa.array([getattr(row, name) for row in rows], type=EVENT_SCHEMA.field(name).type)
        for name in EVENT_SCHEMA.names
        if name not in ("numbers", "texts", "lists")
    }
    for name in ("numbers", "texts", "lists"):
        maps = [list(getattr(row, name).items()) for row in rows]
        columns[name] = pa.array(maps, type=EVENT_SCHEMA.field(name).type)
    return pa.table([columns[name] for name in EVENT_SCHEMA.names], schema=EVENT_SCHEMA)
