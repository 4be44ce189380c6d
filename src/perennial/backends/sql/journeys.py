"""Journeys in the state store: their versions, the runs of people through them, and every assignment."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, or_, select, update
from sqlalchemy.engine import RowMapping

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into, portions
from perennial.backends.sql.tables import decisions, enrollments, journey_versions, journeys
from perennial.decide.journeys.model import (
    Decision,
    Enrollment,
    Journey,
    JourneyState,
    JourneyStatus,
    PublishedJourney,
)
from perennial.decide.journeys.parse import parse_journey
from perennial.decide.journeys.plans import Standing
from perennial.decide.journeys.write import journey_document
from perennial.kernel.ids import EnrollmentId, JourneyId, NodeId, ProfileId

_Version = tuple[JourneyId, int]
_VersionRow = Row[str, int, str, int, str]


class SqlJourneys:
    """`JourneyShelf` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, published: PublishedJourney) -> None:
        """Keep a new version as the newest. A first version is live; a paused journey stays paused."""
        journey_id, at = published.journey.journey_id, to_micros(published.published_at)
        kept = insert(journey_versions).values(
            journey_id=journey_id,
            version=published.version,
            document=json.dumps(journey_document(published.journey), ensure_ascii=False),
            published_at=at,
            plan=json.dumps(published.plan, ensure_ascii=False),
        )
        self._connection.execute(kept)
        listed = insert_into(journeys, self._connection).values(
            journey_id=journey_id, state="live", version=published.version, published_at=at, changed_at=at
        )
        newest = {"version": listed.excluded.version, "published_at": listed.excluded.published_at}
        self._connection.execute(listed.on_conflict_do_update(index_elements=["journey_id"], set_=newest))

    def find(self, journey_id: JourneyId, version: int | None = None) -> PublishedJourney | None:
        """A version, the newest unless told; None where there is none."""
        table = journey_versions.c
        wanted = _versions().where(table.journey_id == journey_id).order_by(table.version.desc()).limit(1)
        if version is not None:
            wanted = wanted.where(table.version == version)
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else _published(row)

    def history(self, journey_id: JourneyId, *, limit: int, before: int | None) -> Sequence[PublishedJourney]:
        """A journey's versions, the newest first; those before a version where one is told."""
        wanted = _versions().where(journey_versions.c.journey_id == journey_id)
        if before is not None:
            wanted = wanted.where(journey_versions.c.version < before)
        ordered = wanted.order_by(journey_versions.c.version.desc()).limit(limit)
        return [_published(row) for row in self._connection.execute(ordered)]

    def versions(self, wanted: Sequence[_Version]) -> Mapping[_Version, PublishedJourney]:
        """The versions that enrollments are on; those that do not exist are absent."""
        asked = frozenset(wanted)
        found: dict[_Version, PublishedJourney] = {}
        for part in portions(sorted({journey_id for journey_id, _ in asked})):
            for row in self._connection.execute(_versions().where(journey_versions.c.journey_id.in_(part))):
                version = (JourneyId(row.journey_id), row.version)
                if version in asked:
                    found[version] = _published(row)
        return found

    def status(self, journey_id: JourneyId) -> JourneyStatus | None:
        """Where a journey stands; None where there is no such journey."""
        wanted = select(journeys).where(journeys.c.journey_id == journey_id)
        row = self._connection.execute(wanted).mappings().one_or_none()
        return None if row is None else _status(row)

    def list_all(self) -> Sequence[JourneyStatus]:
        """Every journey, by id."""
        rows = self._connection.execute(select(journeys).order_by(journeys.c.journey_id)).mappings()
        return [_status(row) for row in rows]

    def live(self) -> Sequence[PublishedJourney]:
        """The newest version of every live journey, by id: those that take people in."""
        newest = and_(
            journeys.c.journey_id == journey_versions.c.journey_id,
            journeys.c.version == journey_versions.c.version,
        )
        live = _versions().join(journeys, newest).where(journeys.c.state == "live")
        return [_published(row) for row in self._connection.execute(live.order_by(journeys.c.journey_id))]

    def set_state(self, journey_id: JourneyId, state: JourneyState, *, at: datetime) -> None:
        """Pause, resume or end a journey."""
        one = update(journeys).where(journeys.c.journey_id == journey_id)
        self._connection.execute(one.values(state=state, changed_at=to_micros(at)))


