"""Segments in the state store: versions, membership, and how far it is up to date."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from perennial.backends.sql.bulk import BulkInsert, among
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.definitions import SqlDefinitions
from perennial.backends.sql.engine import insert_into, portions
from perennial.backends.sql.packed import LEAST
from perennial.backends.sql.segment_columns import PackedMembers
from perennial.backends.sql.tables import segment_fills, segment_members, segments
from perennial.backends.sql.tables_segments import segment_sizes, segment_standings
from perennial.compute.segments.model import Membership, SegmentFill, Shift, Size, Standing
from perennial.kernel.ids import ProfileId, SegmentId

_HOUR = 3_600_000_000
_MEMBERS = BulkInsert(segment_members, ("segment_id", "profile_id", "entered_at"), lambda insert: insert)
KEPT_HOURS = 24 * 400
"""Points of a segment's size, one an hour, that are kept: a year and a month of them."""


class SqlSegments:
    """`SegmentShelf` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection, *, least: int = LEAST) -> None:
        self._connection = connection
        self._packed = PackedMembers(connection, least=least)
        self.definitions = SqlDefinitions(connection, segments, segments.c.segment_id)

    def fills(self) -> Mapping[SegmentId, SegmentFill]:
        """How far each segment that was ever filled is up to date."""
        rows = self._connection.execute(select(segment_fills)).mappings()
        return {
            row["segment_id"]: SegmentFill(
                segment_id=row["segment_id"],
                version=row["version"],
                refreshed_at=from_micros(row["refreshed_at"]),
                people=row["people"],
            )
            for row in rows
        }

    def members(self, segment_id: SegmentId) -> NDArray[np.uint64]:
        """Who is stored as a member, ascending."""
        column = segment_members.c.profile_id
        stored = select(column).where(segment_members.c.segment_id == segment_id).order_by(column)
        rows = np.fromiter(self._connection.execute(stored).scalars(), dtype=np.uint64)
        packed = self._packed.members(segment_id)
        if not len(packed) or not len(rows):
            return packed if len(packed) else rows
        return np.sort(np.concatenate([packed, rows]))  # nobody is in both

    def memberships(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, frozenset[SegmentId]]:
        """The segments each of these people is stored in; people in none are absent."""
        found: dict[ProfileId, set[SegmentId]] = {}
        table = segment_members.c
        for portion in portions(profile_ids):
            asked = table.profile_id.in_(portion)
            for profile_id, segment_id in self._connection.execute(
                select(table.profile_id, table.segment_id).where(asked)
            ):
                found.setdefault(profile_id, set()).add(segment_id)
        for profile_id, inside in self._packed.memberships(profile_ids).items():
            found.setdefault(profile_id, set()).update(inside)
        return {profile_id: frozenset(inside) for profile_id, inside in found.items()}

    def memberships_of(self, profile_id: ProfileId) -> Sequence[Membership]:
        """The segments one person is in, and since when, by id."""
        table = segment_members.c
        query = select(segment_members).where(table.profile_id == profile_id)
        rows = [_membership(row) for row in self._connection.execute(query).mappings()]
        packed = self._packed.of_person(profile_id)
        return sorted([*rows, *packed], key=lambda membership: membership.segment_id)

    def page(
        self, segment_id: SegmentId, *, limit: int, after: ProfileId | None = None
    ) -> Sequence[Membership]:
        """Members by profile id, after one of them."""
        table = segment_members.c
        query = select(segment_members).where(table.segment_id == segment_id)
        if after is not None:
            query = query.where(table.profile_id > after)
        query = query.order_by(table.profile_id).limit(limit)
        rows = [_membership(row) for row in self._connection.execute(query).mappings()]
        packed = self._packed.page(segment_id, limit=limit, after=after)
        return sorted([*rows, *packed], key=lambda membership: membership.profile_id)[:limit]

    def since(
        self, segment_ids: Sequence[SegmentId], profile_ids: Sequence[ProfileId]
    ) -> Mapping[tuple[SegmentId, ProfileId], datetime]:
        """Which of these people are in which of these segments, and since when."""
        table = segment_members.c
        query = select(table.segment_id, table.profile_id, table.entered_at).where(
            table.segment_id.in_(segment_ids), among(self._connection, table.profile_id, profile_ids)
        )
        rows = {
            (SegmentId(segment_id), ProfileId(profile_id)): from_micros(entered_at)
            for segment_id, profile_id, entered_at in self._connection.execute(query)
        }
        return {**self._packed.since(segment_ids, profile_ids), **rows}

    def changed_at(self, segment_id: SegmentId) -> datetime | None:
        """When a segment's members last changed or were found to be the same; None before its first fill."""
        last = select(func.max(segment_sizes.c.at)).where(segment_sizes.c.segment_id == segment_id)
        found = self._connection.execute(last).scalar()
        return None if found is None else from_micros(found)

    def standings(self) -> Mapping[SegmentId, Standing]:
        """How segments stand besides; those of which there is nothing to say are absent."""
        rows = self._connection.execute(select(segment_standings)).mappings()
        return {SegmentId(row["segment_id"]): _standing(row) for row in rows}

    def stand(self, standings: Sequence[Standing]) -> None:
        """Note how segments stand."""
        if not standings:
            return
        rows = [
            {
                "segment_id": one.segment_id,
                "checked_at": one.checked_at and to_micros(one.checked_at),
                "due_at": one.due_at and to_micros(one.due_at),
                "failed_at": one.failed_at and to_micros(one.failed_at),
                "problem": one.problem,
                "drift": one.drift,
                "drifted_at": one.drifted_at and to_micros(one.drifted_at),
            }
            for one in standings
        ]
        write = insert_into(segment_standings, self._connection)
        key = segment_standings.c.segment_id
        said = {
            column.name: write.excluded[column.name] for column in segment_standings.c if column is not key
        }
        self._connection.execute(write.on_conflict_do_update(index_elements=[key], set_=said), rows)

    def record_size(self, segment_id: SegmentId, size: Size) -> None:
        """Note how many are in a segment; the last of each hour stays, for so many days."""
        at = to_micros(size.at)
        hour = at // _HOUR
        row = {"segment_id": segment_id, "hour": hour, "at": at, "people": size.people}
        write = insert_into(segment_sizes, self._connection)
        said = {"at": write.excluded["at"], "people": write.excluded["people"]}
        keys = [segment_sizes.c.segment_id, segment_sizes.c.hour]
        self._connection.execute(write.on_conflict_do_update(index_elements=keys, set_=said), [row])
        past = segment_sizes.c.hour < hour - KEPT_HOURS
        self._connection.execute(delete(segment_sizes).where(segment_sizes.c.segment_id == segment_id, past))

    def sizes(self, segment_id: SegmentId, *, since: datetime) -> Sequence[Size]:
        """How many were in a segment, oldest first."""
        table = segment_sizes.c
        query = select(table.at, table.people).where(
            table.segment_id == segment_id, table.at >= to_micros(since)
        )
        rows = self._connection.execute(query.order_by(table.hour))
        return [Size(at=from_micros(at), people=people) for at, people in rows]

    def apply(self, shift: Shift) -> None:
        """Write who came and went."""
        if self._packed.takes(shift):
            self._packed.fold(shift)
            return
        entered_at = to_micros(shift.at)
        key = str(shift.segment_id)
        if shift.entered.size:
            came = [(key, profile_id, entered_at) for profile_id in shift.entered.tolist()]
            _MEMBERS.run(self._connection, came)
        if shift.left.size:
            theirs = among(self._connection, segment_members.c.profile_id, shift.left.tolist())
            self._connection.execute(
                delete(segment_members).where(segment_members.c.segment_id == key, theirs)
            )
            self._packed.leave(shift.segment_id, shift.left)

    def record_fill(self, fill: SegmentFill) -> None:
        """Note how far a segment is up to date."""
        self._connection.execute(delete(segment_fills).where(segment_fills.c.segment_id == fill.segment_id))
        self._connection.execute(
            insert(segment_fills).values(
                segment_id=fill.segment_id,
                version=fill.version,
                refreshed_at=to_micros(fill.refreshed_at),
                people=fill.people,
            )
        )


def _membership(row: RowMapping) -> Membership:
    return Membership(
        segment_id=SegmentId(row["segment_id"]),
        profile_id=ProfileId(row["profile_id"]),
        entered_at=from_micros(row["entered_at"]),
    )


def _standing(row: RowMapping) -> Standing:
    return Standing(
        segment_id=SegmentId(row["segment_id"]),
        checked_at=_instant(row["checked_at"]),
        due_at=_instant(row["due_at"]),
        failed_at=_instant(row["failed_at"]),
        problem=row["problem"],
        drift=row["drift"],
        drifted_at=_instant(row["drifted_at"]),
    )


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
