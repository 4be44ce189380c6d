"""Values of tags of very many people, packed in columns: the same answers as in rows."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, insert, select
from tests.services.state import OpenStore

from perennial.backends.sql.erasures import SqlErasures
from perennial.backends.sql.loosening import loosen
from perennial.backends.sql.repoint import part, repoint
from perennial.backends.sql.segments import SqlSegments
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables import profiles, segment_fills, segment_members, tag_values
from perennial.backends.sql.tables_packed import packed_columns, packed_loose, packed_people, packed_values
from perennial.backends.sql.tags import SqlTags
from perennial.collect.privacy.model import PersonNames
from perennial.compute.definitions.model import Definition
from perennial.compute.segments import SegmentFill, Shift
from perennial.compute.tags.columns import Coded, Numbers
from perennial.compute.tags.model import Scalar, TagColumn, ValueChange
from perennial.kernel.ids import ProfileId, SegmentId, TagId
from perennial.testing import at

NOON = at().as_of
MINUTE = timedelta(minutes=1)
TIER, SPENT, BUYERS = TagId("tier"), TagId("spent"), SegmentId("buyers")
LEAST = 3


@pytest.fixture
def connection(open_new: OpenStore) -> Iterator[Connection]:
    store = StateStore(open_new("state"))
    with store.begin() as transaction:
        yield transaction.connection


def column(values: dict[int, Scalar], details: dict[int, str] | None = None) -> TagColumn:
    people = sorted(values)
    theirs: Sequence[Scalar] = [values[one] for one in people]
    if all(isinstance(value, float) for value in theirs):
        theirs = Numbers(np.array(theirs, dtype=np.float64))
    else:
        palette = sorted({str(value) for value in theirs})
        theirs = Coded(palette, np.array([palette.index(str(value)) for value in theirs], dtype=np.int64))
    told = None if details is None else [{"cell": details[one]} for one in people]
    return TagColumn(profile_ids=np.array(people, dtype=np.uint64), values=theirs, details=told)


def written(
    tags: SqlTags, values: dict[int, Scalar], *, minute: int = 0, tag_id: TagId = TIER
) -> set[tuple[int, Scalar | None, Scalar | None]]:
    changes = tags.write_values(tag_id, column(values), computed_at=NOON + minute * MINUTE)
    return {(change.profile_id, change.before, change.after) for change in changes}


def values_now(tags: SqlTags, people: Sequence[int], tag_id: TagId = TIER) -> dict[int, Scalar]:
    found = tags.values_of([ProfileId(one) for one in people], only=[tag_id])
    return {person: theirs[tag_id] for person, theirs in found.items()}


def known(connection: Connection, *people: int) -> None:
    rows = [
        {"profile_id": one, "user_id": f"u{one}" if one < 9 else None, "first_seen_at": 0} for one in people
    ]
    connection.execute(insert(profiles), rows)


def test_a_tag_of_many_has_no_row_for_each_value(connection: Connection) -> None:
    tags = SqlTags(connection, least=LEAST)
    written(tags, {1: "gold", 2: "silver", 3: "gold"})
    assert connection.execute(select(func.count()).select_from(tag_values)).scalar_one() == 0
    assert values_now(tags, [1, 2, 3, 4]) == {1: "gold", 2: "silver", 3: "gold"}


def test_only_values_that_became_others_are_told(connection: Connection) -> None:
    tags = SqlTags(connection, least=LEAST)
    written(tags, {1: "gold", 2: "silver", 3: "gold"})
    assert written(tags, {1: "gold", 3: "bronze", 4: "gold"}, minute=1) == {
        (2, "silver", None),
        (3, "gold", "bronze"),
        (4, None, "gold"),
    }
    assert written(tags, {1: "gold", 3: "bronze", 4: "gold"}, minute=2) == set()


def test_changes_are_made_when_they_are_looked_at(connection: Connection) -> None:
    tags = SqlTags(connection, least=LEAST)
    changes = tags.write_values(TIER, column({1: 1.0, 2: 2.0, 3: 3.5}), computed_at=NOON)
    assert len(changes) == 3
    assert changes[2] == ValueChange(profile_id=ProfileId(3), before=None, after=3.5)
    assert [change.after for change in changes[:2]] == [1.0, 2.0]


def test_a_page_says_since_when_each_value_is_so(connection: Connection) -> None:
    tags = SqlTags(connection, least=LEAST)
    known(connection, 1, 2, 3, 11, 12)
    written(tags, {1: "gold", 2: "silver", 12: "gold"})
    written(tags, {1: "gold", 2: "gold", 11: "silver", 12: "gold"}, minute=1)
    page = tags.page(TIER, limit=10)
    assert [(one.person.profile_id, one.value, (one.computed_at - NOON) // MINUTE) for one in page] == [
        (1, "gold", 0),
        (2, "gold", 1),
        (11, "silver", 1),
        (12, "gold", 0),
    ]
    second = tags.page(TIER, limit=2, after=page[1].person)
    assert [one.person.profile_id for one in second] == [11, 12]


def test_details_come_back_with_their_values(connection: Connection) -> None:
    tags = SqlTags(connection, least=LEAST)
    known(connection, 1, 2, 3)
    values: dict[int, Scalar] = {1: "lost", 2: "lost", 3: "champions"}
    tags.write_values(TIER, column(values, {1: "111", 2: "121", 3: "555"}), computed_at=NOON)
    again = tags.write_values(TIER, column(values, {1: "112", 2: "121", 3: "555"}), computed_at=NOON + MINUTE)
    assert list(again) == []  # of some only the details are others
    assert [(one.value, one.details) for one in tags.page(TIER, limit=3)] == [
        ("lost", {"cell": "112"}),
        ("lost", {"cell": "121"}),
        ("champions", {"cell": "555"}),
    ]


def test_words_may_become_numbers_and_numbers_words(connection: Connection) -> None:
    tags = SqlTags(connection, least=LEAST)
    written(tags, {1: "gold", 2: "silver", 3: "gold"})
    assert written(tags, {1: 5.0, 2: 7.5, 3: 5.0}, minute=1) == {
        (1, "gold", 5.0),
        (2, "silver", 7.5),
        (3, "gold", 5.0),
    }
    assert written(tags, {1: 5.0, 2: 8.5, 3: 5.0}, minute=2) == {(2, 7.5, 8.5)}
    assert written(tags, {1: "gold", 2: "silver", 3: "gold"}, minute=3) == {
        (1, 5.0, "gold"),
        (2, 8.5, "silver"),
        (3, 5.0, "gold"),
    }


def test_who_was_loosened_has_the_same_values_in_rows_until_the_next_refresh(connection: Connection) -> None:
    tags = SqlTags(connection, least=LEAST)
    written(tags, {1: "gold", 2: "silver", 3: "gold"})
    loosen(connection, [ProfileId(1), ProfileId(4)])
    assert connection.execute(select(tag_values.c.profile_id)).scalars().all() == [1]
    assert values_now(tags, [1, 2, 3]) == {1: "gold", 2: "silver", 3: "gold"}
    assert written(tags, {1: "silver", 2: "silver", 3: "gold"}, minute=1) == {(1, "gold", "silver")}
    assert connection.execute(select(func.count()).select_from(tag_values)).scalar_one() == 0


def test_merged_people_keep_what_they_had_and_give_it_back(connection: Connection) -> None:
    tags, segments = SqlTags(connection, least=LEAST), SqlSegments(connection, least=LEAST)
    known(connection, 1, 2, 3, 4)
    tags.definitions.save(Definition(id=TIER, version=1, name="Tier", document={"id": TIER}, created_at=NOON))
    written(tags, {1: "gold", 2: "silver", 3: "gold"})
    members = np.array([1, 3, 4], dtype=np.uint64)
    segments.apply(
        Shift(
            segment_id=BUYERS,
            version=1,
            at=NOON,
            cause="initial",
            entered=members,
            left=members[:0],
            people=3,
        )
    )
    segments.record_fill(SegmentFill(segment_id=BUYERS, version=1, refreshed_at=NOON, people=3))
    repoint(connection, {ProfileId(1): ProfileId(2), ProfileId(3): ProfileId(4)})
    assert values_now(tags, [1, 2, 3, 4]) == {2: "silver", 4: "gold"}
    assert segments.members(BUYERS).tolist() == [2, 4]
    assert connection.execute(select(segment_fills.c.people)).scalars().all() == [2]
    part(connection, ProfileId(1))
    assert values_now(tags, [1, 2, 3, 4]) == {1: "gold", 2: "silver", 4: "gold"}
    assert segments.members(BUYERS).tolist() == [1, 4]


def test_of_whom_is_erased_no_column_says_anything(connection: Connection) -> None:
    tags, segments = SqlTags(connection, least=LEAST), SqlSegments(connection, least=LEAST)
    known(connection, 1, 2, 3)
    written(tags, {1: "gold", 2: "silver", 3: "gold"})
    members = np.array([1, 2, 3], dtype=np.uint64)
    segments.apply(
        Shift(
            segment_id=BUYERS,
            version=1,
            at=NOON,
            cause="initial",
            entered=members,
            left=members[:0],
            people=3,
        )
    )
    segments.record_fill(SegmentFill(segment_id=BUYERS, version=1, refreshed_at=NOON, people=3))
    erasures = SqlErasures(connection)
    person = erasures.names_of(ProfileId(1))
    assert erasures.count_rows(person)["tag_values"] == 1
    assert [row["value"] for row in erasures.rows_of(person)["tag_values"]] == ['"gold"']
    erasures.erase_rows(person)
    assert erasures.count_rows(PersonNames(profiles=person.profiles, names=person.names)) == {}
    assert values_now(tags, [1, 2, 3]) == {2: "silver", 3: "gold"}
    assert segments.members(BUYERS).tolist() == [2, 3]
    assert connection.execute(select(segment_fills.c.people)).scalars().all() == [2]
    places = np.frombuffer(connection.execute(select(packed_people.c.people)).scalar_one(), dtype=np.uint64)
    assert places.tolist() == [0, 2, 3]


VALUES = st.dictionaries(
    st.integers(1, 20),
    st.sampled_from(["gold", "silver", "bronze"]),
    max_size=10,
)
NUMBERS = st.dictionaries(st.integers(1, 20), st.sampled_from([0.0, 1.5, 2.0]), max_size=10)
STEPS = st.lists(st.tuples(VALUES | NUMBERS, st.sets(st.integers(1, 20), max_size=3)), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_packed_values_are_those_of_rows(
    connection: Connection, steps: list[tuple[dict[int, Scalar], set[int]]]
) -> None:
    """After each step some people are loosened."""
    for table in (tag_values, segment_members, packed_values, packed_columns, packed_people, packed_loose):
        connection.execute(delete(table))
    packed, rows = SqlTags(connection, least=LEAST), SqlTags(connection)
    everyone = range(1, 21)
    for minute, (values, people) in enumerate(steps):
        told = written(packed, values, minute=minute)
        assert told == written(rows, values, minute=minute, tag_id=SPENT)
        loosen(connection, [ProfileId(one) for one in sorted(people)])
        assert values_now(packed, everyone) == values_now(rows, everyone, tag_id=SPENT) == values
