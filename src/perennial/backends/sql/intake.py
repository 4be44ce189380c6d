"""The intake log in SQL: what was accepted, what was ever seen, what was refused."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, bindparam, delete, func, insert, select
from sqlalchemy.types import NullType

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into, portions, reading, writing
from perennial.backends.sql.tables import calls, rejects, seen
from perennial.collect.events.model import Entry, KeptReject, Reject, Submission
from perennial.collect.events.rules import message_key

# Without a type each key goes to the driver as it is; LargeBinary would wrap every one of them.
_KNOWN_KEYS = select(seen.c.message_key).where(
    seen.c.message_key.in_(bindparam("keys", expanding=True, type_=NullType()))
)


class SqlIntakeLog:
    """One workspace's log of accepted calls (`IntakeLog`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, submissions: Sequence[Submission]) -> Sequence[int]:
        """Make submissions durable in one transaction; how many new calls each one had."""
        fresh: list[list[Entry]] = []
        with writing(self._engine) as connection:
            unseen = remember(
                connection, [entry.message_key for each in submissions for entry in each.entries]
            )
            for submission in submissions:
                fresh.append([entry for entry in submission.entries if _take(entry.message_key, unseen)])
            _insert_calls(connection, [entry for entries in fresh for entry in entries])
            for submission in submissions:
                insert_rejects(connection, submission.source, submission.rejects, at=submission.received_at)
        return [len(entries) for entries in fresh]

    def read(self, *, after: int, limit: int) -> Sequence[tuple[int, Entry]]:
        """The logged calls after a position, in order, each with its position."""
        query = select(calls).where(calls.c.position > after).order_by(calls.c.position).limit(limit)
        with reading(self._engine) as connection:
            return [
                (
                    row.position,
                    Entry(
                        source=row.source,
                        message_id=row.message_id,
                        message_key=message_key(row.source, row.message_id),
                        received_at=from_micros(row.received_at),
                        body=row.body,
                    ),
                )
                for row in connection.execute(query)
            ]

    def position(self) -> int:
        """The position of the last call ever logged, 0 before the first."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.max(calls.c.position))).scalar() or 0

    def forget(self, *, upto: int) -> None:
        """Let go of calls up to and including a position, but never of the last one: it keeps the count."""
        last = select(func.max(calls.c.position)).scalar_subquery()
        with writing(self._engine) as connection:
            connection.execute(delete(calls).where(calls.c.position <= upto, calls.c.position < last))

    def rejects(
        self, *, limit: int, after: int | None = None, source: str | None = None
    ) -> tuple[Sequence[KeptReject], int | None]:
        """Refused calls, newest first, and the cursor of the next page."""
        query = select(rejects).order_by(rejects.c.reject_id.desc()).limit(limit)
        if after is not None:
            query = query.where(rejects.c.reject_id < after)
        if source is not None:
            query = query.where(rejects.c.source == source)
        with reading(self._engine) as connection:
            page = [_kept(row) for row in connection.execute(query)]
        return page, page[-1].reject_id if len(page) == limit else None


def remember(connection: Connection, keys: Iterable[bytes]) -> set[bytes]:
    """Which of these message keys are new; from now on they are seen.

    Mostly all of them are, so they are inserted at once, sorted, so that the tree is walked in order. Only
    where fewer rows came out of it, it is undone and asked which.
    """
    new = set(keys)
    with connection.begin_nested() as savepoint:
        if _insert_keys(connection, new) == len(new):
            return new
        savepoint.rollback()
    for portion in portions(sorted(new)):
        new.difference_update(connection.execute(_KNOWN_KEYS, {"keys": portion}).scalars())
    _insert_keys(connection, new)
    return new


def _insert_keys(connection: Connection, keys: set[bytes]) -> int:
    """Rows inserted; past SQLAlchemy's handling of each parameter, which costs more than the insert."""
    if not keys:
        return 0
    statement = (
        insert_into(seen, connection).values(message_key=bindparam("message_key")).on_conflict_do_nothing()
    )
    compiled = statement.compile(dialect=connection.dialect)
    if compiled.positional:
        return connection.exec_driver_sql(compiled.string, [(key,) for key in sorted(keys)]).rowcount
    return connection.exec_driver_sql(
        compiled.string, [{"message_key": key} for key in sorted(keys)]
    ).rowcount


def insert_rejects(connection: Connection, source: str, refused: Sequence[Reject], *, at: datetime) -> None:
    """Keep refused calls with their reasons."""
    if refused:
        connection.execute(
            insert(rejects),
            [
                {
                    "source": source,
                    "received_at": to_micros(at),
                    "path": reject.path,
                    "code": reject.code,
                    "message": reject.message,
                    "hint": reject.hint,
                    "payload": reject.payload,
                }
                for reject in refused
            ],
        )


def _take(key: bytes, unseen: set[bytes]) -> bool:
    """Whether this is the first call with its key; the next one is not."""
    if key not in unseen:
        return False
    unseen.remove(key)
    return True


def _insert_calls(connection: Connection, entries: Sequence[Entry]) -> None:
    if entries:
        connection.execute(
            insert(calls),
            [
                {
                    "source": entry.source,
                    "message_id": entry.message_id,
                    "received_at": to_micros(entry.received_at),
                    "body": entry.body,
                }
                for entry in entries
            ],
        )


def _kept(row: Row[tuple[object, ...]]) -> KeptReject:
    return KeptReject(
        reject_id=row.reject_id,
        source=row.source,
        received_at=from_micros(row.received_at),
        path=row.path,
        code=row.code,
        message=row.message,
        hint=row.hint,
        payload=row.payload,
    )
