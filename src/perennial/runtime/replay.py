"""What a power cut took from the event store comes back when a workspace opens (ADR 0018).

The intake log and the events we emitted are the originals; the event store is a copy. A batch that was
begun and not finished, and the last batches that were, are looked for in the copy row by row, and what
is missing is added again, under the person it had.
"""

from collections.abc import Sequence

import msgspec
import pyarrow as pa
import structlog

from perennial.collect.acquisition.model import TOUCH_KEPT
from perennial.collect.events import Intake
from perennial.collect.events.columns import EventRow, to_table
from perennial.collect.events.model import Batch, Call, SettledBatch
from perennial.collect.events.ports import EventStore
from perennial.collect.events.rows import table_of
from perennial.collect.identity.operations import as_settled
from perennial.collect.identity.service import tell_all_merges, tell_merges
from perennial.collect.privacy import is_erased
from perennial.collect.retention import Cutoffs, is_past
from perennial.kernel.events import EVENT_KINDS, EmittedEvent
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import flatten
from perennial.runtime.ports import StateStore, StateTransaction

_log = structlog.get_logger(__name__)

INTAKE, EMITTED = "intake", "emitted"
REPLAYED_BATCHES = 64
"""Finished batches of a stream that are remembered, with whose their rows were."""
REPLAYED_ROWS = 10_000
"""Rows of a stream that are looked for at a start, so that a start after heavy load stays quick."""


def keep_rows(events: EventStore, rows: pa.Table, batch: Batch, *, is_begun: bool) -> None:
    """Put a batch into the event store; of one that was begun before, only what is not there.

    Inside the state's one writing transaction, whoever calls: so nobody corrects what is only half there.
    """
    if is_begun:
        events.restore(rows, token=batch.token)
    else:
        events.append(rows, token=batch.token)


def replay(intake: Intake, state: StateStore, events: EventStore) -> int:
    """Look for the last finished batches in the event store and add what is missing; how many rows.

    Nobody else writes while it looks: every append is made inside the state's one writing transaction, as
    this is. With part of an append there, cells of the rollup would be added that are still to come.
    """
    with state.begin() as transaction:
        restored = sum(
            events.restore(rows)
            for rows in (intake_rows(intake, transaction), emitted_rows(transaction))
            if rows.num_rows
        )
        if restored:
            tell_all_merges(transaction, events)
            _log.warning("rows_restored", rows=restored)
        else:
            tell_merges(transaction, events)  # a merge may have been taken back just before the end
    return restored


def emitted_table(emitted: Sequence[EmittedEvent]) -> pa.Table:
    """Events of ours as rows of the log."""
    return to_table([_row_of(event) for event in emitted])


def intake_rows(intake: Intake, transaction: StateTransaction) -> pa.Table:
    """The rows of the last batches of calls, each under the person it had when it was processed."""
    calls: list[Call] = []
    people: list[ProfileId] = []
    for settled in _last(transaction, INTAKE):
        first, last = settled.batch.first, settled.batch.last
        logged = intake.read(after=first - 1, limit=last - first + 1).upto(last)
        if len(logged) == len(settled.people):  # else the log has let go of some of them
            calls += logged.calls
            people += settled.people
    # Of an erased call only its place is left.
    # What was past its period stays removed.
    last = transaction.removals.latest()
    kept = [
        (call, person)
        for call, person in zip(calls, people, strict=True)
        if not is_erased(call) and not (last and _is_removed(call, last.cutoffs))
    ]
    settled_calls = as_settled([call for call, _ in kept], transaction.trait_changes)
    return table_of(settled_calls, [person for _, person in kept])


def _is_removed(call: Call, past: Cutoffs) -> bool:
    is_event = call.kind in (*EVENT_KINDS, "aside")
    return is_event and is_past(past, name=call.name, occurred_at=call.occurred_at)


def emitted_rows(transaction: StateTransaction) -> pa.Table:
    """The rows of the last batches of our own events."""
    settled = _last(transaction, EMITTED)
    if not settled:
        return to_table([])
    first, last = settled[0].batch.first, settled[-1].batch.last
    emitted = transaction.emitted.read(after=first - 1, limit=last - first + 1)
    return emitted_table([event for position, event in emitted if position <= last])


def _last(transaction: StateTransaction, stream: str) -> list[SettledBatch]:
    """The newest finished batches of a stream that are no more rows than a start has time for, in order."""
    chosen: list[SettledBatch] = []
    rows = 0
    for settled in reversed(transaction.batches.settled(stream, limit=REPLAYED_BATCHES)):
        rows += len(settled.people)
        if chosen and rows > REPLAYED_ROWS:
            break
        chosen.append(settled)
    return chosen[::-1]


def _row_of(event: EmittedEvent) -> EventRow:
    is_touch = event.name == TOUCH_KEPT
    flat = flatten(event.properties, marks_objects=is_touch)
    return EventRow(
        profile_id=ProfileId(event.profile_id),
        occurred_at=event.occurred_at,
        received_at=event.occurred_at,
        name="identify" if is_touch else event.name,
        kind="identify" if is_touch else "perennial",
        origin="perennial",
        source="perennial",
        message_id=event.message_id,
        numbers=flat.numbers,
        texts=flat.texts,
        lists=flat.lists,
        raw="" if flat.rebuilds else msgspec.json.encode(event.properties).decode(),
    )
