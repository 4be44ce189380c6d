"""People by the beginning of a name or a trait, in SQL: each look walks an index from where it begins."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from perennial.backends.sql.bulk import among
from perennial.backends.sql.tables import identities, traits
from perennial.backends.sql.tables_finding import MOST_FOLDED, folded
from perennial.compute.profiles.finding import Found, Look, Place
from perennial.kernel.ids import ProfileId

_BEYOND = "\U0010ffff"
"""After every text that begins like what stands before it."""
_TAKEN_AWAY = "null"


class SqlPeopleIndex:
    """`compute.profiles.finding.PeopleIndex` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def look(self, look: Look, *, limit: int, after: Place | None) -> Sequence[Found]:
        """Who has it, in order, after a place."""
        if look.where == "trait":
            return self._traits(look, limit, after)
        return self._names(look, limit, after)

    def first_places(self, looks: Sequence[Look], people: Sequence[ProfileId]) -> Mapping[ProfileId, Place]:
        """Where each of these people stands first among what is looked for."""
        places: list[Place] = []
        kinds = [look for look in looks if look.where == "name"]
        if kinds:
            query = select(identities.c.kind, identities.c.value, identities.c.profile_id).where(
                among(self._connection, identities.c.profile_id, people),
                or_(
                    *(
                        _names_of(look, _unindexed(identities.c.kind), _unindexed(identities.c.value))
                        for look in kinds
                    )
                ),
            )
            rows = self._connection.execute(query)
            places += [Place(row.value, "name", row.kind, row.profile_id) for row in rows]
        named = [look for look in looks if look.where == "trait"]
        if named:
            query = select(traits.c.name, folded.label("text"), traits.c.profile_id).where(
                among(self._connection, traits.c.profile_id, people),
                or_(*(_traits_of(look, _unindexed(traits.c.name), _unindexed(folded)) for look in named)),
            )
            rows = self._connection.execute(query)
            places += [Place(row.text, "trait", row.name, row.profile_id) for row in rows]
        return {ProfileId(place.profile_id): place for place in sorted(places, reverse=True)}

    def _names(self, look: Look, limit: int, after: Place | None) -> list[Found]:
        query = select(identities.c.value, identities.c.profile_id).where(_names_of(look))
        if after is not None:
            # Names of a kind are distinct; of one text, kinds come in their order.
            is_behind = ("name", look.kind) > (after.where, after.kind)
            column = identities.c.value
            query = query.where(column >= after.text if is_behind else column > after.text)
        rows = self._connection.execute(query.order_by(identities.c.value).limit(limit))
        return [Found(Place(row.value, "name", look.kind, row.profile_id), row.value) for row in rows]

    def _traits(self, look: Look, limit: int, after: Place | None) -> list[Found]:
        """In portions that an index walks from their first row on, in its own order."""
        found: list[Found] = []
        for portion in _portions(look, after):
            rows = self._connection.execute(portion.limit(limit - len(found)))
            found += [
                Found(Place(row.text, "trait", look.kind, row.profile_id), msgspec.json.decode(row.value))
                for row in rows
            ]
            if len(found) == limit:
                break
        return found


def _unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """The same text, for which no index is walked: of few people, each is looked at."""
    return column + ""


def _names_of(
    look: Look, kind: ColumnElement[str] = identities.c.kind, column: ColumnElement[str] = identities.c.value
) -> ColumnElement[bool]:
    if look.is_whole:
        return and_(kind == look.kind, column == look.beginning)
    return and_(kind == look.kind, column >= look.beginning, column < look.beginning + _BEYOND)


def _traits_of(
    look: Look, name: ColumnElement[str] = traits.c.name, text: ColumnElement[str] = folded
) -> ColumnElement[bool]:
    beginning = look.beginning[:MOST_FOLDED]
    named = and_(name == look.kind, traits.c.value != _TAKEN_AWAY)
    if look.is_whole:
        return and_(named, text == beginning)
    return and_(named, text >= beginning, text < beginning + _BEYOND)


def _portions(look: Look, after: Place | None) -> Iterator[Select[str, int, str]]:
    query = select(folded.label("text"), traits.c.profile_id, traits.c.value).where(_traits_of(look))
    own, other = ("trait", look.kind), ("", "") if after is None else (after.where, after.kind)
    # A text that is the same in all rows is no order: with it, SQLite would sort them first.
    by_person, by_text = query.order_by(traits.c.profile_id), query.order_by(folded, traits.c.profile_id)
    if look.is_whole:
        beginning = look.beginning[:MOST_FOLDED]
        if after is None or beginning > after.text or (beginning == after.text and own > other):
            yield by_person
        elif beginning == after.text and own == other:
            yield by_person.where(traits.c.profile_id > after.profile_id)
    elif after is None:
        yield by_text
    elif own == other:
        yield by_person.where(folded == after.text, traits.c.profile_id > after.profile_id)
        yield by_text.where(folded > after.text)
    else:
        yield by_text.where(folded >= after.text if own > other else folded > after.text)
