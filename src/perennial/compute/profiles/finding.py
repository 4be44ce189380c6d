"""Finding people by the beginning of a name or a trait: what is looked for, what is found, in which order."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import merge as in_order
from typing import Literal, NamedTuple, Protocol

from perennial.compute.profiles.cursor import InvalidCursor
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

Where = Literal["name", "trait"]


class Place(NamedTuple):
    """Where a found person stands among all that are found: by the text that was found, in small letters."""

    text: str
    where: Where
    kind: str
    """Of a name its kind (`user`, `anonymous`, `email` …), of a trait its name."""
    profile_id: int


class Found(NamedTuple):
    """Somebody who has what was looked for."""

    place: Place
    value: Json
    """As it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One place to look in: texts of one kind that begin with, or are, something."""

    where: Where
    kind: str
    beginning: str
    """In small letters where a trait is looked for; names are kept as they are."""
    is_whole: bool = False


class PeopleIndex(Protocol):
    """Names and traits of everybody, in order; inside the caller's transaction."""

    def look(self, look: Look, *, limit: int, after: Place | None) -> Sequence[Found]:
        """Who has it, in order, after a place."""
        ...

    def first_places(self, looks: Sequence[Look], people: Sequence[ProfileId]) -> Mapping[ProfileId, Place]:
        """Where each of these people stands first among what is looked for."""
        ...


def find(index: PeopleIndex, looks: Sequence[Look], *, limit: int, after: Place | None) -> list[Found]:
    """The next people in order, everybody once, where they stand first; fewer than asked only at the end."""
    people: list[Found] = []
    place = after
    while len(people) < limit:
        found = list(in_order(*(index.look(look, limit=limit, after=place) for look in looks)))[:limit]
        firsts = index.first_places(looks, [ProfileId(one.place.profile_id) for one in found])
        distinct = {one.place: one for one in found}.values()  # two looks may find the same
        people += [one for one in distinct if firsts.get(ProfileId(one.place.profile_id)) == one.place]
        if len(found) < limit:
            break
        place = found[-1].place
    return people[:limit]


def cursor_of(place: Place) -> str:
    """The cursor that continues after a place."""
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read_place(cursor: str) -> Place:
    """The place a cursor continues after. Raises InvalidCursor."""
    try:
        match json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))):
            case [str(text), ("name" | "trait") as where, str(kind), int(number)] if 0 <= number < 2**63:
                return Place(text, where, kind, number)
            case _:
                pass
    except (NotBase64, ValueError):
        pass
    raise InvalidCursor(hint="Hand back `next` of the page before, unchanged.", path="$.after")
