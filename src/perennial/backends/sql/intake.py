"""The intake log in SQL: what was accepted, what was ever seen, what was refused."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select
from sqlalchemy.types import NullType

from perennial.backends.sql.bulk import KeyInsert
from perennial.backends.sql.engine import portions, reading, writing
from perennial.backends.sql.erased_calls import SqlErasedCalls, without_erased
from perennial.backends.sql.rejects import insert_rejects, kept_reject
from perennial.backends.sql.tables import rejects, seen, stretches
from perennial.collect.events.codec import decode_calls, encode_calls
from perennial.collect.events.model import Call, KeptReject, LoggedCalls, Submission
from perennial.collect.events.rules import MESSAGE_KEY_BYTES, message_keys

STRETCH_CALLS = 1_000
"""Calls of one row: a reader that wants fewer reads no more than one row too much."""
STRETCH_BYTES = 4 * 2**20
"""Of its body, where that is fewer calls: a batch is read by stretches, and is bounded in bytes."""
# Without a type each key goes to the driver as it is; LargeBinary would wrap every one of them.
_KNOWN_KEYS = select(seen.c.message_key).where(
    seen.c.message_key.in_(bindparam("keys", expanding=True, type_=NullType()))
)
# Built once: putting a statement together costs as much as running it.
_INSERT_STRETCH = insert(stretches)
_LAST = select(func.max(stretches.c.last))
_INSERT_KEYS = KeyInsert(seen.c.message_key, length=MESSAGE_KEY_BYTES)


class SqlIntakeLog:
    """One workspace's log of accepted calls (`IntakeLog`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._erased = SqlErasedCalls()

    def append(self, submissions: Sequence[Submission]) -> Sequence[int]:
        """Make submissions durable in one transaction; how many new calls each one had."""
        keys = _keys(submissions)
        with writing(self._engine) as connection:
            if erased := self._erased.look_up(connection):
                submissions = without_erased(connection, submissions, erased)
                keys = _keys(submissions)
            unseen = remember(connection, [key for each in keys for key in each])
            fresh = _fresh(submissions, keys, unseen)
            _insert_calls(connection, fresh)
            for submission in submissions:
                if not submission.rejects:
                    continue
                insert_rejects(
                    connection,
                    submission.source,
                    submission.rejects,
                    at=submission.received_at,
                    envelope=submission.envelope,
                )
        return [len(each.calls) for each in fresh]

    def read(self, *, after: int, limit: int, size: int | None = None) -> LoggedCalls:
        """The logged calls after a position, in order, each with its position.

        With a size no more than about so many bytes of them, as they are logged; but always some.
        """
        with reading(self._engine) as connection:
            start = connection.execute(
                select(func.min(stretches.c.first)).where(stretches.c.last > after)
            ).scalar()
            if start is None:
                return LoggedCalls()
            upto = max(after, start - 1) + limit
            query = (
                select(stretches.c.first, stretches.c.body)
                .where(stretches.c.last > after, stretches.c.first <= upto)
                .order_by(stretches.c.last)
            )
            rows = _up_to_size(((first, body) for first, body in connection.execute(query)), size)
        positions: list[int] = []
        calls: list[Call] = []
        for first, body in rows:
            found = decode_calls(body)
            inside = range(max(first, after + 1), min(first + len(found), upto + 1))
            positions += inside
            calls += found[inside.start - first : inside.stop - first]
        return LoggedCalls(positions=positions, calls=calls)

    def position(self) -> int:
        """The position of the last call ever logged, 0 before the first."""
        with reading(self._engine) as connection:
            return _last(connection)

    def forget(self, *, upto: int) -> None:
        """Let go of calls up to and including a position, a stretch at a time, but never of the last stretch.

        It keeps the count.
        """
        with writing(self._engine) as connection:
            connection.execute(
                delete(stretches).where(stretches.c.last <= upto, stretches.c.last < _last(connection))
            )

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
            page = [kept_reject(row) for row in connection.execute(query)]
        return page, page[-1].reject_id if len(page) == limit else None


def _keys(submissions: Sequence[Submission]) -> list[list[bytes]]:
    """What each call of each submission is known by."""
    return [
        message_keys(submission.source, [call.message_id for call in submission.calls])
        for submission in submissions
    ]


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
    """Rows inserted, in the order of the tree."""
    return _INSERT_KEYS.run(connection, sorted(keys)) if keys else 0


def _fresh(
    submissions: Sequence[Submission], keys: Sequence[Sequence[bytes]], unseen: set[bytes]
) -> Sequence[Submission]:
    """Submissions with only those of their calls that nobody sent before."""
    if len(unseen) == sum(map(len, keys)):
        return submissions
    return [
        replace(
            submission,
            calls=[call for call, key in zip(submission.calls, own, strict=True) if _take(key, unseen)],
        )
        for submission, own in zip(submissions, keys, strict=True)
    ]


def _take(key: bytes, unseen: set[bytes]) -> bool:
    """Whether this is the first call with its key; the next one is not."""
    if key not in unseen:
        return False
    unseen.remove(key)
    return True


def _up_to_size(rows: Iterable[tuple[int, bytes]], size: int | None) -> list[tuple[int, bytes]]:
    """The first rows, until they have so many bytes."""
    chosen: list[tuple[int, bytes]] = []
    length = 0
    for first, body in rows:
        if size is not None and chosen and length + len(body) > size:
            break
        chosen.append((first, body))
        length += len(body)
    return chosen


def _insert_calls(connection: Connection, submissions: Sequence[Submission]) -> None:
    """Log the calls of submissions, in order, as few rows."""
    last: int | None = None
    for length, body in _gathered(piece for one in submissions for piece in _pieces(one)):
        first = (_last(connection) if last is None else last) + 1
        last = first + length - 1
        connection.execute(_INSERT_STRETCH, {"last": last, "first": first, "body": body})


def _pieces(submission: Submission) -> Iterator[tuple[int, bytes]]:
    """A submission's calls as bodies of a bounded size, each with how many they are."""
    calls, body = submission.calls, submission.body
    if body and len(calls) <= STRETCH_CALLS and len(body) <= STRETCH_BYTES:
        yield len(calls), body
        return
    for portion in portions(calls, STRETCH_CALLS):
        yield from _stretches(portion)


def _gathered(pieces: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Bodies put together while they are small: each is a JSON array."""
    bodies: list[bytes] = []
    calls = size = 0
    for length, body in pieces:
        if not length:
            continue
        if bodies and (calls + length > STRETCH_CALLS or size + len(body) > STRETCH_BYTES):
            yield calls, _in_one(bodies)
            bodies, calls, size = [], 0, 0
        bodies.append(body)
        calls += length
        size += len(body)
    if bodies:
        yield calls, _in_one(bodies)


def _in_one(bodies: Sequence[bytes]) -> bytes:
    return bodies[0] if len(bodies) == 1 else b"[" + b",".join([body[1:-1] for body in bodies]) + b"]"


def _stretches(calls: Sequence[Call]) -> Iterator[tuple[int, bytes]]:
    """Calls as bodies of a bounded size, each with how many they are."""
    body = encode_calls(calls)
    if len(body) <= STRETCH_BYTES or len(calls) == 1:
        yield len(calls), body
        return
    half = len(calls) // 2
    yield from _stretches(calls[:half])
    yield from _stretches(calls[half:])


def _last(connection: Connection) -> int:
    return connection.execute(_LAST).scalar() or 0
