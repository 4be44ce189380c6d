"""Questions that the state store and the intake log answer about themselves; nothing is written."""

import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import numpy as np
from sqlalchemy import Connection, Engine, Select, and_, distinct, func, or_, select
from sqlalchemy.exc import OperationalError

from perennial.backends.sql.columns import to_micros
from perennial.backends.sql.engine import reading, revision_of, revisions
from perennial.backends.sql.options import Chain
from perennial.backends.sql.segment_columns import PackedMembers
from perennial.backends.sql.tables import (
    enrollments,
    identities,
    merges,
    messages,
    profiles,
    segment_fills,
    segment_members,
    spools,
)
from perennial.kernel.ids import JourneyId, NodeId, SegmentId

_LIMIT = 20
_SECONDS = 10.0
"""The longest that one question may take; what was not looked at by then is not told of."""
_STEPS = 100_000
"""Of SQLite's machine, between two looks at the clock: some milliseconds."""
_FULL = 2
_QUERY_CANCELED = "57014"


class SqlRecordsExam:
    """One workspace's state and intake under examination (`RecordsExam`)."""

    def __init__(self, state: Engine, intake: Engine) -> None:
        self._state = state
        self._stores: Mapping[Chain, Engine] = {"state": state, "intake": intake}

    def damage(self) -> Sequence[str] | None:
        """What the engine finds wrong with its own files or indexes."""
        told = {
            chain: _unless_long(engine, _DIALECTS[engine.dialect.name].damage)
            for chain, engine in self._stores.items()
        }
        found = [f"{chain}: {one}" for chain, damage in told.items() for one in damage or ()]
        return None if None in told.values() and not found else found

    def schemas(self) -> Mapping[str, tuple[str, str]]:
        """For each store the migration it was last brought to, and the one this version brings it to."""
        present: dict[str, tuple[str, str]] = {}
        for chain, engine in self._stores.items():
            with reading(engine) as connection:
                present[chain] = (revision_of(connection, chain) or "none", revisions(chain)[-1])
        return present

    def weak_settings(self) -> Sequence[str]:
        """Settings with which a commit may not survive a power cut."""
        weak: list[str] = []
        for chain, engine in self._stores.items():
            with reading(engine) as connection:
                told = _DIALECTS[engine.dialect.name].weak_settings(connection)
                weak += [f"{chain}: {one}" for one in told]
        return weak

    def imports_waiting_since_before(self, instant: datetime) -> Sequence[str]:
        """Imports with rows that were accepted before an instant and are not in the event store yet."""
        is_late = func.coalesce(spools.c.accepted_at, 0) < to_micros(instant)
        waiting = select(spools.c.name).distinct().where(is_late).order_by(spools.c.name)
        with reading(self._stores["intake"]) as connection:
            return list(connection.execute(waiting.limit(_LIMIT)).scalars())

    def standing(self) -> Sequence[tuple[JourneyId, int, NodeId, int]]:
        """Where active enrollments stand: journey, version, node, how many."""
        place = (enrollments.c.journey_id, enrollments.c.version, enrollments.c.node)
        counted = select(*place, func.count()).where(enrollments.c.status == "active").group_by(*place)
        with reading(self._state) as connection:
            rows = connection.execute(counted.order_by(*place)).all()
        return [
            (JourneyId(journey), version, NodeId(node), people) for journey, version, node, people in rows
        ]

    def repeated_runs(self) -> Sequence[tuple[JourneyId, int, int, int]]:
        """People never merged with several active runs through a journey, counted alike ones together."""
        runs = enrollments.c
        person = (runs.journey_id, runs.profile_id)
        repeated = (
            select(
                runs.journey_id,
                func.max(runs.version).label("version"),
                func.count().label("runs"),
                func.count(distinct(runs.key)).label("distinct_keys"),
            )
            # Two people who turned out to be one may be in a journey twice: they came in as two.
            .where(runs.status == "active", runs.profile_id.not_in(select(merges.c.kept)))
            .group_by(*person)
            .having(func.count() > 1)
            .subquery()
        )
        alike = select(
            repeated.c.journey_id, repeated.c.version, repeated.c.runs, repeated.c.distinct_keys
        ).distinct()
        with reading(self._state) as connection:
            rows = connection.execute(alike.limit(_LIMIT * 50)).all()
        return [(JourneyId(journey), version, count, keys) for journey, version, count, keys in rows]

    def messages_by_state(self) -> Mapping[str, int]:
        """How many messages are in each state, whatever the states are called."""
        with reading(self._state) as connection:
            counted = select(messages.c.state, func.count().label("people")).group_by(messages.c.state)
            return {row.state: row.people for row in connection.execute(counted)}

    def sending_since_before(self, instant: datetime) -> Sequence[str] | None:
        """Messages that have been on their way to a provider since before an instant."""
        stuck = and_(messages.c.state == "sending", messages.c.due_at < to_micros(instant))
        return self._ids(select(messages.c.message_id).where(stuck))

    def contradictory_messages(self) -> Sequence[str] | None:
        """Messages that are sent without a time of sending, or have one without being sent."""
        is_sent, has_time = messages.c.state == "sent", messages.c.sent_at.is_not(None)
        wrong = or_(and_(is_sent, ~has_time), and_(~is_sent, has_time))
        return self._ids(select(messages.c.message_id).where(wrong))

    def causeless_messages(self) -> Sequence[str] | None:
        """Messages whose cause is no enrollment there is."""
        found = select(messages.c.message_id).outerjoin(
            enrollments, enrollments.c.enrollment_id == messages.c.enrollment_id
        )
        is_other = ~messages.c.cause.startswith(messages.c.enrollment_id)
        return self._ids(found.where(or_(enrollments.c.enrollment_id.is_(None), is_other)))

    def lost_names(self) -> Sequence[str] | None:
        """Profiles that a name leads to, and that are not there or were merged into another."""
        leads = identities.outerjoin(profiles, profiles.c.profile_id == identities.c.profile_id)
        is_lost = or_(profiles.c.profile_id.is_(None), profiles.c.merged_into.is_not(None))
        return self._ids(select(identities.c.profile_id).select_from(leads).where(is_lost))

    def memberships(self) -> Mapping[SegmentId, tuple[int, int, int]]:
        """For each filled segment the people it is said to have, those stored, those of them never merged."""
        member = segment_members.c.profile_id
        is_merged = or_(member.in_(select(merges.c.kept)), member.in_(select(merges.c.lost)))
        counted = (
            select(segment_members.c.segment_id, func.count(), func.count().filter(~is_merged))
            .select_from(segment_members)
            .group_by(segment_members.c.segment_id)
        )
        with reading(self._state) as connection:
            stored = {
                segment: (people, never) for segment, people, never in connection.execute(counted).all()
            }
            said = connection.execute(select(segment_fills.c.segment_id, segment_fills.c.people)).all()
            for segment, (people, never) in _packed(connection).items():
                rows = stored.get(segment, (0, 0))
                stored[segment] = (rows[0] + people, rows[1] + never)
        return {SegmentId(segment): (people, *stored.get(segment, (0, 0))) for segment, people in said}

    def _ids(
        self, query: Select[tuple[str]] | Select[tuple[int]], *, limit: int = _LIMIT
    ) -> Sequence[str] | None:
        """The first few answers to a question that may read a whole table; None if it takes too long."""
        return _unless_long(
            self._state,
            lambda connection: [str(one) for one in connection.execute(query.limit(limit)).scalars()],
        )


