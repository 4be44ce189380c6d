"""Counting and listing people by a question."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from perennial.compute.profiles import InvalidCursor, Profiles, cursor_after, read_cursor
from perennial.compute.profiles.people_port import Person
from perennial.kernel.conditions import parse_condition
from perennial.kernel.ids import ProfileId, UserId
from perennial.testing import an_event, an_identify, at
from perennial.testing.population import MemoryPopulation

BOUGHT = parse_condition({"did": "order_paid"})


class MemoryPeople:
    """People by profile id; None is anonymous."""

    def __init__(self, names: Mapping[int, str | None]) -> None:
        self.people = sorted(
            (
                Person(profile_id=ProfileId(number), user_id=UserId(name) if name else None)
                for number, name in names.items()
            ),
            key=lambda person: (person.user_id is None, person.user_id or "", person.profile_id),
        )

    def page_by_user_id(self, *, limit: int, after: Person | None = None) -> Sequence[Person]:
        start = 0 if after is None else self.people.index(after) + 1
        return self.people[start : start + limit]

    def user_ids(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, UserId]:
        wanted = [person for person in self.people if person.profile_id in profile_ids]
        return {person.profile_id: person.user_id for person in wanted if person.user_id is not None}

    def find(self, user_id: UserId) -> ProfileId | None:
        return next((person.profile_id for person in self.people if person.user_id == user_id), None)


def profiles_of_six(*, looked_up: int = 100) -> Profiles:
    population = MemoryPopulation()
    names: dict[int, str | None] = {1: "zoe", 2: None, 3: "Ann", 4: None, 5: "bob", 6: "李雷"}
    for number in names:
        population.add(number, an_event("order_paid") if number != 5 else an_identify({"city": "x"}))
    return Profiles(population, MemoryPeople(names), looked_up=looked_up)


def listed(profiles: Profiles, limit: int) -> list[list[int]]:
    pages: list[list[int]] = []
    cursor = None
    while True:
        page = profiles.page(BOUGHT, at=at(), limit=limit, after=cursor)
        pages.append([person.profile_id for person in page.people])
        cursor = page.next
        if cursor is None:
            return pages


def test_people_are_counted_as_of_the_moment() -> None:
    profiles = profiles_of_six()
    assert profiles.count(BOUGHT, at=at()) == 5
    assert profiles.count(at=at()) == 6
    assert profiles.count(at=at(at().as_of - timedelta(days=1))) == 0


def test_people_are_listed_by_user_id_with_the_anonymous_last() -> None:
    assert listed(profiles_of_six(), 10) == [[3, 1, 6, 2, 4]]


@pytest.mark.parametrize("looked_up", [0, 100])
def test_pages_join_without_a_gap_whichever_way_they_are_found(looked_up: int) -> None:
    profiles = profiles_of_six(looked_up=looked_up)
    assert listed(profiles, 2) == [[3, 1], [6, 2], [4]]
    assert listed(profiles, 5) == [[3, 1, 6, 2, 4]]


def test_a_cursor_is_read_back_and_anything_else_is_refused() -> None:
    person = Person(profile_id=ProfileId(7), user_id=UserId("李雷"))
    assert read_cursor(cursor_after(person)) == person
    for nonsense in ("", "!", "abc", "W10", cursor_after(person)[:-3]):
        with pytest.raises(InvalidCursor):
            read_cursor(nonsense)
