"""Values of tags as they were stored by an instant, in SQL: what stands, and what stood before it changed."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from perennial.backends.sql.bulk import fetch
from perennial.backends.sql.columns import to_micros
from perennial.backends.sql.engine import portions
from perennial.backends.sql.packed import Packed
from perennial.backends.sql.tables import tag_fills, tag_values, tags
from perennial.backends.sql.tables_tags import tag_changes
from perennial.backends.sql.tag_columns import PackedValues
from perennial.compute.tags.columns import Coded, Numbers
from perennial.compute.tags.model import Scalar, TagColumn
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import ProfileId, TagId

NOBODY = TagColumn(profile_ids=np.empty(0, dtype=np.uint64), values=())
Stands = tuple[Scalar, int]
"""A value that stands, and since when, in microseconds since 1970."""
Replaced = tuple[int, Scalar | None]
"""When a value became another, and what it was before."""
_UNCHANGED: Mapping[int, Sequence[Replaced]] = {}


class SqlPastValues:
    """`PastValues` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._packed = PackedValues(connection)

    def everyone(self, tag_id: TagId, instant: datetime) -> TagColumn:
        """Everyone's value, ascending ids, without details."""
        then = to_micros(instant)
        if not self._was_defined(tag_id, then):
            return NOBODY
        column, since = self._standing(tag_id)
        if then >= self._refreshed_at(tag_id):
            return column
        stood = np.flatnonzero(since <= then)
        return _with(_chosen(column, stood), self._replaced(tag_id, then))

    def of_asks(self, tag_id: TagId, asks: Sequence[Ask]) -> Sequence[Scalar | None]:
        """The value of each ask's person by the ask's instant; None where there was none."""
        if not asks:
            return []
        people = sorted({ask.profile_id for ask in asks})
        stands = self._standing_of(tag_id, people)
        earliest = min(to_micros(ask.as_of) for ask in asks)
        is_present = earliest >= self._refreshed_at(tag_id)
        replaced = _UNCHANGED if is_present else self._replaced_of(tag_id, people, earliest)
        begun = self._begun(tag_id)
        return [
            _value_by(to_micros(ask.as_of), stands.get(ask.profile_id), replaced.get(ask.profile_id, ()))
            if begun is not None and begun <= to_micros(ask.as_of)
            else None
            for ask in asks
        ]

    def _was_defined(self, tag_id: TagId, then: int) -> bool:
        begun = self._begun(tag_id)
        return begun is not None and begun <= then

    def _begun(self, tag_id: TagId) -> int | None:
        """When the first version of the tag was saved."""
        first = select(func.min(tags.c.created_at)).where(tags.c.tag_id == tag_id)
        return self._connection.execute(first).scalar_one()

    def _refreshed_at(self, tag_id: TagId) -> int:
        """Since when nothing was written: from then on what stands is what there was."""
        query = select(tag_fills.c.refreshed_at).where(tag_fills.c.tag_id == tag_id)
        return self._connection.execute(query).scalar_one_or_none() or 0

    def _standing(self, tag_id: TagId) -> tuple[TagColumn, NDArray[np.int64]]:
        """Everyone's value as it stands, and since when."""
        table = tag_values.c
        query = select(table.profile_id, table.value, table.computed_at).where(table.tag_id == tag_id)
        rows = sorted(fetch(self._connection, query, tuple[int, str, int]), key=itemgetter(0))
        people = np.array([row[0] for row in rows], dtype=np.uint64)
        since = np.array([row[2] for row in rows], dtype=np.int64)
        values: Sequence[Scalar] = tuple(_scalar(row[1]) for row in rows)
        packed = self._packed.column(tag_id)
        if packed is None:
            return TagColumn(profile_ids=people, values=values), since
        packed_people, content, packed_since = packed
        column = TagColumn(profile_ids=packed_people, values=_unpacked(content))
        if not rows:
            return column, packed_since
        both = np.concatenate([packed_people, people])
        order = np.argsort(both)
        listed = _picked([*column.values, *values], order)
        return TagColumn(profile_ids=both[order], values=listed), np.concatenate([packed_since, since])[order]

    def _standing_of(self, tag_id: TagId, people: Sequence[ProfileId]) -> Mapping[int, Stands]:
        table = tag_values.c
        found: dict[int, Stands] = {
            person: (_scalar(value), since)
            for person, (value, since) in self._packed.since_of(tag_id, people).items()
        }
        for portion in portions(people):
            query = select(table.profile_id, table.value, table.computed_at).where(
                table.tag_id == tag_id, table.profile_id.in_(portion)
            )
            for profile_id, value, since in self._connection.execute(query):
                found[profile_id] = _scalar(value), since
        return found

    def _replaced(self, tag_id: TagId, then: int) -> dict[int, Scalar | None]:
        """What the values were that have become others since: of each person, before the first change."""
        table = tag_changes.c
        query = (
            select(table.profile_id, table.before)
            .where(table.tag_id == tag_id, table.changed_at > then)
            .order_by(table.number.desc())
        )
        rows = fetch(self._connection, query, tuple[int, str | None])
        return {profile_id: _maybe(before) for profile_id, before in rows}

    def _replaced_of(
        self, tag_id: TagId, people: Sequence[ProfileId], since: int
    ) -> Mapping[int, Sequence[Replaced]]:
        """These people's changes since then, the earliest first."""
        table, found = tag_changes.c, dict[int, list[Replaced]]()
        for portion in portions(people):
            query = (
                select(table.profile_id, table.changed_at, table.before)
                .where(table.tag_id == tag_id, table.changed_at > since, table.profile_id.in_(portion))
                .order_by(table.number)
            )
            for profile_id, changed_at, before in self._connection.execute(query):
                found.setdefault(profile_id, []).append((changed_at, _maybe(before)))
        return found