class SqlEnrollments:
    """`Enrollments` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def watching(self, profile_ids: Sequence[ProfileId], *, since: datetime) -> Sequence[Enrollment]:
        """Runs that an event of these people may concern, by person and entry."""
        table = enrollments.c
        goal_is_open = and_(table.goal_at.is_(None), table.goal_until >= to_micros(since))
        concerned = select(enrollments).where(or_(table.status == "active", goal_is_open))
        found: list[Enrollment] = []
        for part in portions(sorted(set(profile_ids))):
            ordered = concerned.where(table.profile_id.in_(part)).order_by(
                table.profile_id, table.entered_at, table.enrollment_id
            )
            found.extend(_enrollment(row) for row in self._connection.execute(ordered).mappings())
        return found

    def due(self, now: datetime, *, limit: int) -> Sequence[Enrollment]:
        """Active runs of live journeys whose time has come, the earliest first (ties by id)."""
        table = enrollments.c
        waiting = (
            select(enrollments)
            .join(journeys, journeys.c.journey_id == table.journey_id)
            .where(journeys.c.state == "live", table.due_at <= to_micros(now))
            .order_by(table.due_at, table.enrollment_id)
            .limit(limit)
        )
        return [_enrollment(row) for row in self._connection.execute(waiting).mappings()]

    def next_due(self) -> datetime | None:
        """When the next active run of a live journey is due; None where nothing waits."""
        table = enrollments.c
        next_one = (
            select(table.due_at)
            .join(journeys, journeys.c.journey_id == table.journey_id)
            .where(journeys.c.state == "live", table.due_at.is_not(None))
            .order_by(table.due_at)
            .limit(1)
        )
        due_at = self._connection.execute(next_one).scalar()
        return None if due_at is None else from_micros(due_at)

    def previous(
        self, journey_ids: Sequence[JourneyId], profile_ids: Sequence[ProfileId]
    ) -> Mapping[tuple[JourneyId, ProfileId], Sequence[Enrollment]]:
        """All runs of these people through these journeys, in the order of entry; absent where none."""
        table = enrollments.c
        theirs = select(enrollments).where(table.journey_id.in_(sorted(set(journey_ids))))
        found: dict[tuple[JourneyId, ProfileId], list[Enrollment]] = {}
        for part in portions(sorted(set(profile_ids))):
            ordered = theirs.where(table.profile_id.in_(part)).order_by(table.entered_at, table.enrollment_id)
            for row in self._connection.execute(ordered).mappings():
                run = _enrollment(row)
                found.setdefault((run.journey_id, run.profile_id), []).append(run)
        return found

    def find(self, enrollment_id: EnrollmentId) -> Enrollment | None:
        """One run."""
        wanted = select(enrollments).where(enrollments.c.enrollment_id == enrollment_id)
        row = self._connection.execute(wanted).mappings().one_or_none()
        return None if row is None else _enrollment(row)

    def active_of(self, journey_id: JourneyId, *, limit: int) -> Sequence[Enrollment]:
        """Active runs of one journey: what ending it touches."""
        table = enrollments.c
        active = select(enrollments).where(table.journey_id == journey_id, table.status == "active")
        return [_enrollment(row) for row in self._connection.execute(active.limit(limit)).mappings()]

    def standing_before(self, journey_id: JourneyId, version: int) -> Sequence[Standing]:
        """How many active runs of earlier versions stand at each node, by version and node."""
        table = enrollments.c
        counted = (
            select(table.version, table.node, func.count())
            .where(*_active_before(journey_id, version))
            .group_by(table.version, table.node)
            .order_by(table.version, table.node)
        )
        return [
            Standing(version=at, node=NodeId(node), people=people)
            for at, node, people in self._connection.execute(counted)
        ]

    def active_before(
        self, journey_id: JourneyId, version: int, *, limit: int, after: EnrollmentId | None
    ) -> Sequence[Enrollment]:
        """Active runs of earlier versions, by id: whom a plan touches."""
        wanted = select(enrollments).where(*_active_before(journey_id, version))
        if after is not None:
            wanted = wanted.where(enrollments.c.enrollment_id > after)
        ordered = wanted.order_by(enrollments.c.enrollment_id).limit(limit)
        return [_enrollment(row) for row in self._connection.execute(ordered).mappings()]

    def save(self, runs: Sequence[Enrollment]) -> None:
        """Write runs as they stand now; the last of equal ids counts."""
        if not runs:
            return
        statement = insert_into(enrollments, self._connection)
        moving = {name: statement.excluded[name] for name in _MOVING}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["enrollment_id"], set_=moving),
            [_enrollment_row(run) for run in runs],
        )

    def record(self, made: Sequence[Decision]) -> None:
        """Append decisions; one that is known by its id stays as it is."""
        if not made:
            return
        rows = [
            {
                "decision_id": one.decision_id,
                "enrollment_id": one.enrollment_id,
                "node": one.node,
                "arm": one.arm,
                "probability": one.probability,
                "decided_at": to_micros(one.decided_at),
                "salt": one.salt,
                "explored": one.explored,
            }
            for one in made
        ]
        self._connection.execute(insert_into(decisions, self._connection).on_conflict_do_nothing(), rows)

    def standing(self, journey_id: JourneyId) -> Mapping[NodeId, int]:
        """How many active runs stand at each node, all versions together."""
        table = enrollments.c
        here = select(table.node, func.count()).where(
            table.journey_id == journey_id, table.status == "active"
        )
        rows = self._connection.execute(here.group_by(table.node).order_by(table.node))
        return {NodeId(node): people for node, people in rows}


_MOVING = (
    *("profile_id", "version", "status", "node", "arrived_at", "due_at", "visits"),
    *("outcome", "left_at", "goal_until", "goal_at"),
)
"""What changes in a run; what it entered with does not. The profile moves when two are merged, the
version by a plan."""


def _active_before(journey_id: JourneyId, version: int) -> Sequence[ColumnElement[bool]]:
    table = enrollments.c
    return table.journey_id == journey_id, table.status == "active", table.version < version


def _versions() -> Select[str, int, str, int, str]:
    table = journey_versions.c
    return select(table.journey_id, table.version, table.document, table.published_at, table.plan)


def _published(row: _VersionRow) -> PublishedJourney:
    _, version, document, published_at, plan = row
    at = from_micros(published_at)
    return PublishedJourney(
        journey=_journey(document), version=version, published_at=at, plan=json.loads(plan)
    )


@lru_cache(maxsize=256)
def _journey(document: str) -> Journey:
    """A stored document, read; it never changes, and every batch of events needs it."""
    return parse_journey(json.loads(document))


def _status(row: RowMapping) -> JourneyStatus:
    return JourneyStatus(
        journey_id=JourneyId(row["journey_id"]),
        state=row["state"],
        version=row["version"],
        published_at=from_micros(row["published_at"]),
        changed_at=from_micros(row["changed_at"]),
    )


def _enrollment(row: RowMapping) -> Enrollment:
    return Enrollment(
        enrollment_id=EnrollmentId(row["enrollment_id"]),
        journey_id=JourneyId(row["journey_id"]),
        version=row["version"],
        profile_id=ProfileId(row["profile_id"]),
        key=row["key"],
        ordinal=row["ordinal"],
        arm=row["arm"],
        entered_at=from_micros(row["entered_at"]),
        status=row["status"],
        node=NodeId(row["node"]),
        arrived_at=from_micros(row["arrived_at"]),
        due_at=_instant(row["due_at"]),
        visits=msgspec.json.decode(row["visits"], type=dict[NodeId, int]),
        outcome=row["outcome"],
        left_at=_instant(row["left_at"]),
        goal_until=_instant(row["goal_until"]),
        goal_at=_instant(row["goal_at"]),
    )


def _enrollment_row(run: Enrollment) -> dict[str, str | int | None]:
    return {
        "enrollment_id": run.enrollment_id,
        "journey_id": run.journey_id,
        "version": run.version,
        "profile_id": run.profile_id,
        "key": run.key,
        "ordinal": run.ordinal,
        "arm": run.arm,
        "entered_at": to_micros(run.entered_at),
        "status": run.status,
        "node": run.node,
        "arrived_at": to_micros(run.arrived_at),
        "due_at": _micros(run.due_at),
        "visits": msgspec.json.encode(run.visits).decode(),
        "outcome": run.outcome,
        "left_at": _micros(run.left_at),
        "goal_until": _micros(run.goal_until),
        "goal_at": _micros(run.goal_at),
    }


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _micros(instant: datetime | None) -> int | None:
    return None if instant is None else to_micros(instant)
