"""Members of packed segments in SQL: who was there when everyone was asked; rows say who came and went since.

Somebody is in a packed segment whose place in the column says so and who is neither gone (`segment_gone`)
nor loose, or who has a row (`segment_members`) as in a small segment; never both.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, select

from perennial.backends.sql.bulk import among
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.packed import LEAST, Packed, PackedColumns
from perennial.backends.sql.packing import Ids, Places
from perennial.backends.sql.roster import is_among
from perennial.backends.sql.tables import segment_members
from perennial.backends.sql.tables_packed import segment_gone
from perennial.compute.segments.model import Membership, Shift
from perennial.kernel.ids import ProfileId, SegmentId

PREFIX = "segment:"
_NOBODY = np.empty(0, dtype=np.uint32)
_INSIDE = ("in",)
_FEW = 16
"""People who are looked up in their blocks; for more of them it is worth to keep all bits in memory."""


class PackedMembers:
    """The packed part of segments' members, on one connection."""

    def __init__(self, connection: Connection, *, least: int = LEAST) -> None:
        self._connection = connection
        self._columns = PackedColumns(connection)
        self._least = least

    def takes(self, shift: Shift) -> bool:
        """Whether a change is written into the column: it is large, or many are in rows already."""
        if shift.cause == "event" or shift.people < self._least:
            return False
        moved = len(shift.entered) + len(shift.left)
        return moved + self._rows(shift.segment_id) >= self._least

    def versions(self) -> Mapping[SegmentId, int]:
        """The packed segments, and the version of each column."""
        found = self._columns.versions(PREFIX)
        return {SegmentId(name.removeprefix(PREFIX)): version for name, version in found.items()}

    def members(self, segment_id: SegmentId) -> Ids:
        """Who is in it by the column, ascending."""
        return self._standing(segment_id)[0]

    def memberships(self, people: Sequence[ProfileId]) -> Mapping[ProfileId, set[SegmentId]]:
        """The packed segments each of these people is in by its column; people in none are absent."""
        versions = self.versions()
        if not versions or not people:
            return {}
        asked = np.array(people, dtype=np.uint64)
        places = self._columns.places(asked)
        gone = self._gone(people)
        found: dict[ProfileId, set[SegmentId]] = {}
        for segment_id, inside in self._inside(versions, places).items():
            for person in asked[inside].tolist():
                if (segment_id, person) not in gone:
                    found.setdefault(ProfileId(person), set()).add(segment_id)
        return found

    def since(
        self, segment_ids: Collection[SegmentId] | None, people: Sequence[ProfileId]
    ) -> Mapping[tuple[SegmentId, ProfileId], datetime]:
        """Which of these people are in which of these segments (or any) by the columns, and since when."""
        found: dict[tuple[SegmentId, ProfileId], datetime] = {}
        inside = self.memberships(people)
        places = self._columns.places(np.array(list(inside), dtype=np.uint64))
        theirs = {segment_id for segments in inside.values() for segment_id in segments}
        wanted = sorted(theirs if segment_ids is None else theirs.intersection(segment_ids))
        since = self._columns.since_each([PREFIX + one for one in wanted], places)
        for segment_id in wanted:
            for person, micros in zip(inside, since[PREFIX + segment_id].tolist(), strict=True):
                if segment_id in inside[person]:
                    found[segment_id, person] = from_micros(micros)
        return found

    def of_person(self, person: ProfileId) -> Sequence[Membership]:
        """The packed segments one person is in by their columns, and since when."""
        since = self.since(None, [person])
        return [
            Membership(segment_id=segment_id, profile_id=person, entered_at=entered_at)
            for (segment_id, _), entered_at in since.items()
        ]

    def page(self, segment_id: SegmentId, *, limit: int, after: ProfileId | None) -> Sequence[Membership]:
        """Members by the column, by profile id, after one of them."""
        members, places = self._standing(segment_id)
        start = 0 if after is None else int(np.searchsorted(members, np.uint64(after), side="right"))
        since = self._columns.since(PREFIX + segment_id, places[start : start + limit])
        return [
            Membership(segment_id=segment_id, profile_id=ProfileId(person), entered_at=from_micros(micros))
            for person, micros in zip(members[start : start + limit].tolist(), since.tolist(), strict=True)
        ]

    def leave(self, segment_id: SegmentId, people: Ids) -> None:
        """Note that these are no longer in it, as far as the column says they are."""
        version = self.versions().get(segment_id)
        if version is None or not len(people):
            return
        places = self._columns.places(people)
        inside = self._columns.inside(PREFIX + segment_id, version, places)
        rows = [{"segment_id": segment_id, "profile_id": person} for person in people[inside].tolist()]
        if rows:
            insert = insert_into(segment_gone, self._connection)
            self._connection.execute(insert.on_conflict_do_nothing(), rows)

    def fold(self, shift: Shift) -> None:
        """Write everyone into the column: who is there, came and went since, and comes and goes now."""
        name = PREFIX + shift.segment_id
        rows = self._in_rows(shift.segment_id)
        came = np.array(sorted(rows), dtype=np.uint64)
        # Three times somebody else: whoever is in it by the column has no row, and does not enter.
        members = np.sort(np.concatenate([self.members(shift.segment_id), came, shift.entered]))
        after = members[~is_among(members, shift.left)]
        roster = self._columns.prepare(after)
        before = self._columns.column(name) or Packed(content=_NOBODY, palette=())
        now = np.zeros(len(roster), dtype=np.bool_)
        now[roster.places(after)] = True
        changed = (before.reaching(len(roster)) > 0) != now
        # Of whoever came since it was written, or comes now, the column may say that they were there before.
        came_now = roster.places(shift.entered)
        came_since = roster.places(came[np.isin(came, after)])
        changed[came_now] = changed[came_since] = True
        at = np.full(len(roster), to_micros(shift.at), dtype=np.int64)
        at[came_since] = [rows[person] for person in roster.people[came_since].tolist()]
        self._columns.write(
            name,
            Packed(content=now.astype(np.uint32), palette=_INSIDE),
            changed=np.flatnonzero(changed),
            since=at[changed],
        )
        for table in (segment_gone, segment_members):
            self._connection.execute(delete(table).where(table.c.segment_id == shift.segment_id))

    def count(self, segment_id: SegmentId) -> int:
        """How many are in it by the column."""
        return len(self.members(segment_id))

    def _standing(self, segment_id: SegmentId) -> tuple[Ids, Places]:
        """Who is in it by the column, ascending, and the place of each."""
        column = self._columns.column(PREFIX + segment_id)
        if column is None:
            return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
        members, places = self._columns.roster().among(column.present())
        table = segment_gone.c
        query = select(table.profile_id).where(table.segment_id == segment_id)
        gone = np.fromiter(self._connection.execute(query).scalars(), dtype=np.uint64)
        without = np.concatenate([gone, self._columns.loose()])
        if len(without):
            stays = ~is_among(members, np.sort(without))
            return members[stays], places[stays]
        return members, places

    def _inside(
        self, versions: Mapping[SegmentId, int], places: Places
    ) -> Mapping[SegmentId, NDArray[np.bool_]]:
        """For each segment whether its column says that the person at a place is in it."""
        are_known = all(self._columns.remembers(PREFIX + one, version) for one, version in versions.items())
        if len(places) > _FEW or are_known:
            return {
                segment_id: self._columns.inside(PREFIX + segment_id, version, places)
                for segment_id, version in versions.items()
            }
        known = places >= 0
        found = self._columns.of_places([PREFIX + one for one in versions], places[known])
        inside: dict[SegmentId, NDArray[np.bool_]] = {}
        for name, column in found.items():
            of_all = np.zeros(len(places), dtype=np.bool_)
            of_all[known] = column.present()
            inside[SegmentId(name.removeprefix(PREFIX))] = of_all
        return inside

    def _gone(self, people: Sequence[ProfileId]) -> set[tuple[str, int]]:
        table = segment_gone.c
        query = select(table.segment_id, table.profile_id).where(
            among(self._connection, table.profile_id, people)
        )
        return {(row.segment_id, row.profile_id) for row in self._connection.execute(query).all()}

    def _rows(self, segment_id: SegmentId) -> int:
        counts = [
            select(func.count()).select_from(table).where(table.c.segment_id == segment_id).scalar_subquery()
            for table in (segment_members, segment_gone)
        ]
        return sum(sum(row) for row in self._connection.execute(select(*counts)))

    def _in_rows(self, segment_id: SegmentId) -> dict[int, int]:
        table = segment_members.c
        query = select(table.profile_id, table.entered_at).where(table.segment_id == segment_id)
        return {row.profile_id: row.entered_at for row in self._connection.execute(query)}
