"""What the loop remembers of its own running: how far it read, which batches it cut, what it emitted."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, select

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.tables import batches, emitted_events, offsets
from perennial.collect.events.model import Batch
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json, canonical


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

    def set(self, stream: str, position: int) -> None:
        """Say that everything up to a position has had its effects; commits with them."""
        statement = insert_into(offsets, self._connection).values(stream=stream, position=position)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["stream"], set_={"position": statement.excluded.position}
            )
        )


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
        return [_batch(row.stream, row.first, row.last, row.token, row.recorded_at) for row in rows]

    def latest(self, stream: str, *, limit: int) -> Sequence[Batch]:
        """The last cuts, in order: what is replayed under its tokens after a start."""
        rows = self._connection.execute(
            select(batches).where(batches.c.stream == stream).order_by(batches.c.first.desc()).limit(limit)
        )
        return [_batch(row.stream, row.first, row.last, row.token, row.recorded_at) for row in rows][::-1]

    def forget(self, stream: str, *, before: int) -> None:
        """Let go of cuts that end before a position."""
        self._connection.execute(delete(batches).where(batches.c.stream == stream, batches.c.last < before))


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
            .where(emitted_events.c.position > after)
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
        """Let go of events that the event store has for good."""
        self._connection.execute(delete(emitted_events).where(emitted_events.c.position <= upto))


def document(text: str) -> dict[str, Json]:
    """A stored JSON object."""
    return json.loads(text)


def _batch(stream: str, first: int, last: int, token: str, recorded_at: int) -> Batch:
    return Batch(stream=stream, first=first, last=last, token=token, recorded_at=from_micros(recorded_at))
