"""Segments in the state store: versions, membership, and how far it is up to date."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, insert, select

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.definitions import SqlDefinitions
from perennial.backends.sql.engine import portions
from perennial.backends.sql.tables import segment_fills, segment_members, segments
from perennial.compute.segments.model import SegmentFill, Shift
from perennial.kernel.ids import ProfileId, SegmentId


class SqlSegments:
    """`SegmentShelf` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
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
        return np.fromiter(self._connection.execute(stored).scalars(), dtype=np.uint64)

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
        return {profile_id: frozenset(inside) for profile_id, inside in found.items()}

    def apply(self, shift: Shift) -> None:
        """Write who came and went."""
        entered_at = to_micros(shift.at)
        key = str(shift.segment_id)
        if shift.entered.size:
            came = [
                {"segment_id": key, "profile_id": profile_id, "entered_at": entered_at}
                for profile_id in shift.entered.tolist()
            ]
            self._connection.execute(insert(segment_members), came)
        if shift.left.size:
            went = [{"gone": profile_id} for profile_id in shift.left.tolist()]
            theirs = segment_members.c.profile_id == bindparam("gone")
            self._connection.execute(
                delete(segment_members).where(segment_members.c.segment_id == key, theirs), went
            )

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
