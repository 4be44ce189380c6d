"""The way in of a workspace without those who were erased: what is logged, what was refused, what comes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

import msgspec
from sqlalchemy import Connection, Engine, delete, func, select, update

from perennial.backends.sql.engine import insert_into, portions, reading, scrub, writing
from perennial.backends.sql.tables import intake, rejects, stretches
from perennial.backends.sql.tables_privacy import erased_names
from perennial.collect.events.call import Call
from perennial.collect.events.codec import decode_calls, encode_calls
from perennial.collect.events.model import Submission
from perennial.collect.identity.model import ANONYMOUS, USER
from perennial.collect.privacy.erased import ErasedNames, digest_of, erased_call
from perennial.collect.privacy.model import PersonNames


class SqlErasedCalls:
    """Which ids nothing more is accepted of, as this process last read it; asked in every commit."""

    def __init__(self) -> None:
        self._known: tuple[int, ErasedNames | None] = (0, None)

    def look_up(self, connection: Connection) -> ErasedNames | None:
        """Those of the moment of this transaction; None where nobody was erased."""
        last = connection.execute(select(func.max(erased_names.c.number))).scalar() or 0
        if last != self._known[0]:
            rows = connection.execute(select(erased_names.c.digest, erased_names.c.salt)).all()
            self._known = last, ErasedNames(rows[0].salt, frozenset(row.digest for row in rows))
        return self._known[1]


def without_erased(
    connection: Connection, submissions: Sequence[Submission], erased: ErasedNames
) -> Sequence[Submission]:
    """Submissions without the calls of erased people, which are counted. Nothing else of them is kept."""
    dropped: list[bytes] = []
    kept: list[Submission] = []
    for submission in submissions:
        screened = [erased.screen(call) for call in submission.calls]
        dropped += [one for one in screened if isinstance(one, bytes)]
        calls = [one for one in screened if isinstance(one, Call)]
        refused = [one for one in submission.rejects if not erased.is_named_in(one.payload)]
        kept.append(replace(submission, calls=calls, rejects=refused))
    count_refused(connection, dropped)
    return kept


def count_refused(connection: Connection, dropped: Sequence[bytes]) -> None:
    """Count calls that came under erased names."""
    for digest in sorted(set(dropped)):
        connection.execute(
            update(erased_names)
            .where(erased_names.c.digest == digest)
            .values(refused=erased_names.c.refused + dropped.count(digest))
        )


class SqlIntakeErasure:
    """`collect.privacy.ports.IntakeErasure`."""

    def __init__(self, engine: Engine, *, seed: str) -> None:
        self._engine = engine
        self._salt = sha256(f"erased:{seed}".encode()).digest()

    def salt(self) -> bytes:
        """The salt of this workspace's hashes."""
        return self._salt

    def suppress(self, person: PersonNames, *, erasure_id: str) -> None:
        """Accept nothing more under these ids."""
        with writing(self._engine) as connection:
            salt = self._salt
            names = [name for name in person.names if name.kind in (USER, ANONYMOUS)]
            for name in names:
                row = {"digest": digest_of(*name, salt=salt), "salt": salt, "erasure_id": erasure_id}
                statement = insert_into(erased_names, connection).values(**row, refused=0)
                connection.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))

    def refused(self, erasure_id: str) -> int:
        """How many calls were dropped since."""
        query = select(func.sum(erased_names.c.refused)).where(erased_names.c.erasure_id == erasure_id)
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar() or 0)

    def count(self, person: PersonNames) -> Mapping[str, int]:
        """How many calls of the person are in the log, and among what was refused."""
        with reading(self._engine) as connection:
            counts = {
                "logged calls": sum(erased for _, _, erased in _erased_stretches(connection, person)),
                "rejects": len(_rejects_of(connection, person)),
            }
        return {name: calls for name, calls in counts.items() if calls}

    def erase(self, person: PersonNames) -> None:
        """Take the person's calls out of the log, and what was refused of them."""
        with writing(self._engine) as connection:
            # Put nothing but its place where a call of the person was: positions are counted on.
            for last, body, _ in _erased_stretches(connection, person):
                connection.execute(update(stretches).where(stretches.c.last == last).values(body=body))
            for portion in portions(_rejects_of(connection, person)):
                connection.execute(delete(rejects).where(rejects.c.reject_id.in_(portion)))

    def scrub(self) -> None:
        """Rewrite the store without what was deleted."""
        scrub(self._engine, intake)


def _erased_stretches(connection: Connection, person: PersonNames) -> Iterator[tuple[int, bytes, int]]:
    """Stretches of the log with calls of the person: without those, and how many there were."""
    names = ErasedNames.of(person.names, salt=b"any")
    marks = [msgspec.json.encode(name.value) for name in person.names]
    for (last,) in connection.execute(select(stretches.c.last).order_by(stretches.c.last)).all():
        body = connection.execute(select(stretches.c.body).where(stretches.c.last == last)).scalar_one()
        if not any(mark in body for mark in marks):
            continue
        screened = [(call, names.screen(call)) for call in decode_calls(body)]
        calls = [erased_call(call) if isinstance(kept, bytes) else kept for call, kept in screened]
        yield last, encode_calls(calls), sum(isinstance(kept, bytes) for _, kept in screened)


def _rejects_of(connection: Connection, person: PersonNames) -> list[int]:
    """Refused calls that name the person; a reject too many is no loss, one too few would be."""
    if not person.texts:
        return []
    ways = {way for text in person.texts for way in (text, msgspec.json.encode(text).decode()[1:-1])}
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(ways)))})(?!\w)")
    return [
        row.reject_id
        for row in connection.execute(select(rejects)).all()
        if any(named.search(text) for text in (row.payload, row.path, row.message, row.hint))
    ]
