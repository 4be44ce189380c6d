"""People taken out of the log: every part that holds rows of theirs is rewritten, and the old one is gone."""

from collections.abc import Mapping, Sequence
from threading import Event
from time import monotonic

from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Parameter, Sql, joined, quoted
from perennial.backends.clickhouse.personal import PERSONAL
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import EventStoreUnavailable, Transport
from perennial.collect.identity.model import ANONYMOUS
from perennial.collect.privacy.model import PersonNames
from perennial.kernel.ids import ProfileId

_GLANCE = 0.2
_WITHIN = 600.0
"""Seconds for the engine to remove replaced files: it does so by itself, about twice a minute."""


class ClickHouseEventErasure:
    """`collect.privacy.ports.EventErasure` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def count(self, person: PersonNames) -> Mapping[str, int]:
        """How many rows are of these profiles, by table, and of others under their device ids."""
        counts: dict[str, int] = {
            table: sum(_count(shard, table, person.profiles) for shard in self._transport.shards)
            for table in PERSONAL
        }
        if hashes := self._hashes(person):
            others = {"profiles": Parameter(type="Array(UInt64)", value=list(person.profiles))}
            counts["device ids of others"] = sum(
                integers(shard.query(statement("count_devices", hashes=hashes), others), "rows")[0]
                for shard in self._transport.shards
            )
        return {table: rows for table, rows in counts.items() if rows}

    def erase(self, person: PersonNames) -> None:
        """Take every row of these profiles away. Old files are gone on return."""
        hashes = self._hashes(person)
        for shard in self._transport.shards:
            for table in PERSONAL:
                _erase_from(shard, table, person.profiles)
            if hashes:
                shard.command(statement("blank_devices", hashes=hashes))
        for shard in self._transport.shards:
            _wait_for_old_parts(shard)

    def left(self, profiles: Sequence[ProfileId]) -> int:
        """Rows of these profiles that can still be read."""
        return sum(_count(shard, table, profiles) for shard in self._transport.shards for table in PERSONAL)

    def _hashes(self, person: PersonNames) -> Sql | None:
        """The person's device ids, as statements may name them."""
        devices = [name.value for name in person.names if name.kind == ANONYMOUS]
        if not devices:
            return None
        asked = {"names": Parameter(type="Array(String)", value=devices)}
        found = self._transport.shards[0].query(statement("hash_names"), asked)["hash"].to_pylist()
        return joined(", ", [quoted(str(one)) for one in found])


def _erase_from(shard: Transport, table: Sql, profiles: Sequence[ProfileId]) -> None:
    shard.command(statement("keep_no_old_parts", table=table))
    if _count(shard, table, profiles):
        # Written out: a statement that rewrites parts is kept, and takes no parameters.
        numbers = joined(", ", [Sql(str(one)) for one in profiles])
        shard.command(statement("delete_rows_of", table=table, profiles=numbers))


def _count(shard: Transport, table: Sql, profiles: Sequence[ProfileId]) -> int:
    asked = {"profiles": Parameter(type="Array(UInt64)", value=list(profiles))}
    return integers(shard.query(statement("count_rows_of", table=table), asked), "rows")[0]


def _wait_for_old_parts(shard: Transport) -> None:
    until, pause = monotonic() + _WITHIN, Event()
    tables = {"tables": Parameter(type="Array(String)", value=list(PERSONAL))}
    while integers(shard.query(statement("old_parts"), tables), "parts")[0]:
        if monotonic() > until:
            raise EventStoreUnavailable(
                "Replaced parts are not removed yet.", hint="Something reads them; it is tried again."
            )
        pause.wait(_GLANCE)
