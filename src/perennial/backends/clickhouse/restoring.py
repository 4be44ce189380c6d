"""Rows that a power cut took: found by looking, because a token proves nothing then.

ClickHouse makes a part durable before an insert returns, but not its note of the insert's token. After
a power cut a part may be there without its token, and the same insert would add the rows again; or the
token without its part, and it would add nothing. So what is there is asked for, row by row; and the
rollup, whose cells are other parts, is made to say what the rows say.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from perennial.backends.clickhouse.overrides import has_overrides, profiles_of
from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.rollup import correct_rollup
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.kernel.ids import ProfileId, mint_secret

_ROWS = 5_000
"""Rows that are asked for at once: neighbours by person, so that each question reads a narrow range."""
_INSTANT = "DateTime64(6, 'UTC')"


def restore_rows(transport: Transport, batch: pa.Table, *, token: str | None = None) -> int:
    """Add those rows of a batch that are not in the log; how many those were. One caller at a time."""
    lost = lost_rows(transport, batch)
    missing = lost.num_rows
    if token is not None and missing == batch.num_rows:
        # Nothing of it is there, so the token may be free: whoever began the batch and was replaced
        # before it came to adding it finds the token taken, and adds nothing.
        transport.insert("events", batch, token=token)
        lost = lost_rows(transport, batch)
    if lost.num_rows:
        # A token of its own: the batch's may still be remembered although the rows are gone.
        transport.insert("events", lost, token=mint_secret("restored_"))
    # Rows and their cells are two inserts: whatever became of either, the cells follow from the rows.
    correct_rollup(transport, batch)
    return missing


def lost_rows(transport: Transport, batch: pa.Table) -> pa.Table:
    """Those rows of a batch that are not in the log."""
    return pa.concat_tables(list(_lost_portions(transport, batch.sort_by("profile_id"))))


def _lost_portions(transport: Transport, ordered: pa.Table) -> Iterator[pa.Table]:
    is_anybody_merged = has_overrides(transport)
    for start in range(0, ordered.num_rows, _ROWS):
        portion = ordered.slice(start, _ROWS)
        people = [ProfileId(one) for one in pc.unique(portion["profile_id"]).to_pylist()]
        present = _present(transport, portion, _united(transport, people) if is_anybody_merged else people)
        keys = zip(portion["source"].to_pylist(), portion["message_id"].to_pylist(), strict=True)
        yield portion.filter(pa.array([key not in present for key in keys], pa.bool_()))


def _united(transport: Transport, people: Sequence[ProfileId]) -> list[ProfileId]:
    """Every profile of the same people."""
    return sorted({row for rows in profiles_of(transport, people).values() for row in rows})


def _present(transport: Transport, portion: pa.Table, profiles: Sequence[ProfileId]) -> set[tuple[str, str]]:
    """Which of these calls the log has under these profiles."""
    span = pc.min_max(portion["occurred_at"]).as_py()
    found = transport.query(
        statement("present_messages"),
        {
            "profiles": Parameter(type="Array(UInt64)", value=profiles),
            "messages": Parameter(type="Array(String)", value=portion["message_id"].to_pylist()),
            "first": Parameter(type=_INSTANT, value=span["min"]),
            "last": Parameter(type=_INSTANT, value=span["max"]),
        },
    )
    return set(zip(found["source"].to_pylist(), found["message_id"].to_pylist(), strict=True))
