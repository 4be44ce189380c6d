"""Packed tags as they are listed in SQL: pages by user id, and whose value is still what was disputed."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, or_, select

from perennial.backends.sql.bulk import among
from perennial.backends.sql.columns import from_micros
from perennial.backends.sql.tables import profiles, tag_values
from perennial.backends.sql.tables_tags import tag_disputes
from perennial.backends.sql.tag_columns import PackedValues, TagRow, texts_of
from perennial.compute.profiles.people_port import Person
from perennial.compute.tags.model import TagValue
from perennial.kernel.ids import ProfileId, TagId, UserId

_AT_ONCE = 2_000
"""People looked at for a page, at least: of many, most have a value."""


def packed_page(
    connection: Connection, tag_id: TagId, *, limit: int, after: Person | None
) -> Sequence[TagValue]:
    """Values of people after one of them, sorted by user id, the anonymous last by profile id.

    People are gone through in that order, and those who have a value are told.
    """
    found: list[TagValue] = []
    values = _Values(connection, tag_id)
    while len(found) < limit:
        people = _people(connection, max(_AT_ONCE, limit), after)
        for person, row in values.of(people):
            value, details, since = row
            found.append(
                TagValue(
                    person=person,
                    value=json.loads(value),
                    computed_at=from_micros(since),
                    details=None if details is None else json.loads(details),
                )
            )
        if len(people) < max(_AT_ONCE, limit):
            break
        after = people[-1]
    return found[:limit]


def still_disputed(connection: Connection, rows: Mapping[TagId, int]) -> Mapping[TagId, int]:
    """Of how many people each packed tag's present value is said to be wrong, those in `rows` included."""
    table, packed = tag_disputes.c, PackedValues(connection)
    query = select(table.tag_id, table.profile_id, table.value).distinct()
    disputed = [
        (TagId(row.tag_id), ProfileId(row.profile_id), row.value) for row in connection.execute(query)
    ]
    found: dict[TagId, set[ProfileId]] = {}
    for tag_id in sorted({tag_id for tag_id, _, _ in disputed}):
        if not packed.is_packed(tag_id):
            continue
        said = {(person, value) for one, person, value in disputed if one == tag_id}
        people = sorted({person for person, _ in said})
        for person, _, value in packed.values_of(people, only=[tag_id]):
            if (person, value) in said:
                found.setdefault(tag_id, set()).add(person)
    return {tag_id: len(people) + rows.get(tag_id, 0) for tag_id, people in found.items()}


class _Values:
    """One tag's values, of whoever is asked for."""

    def __init__(self, connection: Connection, tag_id: TagId) -> None:
        self._connection = connection
        self._tag_id = tag_id
        self._column = PackedValues(connection).column(tag_id)

    def of(self, people: Sequence[Person]) -> Sequence[tuple[Person, TagRow]]:
        """Those of these people who have a value, in their order."""
        table, ids = tag_values.c, [person.profile_id for person in people]
        query = select(table.profile_id, table.value, table.details, table.computed_at).where(
            table.tag_id == self._tag_id, among(self._connection, table.profile_id, ids)
        )
        found: dict[int, TagRow] = {
            row.profile_id: (row.value, row.details, row.computed_at)
            for row in self._connection.execute(query).all()
        }
        if self._column is not None and ids:
            known, values, since = self._column
            asked = np.array(ids, dtype=np.uint64)
            places = np.minimum(np.searchsorted(known, asked), max(0, len(known) - 1))
            for place in places[known[places] == asked].tolist() if len(known) else ():
                text, details = texts_of(values, values.content[place].item())
                found.setdefault(int(known[place]), (text, details, int(since[place])))
        return [(person, found[person.profile_id]) for person in people if person.profile_id in found]


def _people(connection: Connection, limit: int, after: Person | None) -> Sequence[Person]:
    """People in the order of lists, after one of them."""
    table = profiles.c
    query = (
        select(table.profile_id, table.user_id)
        .where(table.merged_into.is_(None))
        .order_by(table.user_id.is_(None), table.user_id, table.profile_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(_following(after))
    return [
        Person(
            profile_id=ProfileId(row.profile_id), user_id=None if row.user_id is None else UserId(row.user_id)
        )
        for row in connection.execute(query)
    ]


def _following(person: Person) -> ColumnElement[bool]:
    """Whether a row comes after a person in the order of lists."""
    user_id, profile_id = profiles.c.user_id, profiles.c.profile_id
    if person.user_id is None:
        return and_(user_id.is_(None), profile_id > person.profile_id)
    same = and_(user_id == person.user_id, profile_id > person.profile_id)
    return or_(user_id.is_(None), user_id > person.user_id, same)
