"""The log of one workspace read from end to end."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import numpy as np
import pyarrow as pa

from perennial.backends.clickhouse.arrow import as_array, integers
from perennial.backends.clickhouse.parameters import Binder, Sql, joined, sql
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport

_IDS = np.dtype(np.uint64)


class ClickHouseEventScan:
    """`runtime.exports.ports.EventScan` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def count(
        self,
        *,
        names: Sequence[str] | None,
        start: datetime | None,
        end: datetime | None,
        with_ours: bool,
    ) -> int:
        """How many rows `rows` would give now."""
        binder = Binder()
        wanted = _wanted(binder, names, start, end, with_ours=with_ours)
        counted = self._transport.query(statement("count_exported", rows=wanted), binder.parameters)
        return integers(counted, "events")[0]

    @contextmanager
    def rows(
        self,
        *,
        names: Sequence[str] | None,
        start: datetime | None,
        end: datetime | None,
        with_ours: bool,
    ) -> Generator[Iterator[pa.RecordBatch]]:
        """Every such row under the profile its person has today, in one statement: as of one moment."""
        binder = Binder()
        wanted = _wanted(binder, names, start, end, with_ours=with_ours)
        became = self._transport.query(statement("overrides"))
        lost, kept = as_array(became, "profile_id", _IDS), as_array(became, "canonical_id", _IDS)
        with self._transport.stream(statement("exported", rows=wanted), binder.parameters) as batches:
            yield (_canonical(batch, lost, kept) for batch in batches)


def _wanted(
    binder: Binder,
    names: Sequence[str] | None,
    start: datetime | None,
    end: datetime | None,
    *,
    with_ours: bool,
) -> Sql:
    rows = [Sql("1") if with_ours else Sql("origin = 'source'")]
    if names is not None:
        rows.append(sql("name IN <<names>>", names=binder.bind("Array(String)", list(names))))
        rows.append(Sql("kind IN ('track', 'page', 'screen', 'perennial')"))
    if start is not None:
        rows.append(sql("occurred_at >= <<start>>", start=binder.instant(start)))
    if end is not None:
        rows.append(sql("occurred_at < <<end>>", end=binder.instant(end)))
    return joined(" AND ", rows)


def _canonical(
    batch: pa.RecordBatch,
    lost: np.ndarray[tuple[int], np.dtype[np.uint64]],
    kept: np.ndarray[tuple[int], np.dtype[np.uint64]],
) -> pa.RecordBatch:
    """The same rows, each under the profile that is kept of its person's."""
    if not len(lost):
        return batch
    people = batch.column("profile_id").to_numpy()
    places = np.minimum(np.searchsorted(lost, people), len(lost) - 1)
    became = np.where(lost[places] == people, kept[places], people)
    return batch.set_column(batch.schema.get_field_index("profile_id"), "profile_id", pa.array(became))
