"""The ledger of imports in SQL; it shares the intake's memory of what was seen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select

from perennial.backends.sql.columns import to_micros
from perennial.backends.sql.engine import insert_into, reading, writing
from perennial.backends.sql.erased_calls import SqlErasedCalls, count_refused
from perennial.backends.sql.intake import remember
from perennial.backends.sql.rejects import insert_rejects
from perennial.backends.sql.tables import imports, spools
from perennial.collect.events.model import Reject
from perennial.collect.events.rules import message_key
from perennial.collect.imports.model import ImportProgress, ImportResult, Spool
from perennial.collect.privacy.erased import ErasedNames


class SqlImportLedger:
    """How far imports have come (`ImportLedger`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._erased = SqlErasedCalls()

    def find(self, name: str) -> ImportProgress | None:
        """The import of this name."""
        with reading(self._engine) as connection:
            row = connection.execute(select(imports).where(imports.c.name == name)).one_or_none()
        if row is None:
            return None
        return ImportProgress(
            name=row.name,
            file=row.file,
            fingerprint=row.fingerprint,
            state="done" if row.state == "done" else "running",
            result=ImportResult(
                read=row.read, accepted=row.accepted, duplicates=row.duplicates, rejected=row.rejected
            ),
        )

    def accept(
        self,
        progress: ImportProgress,
        *,
        keys: Sequence[bytes],
        rejects: Sequence[Reject],
        at: datetime,
        write: Callable[[Sequence[int]], Spool | None],
        people: Callable[[], Iterable[tuple[str, str]]] = tuple,
    ) -> ImportProgress:
        """Take a batch in, in one transaction."""
        with writing(self._engine) as connection:
            fresh = _first_places(keys, remember(connection, keys))
            if erased := self._erased.look_up(connection):
                rejects = [one for one in rejects if not erased.is_named_in(one.payload)]
                fresh = _unerased(connection, fresh, list(people()), erased)
            spool = write(fresh)
            if spool is not None:
                row = {"token": spool.token, "name": spool.name, "path": spool.path, "places": spool.places}
                connection.execute(insert(spools).values(**row, accepted_at=to_micros(at)))
            source = f"import:{progress.name}"
            insert_rejects(connection, source, _unlisted(connection, source, rejects), at=at)
            counted = _counted(progress, len(fresh), len(keys) - len(fresh), len(rejects))
            _save(connection, counted, at)
        return counted

    def finish(self, progress: ImportProgress, *, at: datetime) -> None:
        """Say that the whole file was read."""
        with writing(self._engine) as connection:
            _save(connection, replace(progress, state="done"), at)

    def spools(self) -> Sequence[Spool]:
        """Batches that may not have reached the event store, oldest first."""
        query = select(spools).order_by(spools.c.name, spools.c.path)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [Spool(token=row.token, name=row.name, path=row.path, places=row.places) for row in rows]

    def drop(self, spool: Spool) -> None:
        """Forget a batch that the event store has."""
        with writing(self._engine) as connection:
            connection.execute(delete(spools).where(spools.c.token == spool.token))


def _unerased(
    connection: Connection, fresh: Sequence[int], people: Sequence[tuple[str, str]], erased: ErasedNames
) -> list[int]:
    """The rows that are not an erased person's; the others are counted."""
    found = {place: erased.digest(*people[place]) for place in fresh}
    count_refused(connection, [digest for digest in found.values() if digest is not None])
    return [place for place in fresh if found[place] is None]


def _first_places(keys: Sequence[bytes], new: set[bytes]) -> list[int]:
    """Where each new key stands first; later rows with it are duplicates."""
    if len(new) == len(keys):
        return list(range(len(keys)))
    places = {key: place for place, key in reversed(list(enumerate(keys))) if key in new}
    return sorted(places.values())


def _unlisted(connection: Connection, source: str, rejects: Sequence[Reject]) -> Sequence[Reject]:
    """The rejects that an earlier run did not list yet; what the file says now in their place counts anew."""
    keys = [message_key(f"reject:{source}", f"{one.path} {one.code} {one.payload}") for one in rejects]
    new = remember(connection, keys)
    return [reject for key, reject in zip(keys, rejects, strict=True) if key in new]


def _counted(progress: ImportProgress, accepted: int, duplicates: int, rejected: int) -> ImportProgress:
    before = progress.result
    return replace(
        progress,
        result=replace(
            before,
            accepted=before.accepted + accepted,
            duplicates=before.duplicates + duplicates,
            rejected=before.rejected + rejected,
        ),
    )


def _save(connection: Connection, progress: ImportProgress, at: datetime) -> None:
    row = {
        "file": progress.file,
        "fingerprint": progress.fingerprint,
        "state": progress.state,
        "read": progress.result.read,
        "accepted": progress.result.accepted,
        "duplicates": progress.result.duplicates,
        "rejected": progress.result.rejected,
        "updated_at": to_micros(at),
    }
    statement = insert_into(imports, connection).values(name=progress.name, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))