def _value_by(then: int, stands: Stands | None, replaced: Sequence[Replaced]) -> Scalar | None:
    """What stood by an instant: before the first change that came after it, or else what stands now."""
    later = next((before for changed_at, before in replaced if changed_at > then), _NONE)
    if later is not _NONE:
        return cast("Scalar | None", later)
    return stands[0] if stands is not None and stands[1] <= then else None


_NONE = object()
"""No change; None is a value that there was not."""


def _with(column: TagColumn, others: Mapping[int, Scalar | None]) -> TagColumn:
    """The column in which some people have another value, or none."""
    if not others:
        return column
    theirs = np.array(list(others), dtype=np.uint64)
    rest = _chosen(column, np.flatnonzero(~np.isin(column.profile_ids, theirs)))
    given = [(person, value) for person, value in others.items() if value is not None]
    people = np.concatenate([rest.profile_ids, np.array([person for person, _ in given], dtype=np.uint64)])
    values: list[Scalar] = [*rest.values, *(value for _, value in given)]
    order = np.argsort(people)
    return TagColumn(profile_ids=people[order], values=_picked(values, order))


def _chosen(column: TagColumn, places: NDArray[np.intp]) -> TagColumn:
    return TagColumn(profile_ids=column.profile_ids[places], values=_picked(column.values, places))


def _picked(values: Sequence[Scalar], places: NDArray[np.intp]) -> Sequence[Scalar]:
    if isinstance(values, Coded):
        return Coded(values.palette, values.codes[places])
    if isinstance(values, Numbers):
        return Numbers(values.array[places])
    listed: list[int] = places.tolist()
    return tuple(values[place] for place in listed)


def _unpacked(column: Packed) -> Sequence[Scalar]:
    if column.is_numbers:
        return Numbers(column.content.astype(np.float64))
    palette: list[Scalar] = [cast("Scalar", json.loads(text)[0]) for text in column.palette]
    return Coded(palette, column.content.astype(np.int64) - 1)


def _scalar(text: str) -> Scalar:
    return cast("Scalar", json.loads(text))  # tags write scalars


def _maybe(text: str | None) -> Scalar | None:
    return None if text is None else _scalar(text)