def _packed(connection: Connection) -> Mapping[SegmentId, tuple[int, int]]:
    """For each packed segment the people in its column, and those of them who were never merged."""
    members = PackedMembers(connection)
    segments = members.versions()
    if not segments:
        return {}
    ever = connection.execute(select(merges.c.kept).union(select(merges.c.lost))).scalars().all()
    merged = np.array([one for one in ever if one > 0], dtype=np.uint64)
    found = {segment_id: members.members(segment_id) for segment_id in segments}
    return {
        segment_id: (len(people), int((~np.isin(people, merged)).sum()))
        for segment_id, people in found.items()
    }


def _unless_long(engine: Engine, ask: Callable[[Connection], Sequence[str]]) -> Sequence[str] | None:
    """What a question gives, None where it was stopped after `_SECONDS`."""
    dialect = _DIALECTS[engine.dialect.name]
    with reading(engine) as connection, dialect.bounded(connection):
        try:
            return ask(connection)
        except OperationalError as error:
            if dialect.was_stopped(error):
                return None
            raise


@contextmanager
def _bounded_sqlite(connection: Connection) -> Generator[None, None, None]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError("this is no connection to SQLite")
    end = monotonic() + _SECONDS
    driver.set_progress_handler(lambda: monotonic() > end, _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


@contextmanager
def _bounded_postgres(connection: Connection) -> Generator[None, None, None]:
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_SECONDS:.0f}s'")
    yield


def _damage_of_sqlite(connection: Connection) -> Sequence[str]:
    told = connection.exec_driver_sql(f"PRAGMA quick_check({_LIMIT})").scalars().all()
    return [str(one) for one in told if one != "ok"]


def _damage_of_postgres(connection: Connection) -> Sequence[str]:
    invalid = (
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid"
    )
    failures = (
        "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"
    )
    indexes = connection.exec_driver_sql(f"{invalid} LIMIT {_LIMIT}").scalars().all()
    pages = connection.exec_driver_sql(failures).scalar_one()
    told = [f"the index {name} is not valid" for name in indexes]
    return told + ([f"{pages} pages did not match their checksum"] if pages else [])


def _weak_settings_of_sqlite(connection: Connection) -> Sequence[str]:
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    told = [] if synchronous >= _FULL else [f"synchronous is {synchronous}"]
    return told + ([] if journal == "wal" else [f"journal_mode is {journal}"])


def _weak_settings_of_postgres(connection: Connection) -> Sequence[str]:
    found = {
        name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
        for name in ("fsync", "full_page_writes", "synchronous_commit")
    }
    return [f"{name} is {value}" for name, value in found.items() if value in ("off", "local")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dialect:
    """What differs between the engines when they are asked about themselves."""

    damage: Callable[[Connection], Sequence[str]]
    weak_settings: Callable[[Connection], Sequence[str]]
    bounded: Callable[[Connection], AbstractContextManager[None]]
    """Within it a statement ends after `_SECONDS`."""
    was_stopped: Callable[[OperationalError], bool]
    """Whether a statement failed because its time was up."""


_DIALECTS: Mapping[str, _Dialect] = {
    "sqlite": _Dialect(
        damage=_damage_of_sqlite,
        weak_settings=_weak_settings_of_sqlite,
        bounded=_bounded_sqlite,
        was_stopped=lambda error: getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT,
    ),
    "postgresql": _Dialect(
        damage=_damage_of_postgres,
        weak_settings=_weak_settings_of_postgres,
        bounded=_bounded_postgres,
        was_stopped=lambda error: getattr(error.orig, "sqlstate", "") == _QUERY_CANCELED,
    ),
}
