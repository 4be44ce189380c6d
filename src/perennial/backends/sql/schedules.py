"""Schedules in the state store, and what database exports wrote."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import msgspec
from sqlalchemy import Connection, Row, delete, func, select, update

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into, portions
from perennial.backends.sql.tables_schedules import exported_rows, schedules
from perennial.collect.schedules import Scheduled, ScheduleKind
from perennial.kernel.values import Json, canonical


class SqlSchedules:
    """`Schedules` within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, kind: ScheduleKind | None = None) -> Sequence[Scheduled]:
        """Every schedule (of a kind), by id."""
        query = select(schedules).order_by(schedules.c.kind, schedules.c.schedule_id)
        if kind is not None:
            query = query.where(schedules.c.kind == kind)
        return [_scheduled(row) for row in self._connection.execute(query)]

    def save(self, scheduled: Scheduled) -> None:
        """Keep a schedule as it stands."""
        row = {
            "document": canonical(scheduled.document).decode(),
            "due_at": to_micros(scheduled.due_at),
            "ran_at": None if scheduled.ran_at is None else to_micros(scheduled.ran_at),
            "outcome": _written(scheduled.outcome),
            "problem": _written(scheduled.problem),
            "mark": _written(scheduled.mark),
        }
        statement = insert_into(schedules, self._connection).values(
            kind=scheduled.kind, schedule_id=scheduled.schedule_id, **row
        )
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["kind", "schedule_id"], set_=row)
        )

    def remove(self, kind: ScheduleKind, schedule_id: str) -> None:
        """Forget a schedule and everything of it."""
        column = schedules.c
        self._connection.execute(
            delete(schedules).where(column.kind == kind, column.schedule_id == schedule_id)
        )
        if kind == "export":
            self._connection.execute(delete(exported_rows).where(exported_rows.c.export_id == schedule_id))

    def mark(self, schedule_id: str, mark: Mapping[str, Json]) -> None:
        """Note how far a source was read."""
        column = schedules.c
        self._connection.execute(
            update(schedules)
            .where(column.kind == "source", column.schedule_id == schedule_id)
            .values(mark=_written(mark))
        )

    def next_due(self) -> datetime | None:
        """When the next one is due; None where there is none."""
        due = self._connection.execute(select(func.min(schedules.c.due_at))).scalar()
        return None if due is None else from_micros(due)

    def digests(self, export_id: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        """What was last written under these keys; a digest of each row that was."""
        column, found = exported_rows.c, dict[str, bytes]()
        for portion in portions(keys):
            query = select(column.key, column.digest).where(
                column.export_id == export_id, column.key.in_(portion)
            )
            found.update((key, digest) for key, digest in self._connection.execute(query))
        return found

    def wrote(self, export_id: str, digests: Mapping[str, bytes]) -> None:
        """Note what was written."""
        if not digests:
            return
        statement = insert_into(exported_rows, self._connection)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["export_id", "key"], set_={"digest": statement.excluded.digest}
            ),
            [{"export_id": export_id, "key": key, "digest": digest} for key, digest in digests.items()],
        )

    def written_keys(self, export_id: str, *, after: str, limit: int) -> Sequence[str]:
        """Keys that were written and not taken away, in order, after one of them."""
        column = exported_rows.c
        query = (
            select(column.key)
            .where(column.export_id == export_id, column.key > after)
            .order_by(column.key)
            .limit(limit)
        )
        return self._connection.execute(query).scalars().all()

    def took_away(self, export_id: str, keys: Sequence[str]) -> None:
        """Note that rows are gone."""
        column = exported_rows.c
        for portion in portions(keys):
            self._connection.execute(
                delete(exported_rows).where(column.export_id == export_id, column.key.in_(portion))
            )


def _written(document: Mapping[str, Json] | None) -> str | None:
    return None if document is None else canonical(document).decode()


def _scheduled(row: Row[*tuple[object, ...]]) -> Scheduled:
    kind, schedule_id, document, due_at, ran_at, outcome, problem, mark = cast(
        "tuple[ScheduleKind, str, str, int, int | None, str | None, str | None, str | None]", tuple(row)
    )
    return Scheduled(
        kind=kind,
        schedule_id=schedule_id,
        document=_read(document) or {},
        due_at=from_micros(due_at),
        ran_at=None if ran_at is None else from_micros(ran_at),
        outcome=_read(outcome),
        problem=_read(problem),
        mark=_read(mark),
    )


def _read(text: str | None) -> Mapping[str, Json] | None:
    if text is None:
        return None
    return cast("Mapping[str, Json]", msgspec.json.decode(text))  # `_written` wrote an object
