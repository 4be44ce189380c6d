"""Questions that the event store answers about itself; nothing is written."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.restoring import lost_rows
from perennial.backends.clickhouse.statements import migrations, statement
from perennial.backends.clickhouse.transport import SETTINGS, Transport
from perennial.kernel.ids import ProfileId, SegmentId

_INSTANT = "DateTime64(6, 'UTC')"
_DOUBLES_AMONG = 2_000_000
"""Message ids that are compared at once; of more, an even share by their hash."""
_DURABLE = ("fsync_after_insert = 1", "fsync_part_directory = 1")


class ClickHouseLogExam:
    """One workspace's event store under examination (`LogExam`)."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def schema(self) -> tuple[int, int]:
        """The last schema file that every part of the store was given, and the last there is."""
        present = [
            integers(shard.query(statement("schema_version")), "version")[0]
            for shard in self._transport.shards
        ]
        return min(present), max(migrations())

    def strange_settings(self) -> Sequence[str]:
        """Settings that are not as they must be."""
        return [told for shard in self._transport.shards for told in (*_strange(shard), *_not_durable(shard))]

    def missing(self, batch: pa.Table) -> Sequence[str]:
        """The message ids of those rows of a batch that are not there."""
        return lost_rows(self._transport, batch)["message_id"].to_pylist()

    def rollup_differences(
        self, *, start: datetime, end: datetime
    ) -> Sequence[tuple[str, datetime, int, int]]:
        """Event, day (UTC), rows and rolled-up count wherever the last two differ, between whole days."""
        bounds = {
            "start": Parameter(type=_INSTANT, value=start),
            "end": Parameter(type=_INSTANT, value=end),
        }
        found = self._transport.query(statement("rollup_differences"), bounds)
        columns = [found[name].to_pylist() for name in ("name", "day", "logged", "rolled")]
        return list(zip(*columns, strict=True))

    def doubled(self, *, since: datetime) -> Sequence[str]:
        """Message ids that stand twice among the rows received since then, from one source."""
        after = {"since": Parameter(type=_INSTANT, value=since)}
        received = integers(self._transport.query(statement("received_since"), after), "received")[0]
        share = Parameter(type="UInt64", value=1 + received // _DOUBLES_AMONG)
        found = self._transport.query(statement("doubled_messages"), {**after, "share": share})
        return found["message_id"].to_pylist()

    def overrides(self) -> Mapping[ProfileId, ProfileId]:
        """Whose rows count as whose."""
        found = self._transport.query(statement("overrides"))
        pairs = zip(integers(found, "profile_id"), integers(found, "canonical_id"), strict=True)
        return {ProfileId(row): ProfileId(kept) for row, kept in pairs}

    def segment_members(self) -> Mapping[SegmentId, int]:
        """People never merged whose last event about a segment says that they entered it."""
        found = self._transport.query(statement("segment_members_by_log"))
        segments = [SegmentId(one) for one in found["segment"].to_pylist()]
        return dict(zip(segments, integers(found, "people"), strict=True))


def _strange(shard: Transport) -> list[str]:
    asked = {"names": Parameter(type="Array(String)", value=list(SETTINGS))}
    found = shard.query(statement("settings_now"), asked)
    present = dict(zip(found["name"].to_pylist(), found["value"].to_pylist(), strict=True))
    return [
        f"{name} is {present.get(name)}"
        for name, value in SETTINGS.items()
        if present.get(name) != value.strip("'")
    ]


def _not_durable(shard: Transport) -> list[str]:
    found = shard.query(statement("tables_that_keep"))
    made = dict(zip(found["name"].to_pylist(), found["engine_full"].to_pylist(), strict=True))
    return [
        f"{table} is made without {setting}"
        for table, text in made.items()
        for setting in _DURABLE
        if setting not in text
    ]
