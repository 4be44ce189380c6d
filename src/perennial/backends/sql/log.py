"""What the loop remembers of its own running: how far it read, which batches it cut, what it emitted."""

import json
from collections.abc import Sequence

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.tables import batches, emitted_events, offsets
from perennial.collect.events.model import Batch, SettledBatch
from perennial.kernel.errors import Unavailable
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json, canonical

_PROFILE_ID = np.dtype("<u8")


class OffsetMoved(Unavailable):
    """These events have had their effects already; nothing of this was kept."""

    code = "offset_moved"


class SqlOffsets:
    """How far each reader of a stream has come."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, stream: str) -> int:
        """The last position whose effects are committed, 0 before the first."""
        found = self._connection.execute(
            select(offsets.c.position).where(offsets.c.stream == stream)
        ).scalar()
        return found or 0

    def advance(self, stream: str, *, first: int, last: int) -> None:
        """Say that these positions have had their effects; commits with them.

        Raises OffsetMoved where the first of them had them before: somebody else was quicker.
        """
        statement = insert_into(offsets, self._connection).values(stream=stream, position=last)
        moved = statement.on_conflict_do_update(
            index_elements=["stream"],
            set_={"position": statement.excluded.position},
            where=offsets.c.position < first,
        ).returning(offsets.c.position)
        if self._connection.execute(moved).scalar() is None:
            raise OffsetMoved


class SqlBatches:
    """The cuts that were made of each stream."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, batch: Batch) -> None:
        """Keep a cut; the same one again changes nothing."""
        self._connection.execute(
            insert_into(batches, self._connection)
            .values(
                stream=batch.stream,
                first=batch.first,
                last=batch.last,
                token=batch.token,
                recorded_at=to_micros(batch.recorded_at),
            )
            .on_conflict_do_nothing()
        )

    def after(self, stream: str, *, position: int) -> Sequence[Batch]:
        """Cuts that begin after a position, in order."""
        rows = self._connection.execute(
            select(batches)
            .where(batches.c.stream == stream, batches.c.first > position)
            .order_by(batches.c.first)
        )
        return [_batch(row) for row in rows]

    def settle(self, batch: Batch, people: Sequence[ProfileId]) -> None:
        """Keep whose each of a cut's rows is: commits before a row is written anywhere, and never changes."""
        packed = np.array(people, dtype=_PROFILE_ID).tobytes()
        unsettled = self._is(batch) & batches.c.people.is_(None)
        self._connection.execute(update(batches).where(unsettled).values(people=packed))

    def people(self, batch: Batch) -> Sequence[ProfileId] | None:
        """Whose each of a cut's rows is; None while that is not settled."""
        packed = self._connection.execute(select(batches.c.people).where(self._is(batch))).scalar()
        return None if packed is None else _people(packed)

    def settled(self, stream: str, *, limit: int) -> Sequence[SettledBatch]:
        """The last settled cuts that the stream's offset has passed, in order: looked for after a start."""
        offset = select(offsets.c.position).where(offsets.c.stream == stream).scalar_subquery()
        rows = self._connection.execute(
            select(batches)
            .where(batches.c.stream == stream, batches.c.people.is_not(None), batches.c.first <= offset)
            .order_by(batches.c.first.desc())
            .limit(limit)
        ).all()
        return [SettledBatch(batch=_batch(row), people=_people(row.people)) for row in reversed(rows)]

    def forget(self, stream: str, *, kept: int) -> None:
        """Let go of all but the last cuts of a stream."""
        firsts = select(batches.c.first).where(batches.c.stream == stream).order_by(batches.c.first.desc())
        oldest = firsts.offset(kept - 1).limit(1).scalar_subquery()
        self._connection.execute(delete(batches).where(batches.c.stream == stream, batches.c.first < oldest))

    def drop(self, batch: Batch) -> None:
        """Let go of one cut."""
        self._connection.execute(delete(batches).where(self._is(batch)))

    def _is(self, batch: Batch) -> ColumnElement[bool]:
        return (batches.c.stream == batch.stream) & (batches.c.first == batch.first)


NOBODY = 0
"""Whose an emitted event is of which an erasure left only the place."""


class SqlEmitted:
    """Events of ours, committed with what caused them and copied to the event store afterwards."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, events: Sequence[EmittedEvent]) -> None:
        """Keep events; one whose message id is there already changes nothing."""
        if not events:
            return
        rows = [
            {
                "message_id": event.message_id,
                "name": event.name,
                "profile_id": event.profile_id,
                "occurred_at": to_micros(event.occurred_at),
                "properties": canonical(event.properties).decode(),
            }
            for event in events
        ]
        statement = insert_into(emitted_events, self._connection).on_conflict_do_nothing()
        self._connection.execute(statement, rows)

    def read(self, *, after: int, limit: int) -> Sequence[tuple[int, EmittedEvent]]:
        """Events after a position, in order, each with its position."""
        rows = self._connection.execute(
            select(emitted_events)
            .where(emitted_events.c.position > after, emitted_events.c.profile_id != NOBODY)
            .order_by(emitted_events.c.position)
            .limit(limit)
        )
        return [
            (
                row.position,
                EmittedEvent(
                    name=row.name,
                    profile_id=ProfileId(row.profile_id),
                    occurred_at=from_micros(row.occurred_at),
                    message_id=row.message_id,
                    properties=document(row.properties),
                ),
            )
            for row in rows
        ]

    def position(self) -> int:
        """The position of the last event emitted, 0 before the first."""
        return self._connection.execute(select(func.max(emitted_events.c.position))).scalar() or 0

    def forget(self, *, upto: int) -> None:
        """Let go of events up to and including a position, but never of the last: it keeps the count."""
        position = emitted_events.c.position
        last = select(func.max(position)).scalar_subquery()
        self._connection.execute(delete(emitted_events).where(position <= upto, position < last))


def document(text: str) -> dict[str, Json]:
    """A stored JSON object."""
    return json.loads(text)


def _batch(row: Row[tuple[object, ...]]) -> Batch:
    return Batch(
        stream=row.stream,
        first=row.first,
        last=row.last,
        token=row.token,
        recorded_at=from_micros(row.recorded_at),
    )


def _people(packed: bytes) -> list[ProfileId]:
    return [ProfileId(one) for one in np.frombuffer(packed, dtype=_PROFILE_ID).tolist()]
