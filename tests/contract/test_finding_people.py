"""People are found by the beginning of a name or a trait, everybody once, in order, on both engines."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from tests.services.state import OpenStore

from perennial.backends.sql.state import StateStore
from perennial.collect.identity import TraitTold
from perennial.collect.identity.model import Identifier, Learned, Resolution
from perennial.compute.profiles.cursor import InvalidCursor
from perennial.compute.profiles.finding import Look, Place, cursor_of, find, read_place
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


class People:
    """A state with some people in it."""

    def __init__(self, store: StateStore) -> None:
        self.store = store

    def name(self, profile_id: int, kind: str, value: str) -> None:
        name, person = Identifier(kind, value), ProfileId(profile_id)
        with self.store.begin() as transaction:
            transaction.identities.save(
                Resolution(
                    profile_ids=[person],
                    first_seen={person: NOON},
                    links={name: person},
                    learned={name: Learned(NOON, "m1")},
                )
            )

    def tell(self, profile_id: int, name: str, value: Json, *, minutes: int = 0) -> None:
        told = TraitTold(
            profile_id=ProfileId(profile_id),
            name=name,
            value=value,
            occurred_at=NOON + timedelta(minutes=minutes),
            message_id=f"m{minutes}",
        )
        with self.store.begin() as transaction:
            transaction.traits.tell([told])

    def found(self, *looks: Look, limit: int = 100, after: Place | None = None) -> list[tuple[int, Json]]:
        with self.store.read() as transaction:
            people = find(transaction.index, looks, limit=limit, after=after)
        return [(one.place.profile_id, one.value) for one in people]

    def paged(self, *looks: Look, limit: int) -> list[int]:
        ids: list[int] = []
        place: Place | None = None
        while True:
            with self.store.read() as transaction:
                page = find(transaction.index, looks, limit=limit, after=place)
            ids += [one.place.profile_id for one in page]
            if len(page) < limit:
                return ids
            place = read_place(cursor_of(page[-1].place))


@pytest.fixture
def people(open_new: OpenStore) -> People:
    return People(StateStore(open_new("state")))


def user(beginning: str) -> Look:
    return Look(where="name", kind="user", beginning=beginning)


def trait(name: str, beginning: str, *, is_whole: bool = False) -> Look:
    return Look(where="trait", kind=name, beginning=beginning, is_whole=is_whole)


def test_names_that_begin_alike_are_found_in_order(people: People) -> None:
    for number, name in enumerate(["anna", "ann", "bob", "ANNA", "an\U0010fffe", "安娜"], start=1):
        people.name(number, "user", name)
    assert people.found(user("ann")) == [(2, "ann"), (1, "anna")]
    assert people.found(user("an")) == [(2, "ann"), (1, "anna"), (5, "an\U0010fffe")]
    assert people.found(user("安")) == [(6, "安娜")]
    assert people.found(user("an%")) == []


def test_traits_are_found_in_either_case_and_as_they_are_now(people: People) -> None:
    people.tell(1, "email", "Anna@Example.com")
    people.tell(2, "email", "annabel@example.com")
    people.tell(3, "email", "anna@old.example")
    people.tell(3, "email", None, minutes=1)
    people.tell(4, "city", "anna")
    assert people.found(trait("email", '"anna')) == [(1, "Anna@Example.com"), (2, "annabel@example.com")]
    assert people.found(trait("email", '"anna@example.com"', is_whole=True)) == [(1, "Anna@Example.com")]


@pytest.mark.parametrize(
    ("value", "written"), [(5, "5"), (True, "true"), ({"a": [1]}, '{"a":[1]}'), (5.5, "5.5")]
)
def test_what_is_no_text_is_found_whole(people: People, value: Json, written: str) -> None:
    people.tell(1, "x", value)
    people.tell(2, "x", "5")
    assert people.found(trait("x", written, is_whole=True)) == [(1, value)]


def test_long_values_are_kept_and_found_by_how_they_begin(people: People) -> None:
    people.tell(1, "about", "long " * 4_000)
    people.tell(2, "about", "longer")
    assert [one for one, _ in people.found(trait("about", '"long'))] == [1, 2]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_everybody_is_found_once_however_pages_are_cut(people: People, limit: int) -> None:
    for number in range(1, 9):
        people.name(number, "user", f"anna{number % 3}-{number}")
        people.name(number, "anonymous", f"anna{number}")
        people.tell(number, "email", f"Anna{number % 2}@example.com")
        people.tell(number, "name", "anna")
    looks: Sequence[Look] = (
        user("anna"),
        Look(where="name", kind="anonymous", beginning="anna"),
        trait("email", '"anna'),
        trait("name", '"anna'),
    )
    assert sorted(people.paged(*looks, limit=limit)) == list(range(1, 9))
    assert people.paged(*looks, limit=limit) == people.paged(*looks, limit=100)


@pytest.mark.parametrize("cursor", ["", "x", "W10", "bnVsbA", "WyJhIiwgIngiLCAiayIsIDFd"])
def test_another_text_is_no_cursor(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        read_place(cursor)
