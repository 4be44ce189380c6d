"""Counting and listing people by a question about them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from perennial.compute.profiles.cursor import cursor_after, read_cursor
from perennial.compute.profiles.people_port import People, Person
from perennial.compute.profiles.ports import Population
from perennial.kernel.conditions.model import Condition, Constant
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.ids import ProfileId

EVERYONE = Constant(value=True)

LOOKED_UP = 20_000
"""Up to so many members, looking each of them up beats walking the whole list."""
_STRIDE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """Some of the people asked for, and where to go on."""

    people: tuple[Person, ...]
    next: str | None
    """The cursor of the following page; None where this is the last."""


class Profiles:
    """Questions about everyone. Conditions are resolved: no tag and no segment is left in them."""

    def __init__(self, population: Population, people: People, *, looked_up: int = LOOKED_UP) -> None:
        self._population = population
        self._people = people
        self._looked_up = looked_up

    def count(self, condition: Condition = EVERYONE, *, at: Moment) -> int:
        """How many people meet a condition, exactly."""
        return self._population.count(condition, at=at)

    def page(
        self, condition: Condition = EVERYONE, *, at: Moment, limit: int = 100, after: str | None = None
    ) -> PeoplePage:
        """People who meet a condition, sorted by user id, the anonymous last.

        Raises `InvalidCursor` where `after` is not the `next` of a page.
        """
        start = None if after is None else read_cursor(after)
        [members] = self._population.members([condition], at=at)
        is_few = len(members) <= self._looked_up
        found = list(islice((self._few if is_few else self._many)(members, start), limit + 1))
        more = len(found) > limit
        people = tuple(found[:limit])
        return PeoplePage(people=people, next=cursor_after(people[-1]) if more and people else None)

    def _few(self, members: NDArray[np.uint64], start: Person | None) -> Iterator[Person]:
        """Look each member up, then sort as the list is sorted."""
        ids = [ProfileId(number) for number in members.tolist()]
        names = self._people.user_ids(ids)
        people = sorted(
            (Person(profile_id=profile_id, user_id=names.get(profile_id)) for profile_id in ids), key=_order
        )
        return (person for person in people if start is None or _order(person) > _order(start))

    def _many(self, members: NDArray[np.uint64], start: Person | None) -> Iterator[Person]:
        """Walk the sorted list and keep the members."""
        while stretch := self._people.page_by_user_id(limit=_STRIDE, after=start):
            ids = np.fromiter((person.profile_id for person in stretch), dtype=np.uint64)
            inside = np.isin(ids, members, assume_unique=True)
            yield from (person for person, kept in zip(stretch, inside.tolist(), strict=True) if kept)
            start = stretch[-1]


def _order(person: Person) -> tuple[bool, str, int]:
    return (person.user_id is None, person.user_id or "", person.profile_id)
