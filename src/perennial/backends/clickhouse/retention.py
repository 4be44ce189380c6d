"""Events past their period, taken out of the log and of the counts kept beside it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Parameter, Sql, joined, quoted
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.collect.retention.model import Cutoffs
from perennial.kernel.events import RESERVED_NAMES, RESERVED_PREFIXES
from perennial.kernel.windows import EARLIEST, MICROSECOND

_EPOCH = datetime.fromtimestamp(0, EARLIEST.tzinfo)
_NEVER = (EARLIEST - _EPOCH) // MICROSECOND
"""Microseconds since 1970 of an instant before which nothing happened."""
_OURS = f"^({'|'.join(RESERVED_PREFIXES)})|^({'|'.join(RESERVED_NAMES)})$"


class ClickHousePastEvents:
    """`collect.retention.ports.PastEvents` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def count(self, cutoffs: Cutoffs) -> Mapping[str, int]:
        """How many there are, by name."""
        found = Counter[str]()
        if cutoffs.latest is not None:
            for shard in self._transport.shards:
                rows = shard.query(statement("count_past"), _asked(cutoffs, cutoffs.latest)).to_pylist()
                found.update({str(row["name"]): int(row["rows"]) for row in rows})
        return dict(sorted(found.items()))

    def remove(self, cutoffs: Cutoffs) -> None:
        """Rewrite whatever parts hold any: first the log, for cells are counted from it."""
        if cutoffs.latest is None:
            return
        asked, written = _asked(cutoffs, cutoffs.latest), _written(cutoffs, cutoffs.latest, self._transport)
        for shard in self._transport.shards:
            if shard.query(statement("count_past"), asked).num_rows:
                shard.command(statement("remove_past", **written))
            cells = {**asked, "ours": Parameter(type="String", value=_OURS)}
            if integers(shard.query(statement("count_past_cells"), cells), "rows")[0]:
                shard.command(statement("remove_past_cells", **written, ours=quoted(_OURS)))


def _asked(cutoffs: Cutoffs, latest: datetime) -> dict[str, Parameter]:
    return {
        "latest": Parameter(type="DateTime64(6, 'UTC')", value=latest),
        "names": Parameter(type="Array(String)", value=[*cutoffs.events, ""]),
        "cutoffs": Parameter(type="Array(Int64)", value=_instants(cutoffs)),
        "default": Parameter(type="Int64", value=_micros(cutoffs.default)),
    }


def _written(cutoffs: Cutoffs, latest: datetime, transport: Transport) -> dict[str, Sql]:
    """The same for a statement that takes no parameters: names by their hashes."""
    names = {"names": Parameter(type="Array(String)", value=[*cutoffs.events, ""])}
    hashes = transport.shards[0].query(statement("hash_names"), names)["hash"].to_pylist()
    return {
        "latest": Sql(str(_micros(latest))),
        "hashes": joined(", ", [quoted(str(one)) for one in hashes]),
        "cutoffs": joined(", ", [Sql(str(one)) for one in _instants(cutoffs)]),
        "default": Sql(str(_micros(cutoffs.default))),
    }


def _instants(cutoffs: Cutoffs) -> list[int]:
    """Of each name, and of the empty one, which stands for there being none: arrays may not be empty."""
    return [*(_micros(one) for one in cutoffs.events.values()), _NEVER]


def _micros(instant: datetime | None) -> int:
    return _NEVER if instant is None else (instant - _EPOCH) // MICROSECOND
