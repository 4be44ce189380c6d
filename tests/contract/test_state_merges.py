"""Many merges at once leave behind what the same merges leave one by one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Float, Integer, Table, insert, select
from tests.services.state import OpenStore

from perennial.backends.sql import tables
from perennial.backends.sql.repoint import KEPT_WINS, LATEST_WINS, MOVED, repoint
from perennial.backends.sql.state import StateStore
from perennial.collect.events.model import Call
from perennial.collect.identity import absorb
from perennial.kernel.ids import ProfileId

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ABOUT_PEOPLE = (*LATEST_WINS, *KEPT_WINS, *MOVED, tables.profiles)
Row = Mapping[str, int | str]
Rows = Mapping[str, Sequence[tuple[object, ...]]]


@pytest.fixture
def store(open_new: OpenStore) -> StateStore:
    return StateStore(open_new("state"))


def filled(table: Table, **given: int | str) -> Row:
    """A row with these values; the others are empty, or null where they may be."""
    blank = {c.name: 0 if isinstance(c.type, Integer | Float) else "" for c in table.c if not c.nullable}
    return {**blank, **given}


def left_in(connection: Connection) -> Rows:
    """Every row about people."""
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for table in ABOUT_PEOPLE
    }


def tell_facts(connection: Connection, profile_id: int, things: Sequence[str], *, at: int) -> None:
    """Someone's traits, consents, tags and memberships of these names, and what has an id of its own."""
    told = {"profile_id": profile_id, "occurred_at": at, "message_id": f"m-{profile_id % 3}"}
    mine, said = f"of {profile_id}", {"profile_id": profile_id}
    for name in things:
        rows: list[tuple[Table, Row]] = [
            (tables.traits, {**told, "name": name, "value": f'"{mine}"'}),
            (tables.consents, {**told, "channel": "email", "topic": name, "state": "granted", "proof": mine}),
            (tables.tag_values, {**said, "tag_id": name, "value": f'"{mine}"'}),
            (tables.segment_members, {**said, "segment_id": name, "entered_at": profile_id}),
            (tables.enrollments, {**said, "enrollment_id": f"{name} {mine}"}),
            (tables.messages, {**said, "message_id": f"{name} {mine}"}),
        ]
        for table, row in rows:
            connection.execute(insert(table).values(filled(table, **row)))


def know_tags(connection: Connection, names: Sequence[str]) -> None:
    for name in names:
        connection.execute(insert(tables.tags).values(filled(tables.tags, tag_id=name, version=1)))


def crowd(connection: Connection, count: int) -> None:
    """People of whom each has some of the facts, told in no order; ties are among them."""
    know_tags(connection, "abc")
    for number in range(1, count + 1):
        profile = filled(tables.profiles, profile_id=number)
        connection.execute(insert(tables.profiles).values(profile))
        name = filled(tables.identities, kind="user", value=str(number), profile_id=number)
        connection.execute(insert(tables.identities).values(name))
        things = [thing for place, thing in enumerate("abc") if number * 5 >> place & 1 or number % 7 == 0]
        tell_facts(connection, number, things, at=number * 37 % 11)


def an_alias(user: str, previous: str) -> Call:
    return Call(
        kind="alias",
        name="alias",
        occurred_at=NOON,
        received_at=NOON,
        message_id=f"{previous} is {user}",
        source="web",
        user_id=user,
        anonymous_id="",
        previous_id=previous,
    )


def test_a_batch_of_many_merges_leaves_what_they_leave_one_by_one(store: StateStore) -> None:
    # Seven go into each of those kept, in an order that is not that of their numbers.
    became = {ProfileId(lost): ProfileId(1 + lost % 5) for lost in [*range(40, 5, -2), *range(7, 41, 2)]}
    with store.begin() as transaction:
        connection = transaction.connection
        crowd(connection, 45)
        with connection.begin_nested() as attempt:
            repoint(connection, became)
            at_once = left_in(connection)
            attempt.rollback()
        for lost, kept in became.items():
            repoint(connection, {lost: kept})
        assert left_in(connection) == at_once
        repoint(connection, became)
        assert left_in(connection) == at_once
    assert {row[0] for row in at_once["traits"]} == {1, 2, 3, 4, 5} | {41, 42, 43, 44, 45}


def test_the_latest_told_and_the_first_computed_of_several_lost_profiles_stay(store: StateStore) -> None:
    lost, kept = [ProfileId(3), ProfileId(1), ProfileId(2)], ProfileId(9)
    with store.begin() as transaction:
        connection = transaction.connection
        know_tags(connection, ["new", "own"])
        for profile_id, at in ((1, 5), (2, 7), (3, 6)):
            tell_facts(connection, profile_id, ["new", "own"], at=at)
        tell_facts(connection, kept, ["own"], at=8)
        repoint(connection, dict.fromkeys(lost, kept))
        assert transaction.traits.of([kept]) == {kept: {"new": "of 2", "own": "of 9"}}
        values = connection.execute(select(tables.tag_values.c.tag_id, tables.tag_values.c.value)).all()
        assert {tuple(row) for row in values} == {("new", '"of 3"'), ("own", '"of 9"')}
        entered = select(tables.segment_members.c.segment_id, tables.segment_members.c.entered_at)
        assert {tuple(row) for row in connection.execute(entered)} == {("new", 3), ("own", 9)}
        assert set(connection.execute(select(tables.enrollments.c.profile_id)).scalars()) == {kept}


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_a_chain_of_merges_in_one_batch_leaves_what_it_leaves_in_several(
    order: tuple[int, int, int], store: StateStore
) -> None:
    chain = [an_alias("b", "a"), an_alias("c", "b"), an_alias("d", "c")]
    with store.begin() as transaction:
        connection = transaction.connection
        know_tags(connection, ["all", "one", "two"])
        # Whoever speaks for a, b and c was there before; d is the last to have everything.
        people = absorb([an_alias(name, f"device {name}") for name in "abcd"], transaction, seed="s").people
        for profile_id, at in zip(people, (*order, 2), strict=True):
            tell_facts(connection, profile_id, ["all"], at=at)
        tell_facts(connection, people[0], ["one"], at=1)
        tell_facts(connection, people[1], ["two"], at=1)
        with connection.begin_nested() as attempt:
            absorb(chain, transaction, seed="s")
            at_once = left_in(connection)
            attempt.rollback()
        for call in chain:
            absorb([call], transaction, seed="s")
        assert left_in(connection) == at_once
    assert {row[0] for row in at_once["traits"]} == {people[3]}
    assert {row[3] for row in at_once["profiles"]} == {None, people[3]}


def test_a_kept_profile_that_is_itself_lost_is_refused(store: StateStore) -> None:
    with store.begin() as transaction, pytest.raises(ValueError, match="itself lost"):
        repoint(transaction.connection, {ProfileId(1): ProfileId(2), ProfileId(2): ProfileId(3)})
