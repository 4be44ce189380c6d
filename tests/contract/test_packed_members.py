"""Members of large segments, packed in columns: the same answers as in rows, whatever came to pass."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, select
from tests.services.state import OpenStore

from perennial.backends.sql.packing import BLOCK
from perennial.backends.sql.segments import SqlSegments
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables import segment_members
from perennial.backends.sql.tables_packed import packed_columns, packed_people, packed_values, segment_gone
from perennial.compute.segments import Shift
from perennial.compute.segments.model import Cause
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.testing import at

NOON = at().as_of
MINUTE = timedelta(minutes=1)
BUYERS, IDLE = SegmentId("buyers"), SegmentId("idle")
LEAST = 4
Ids = NDArray[np.uint64]


@pytest.fixture
def connection(open_new: OpenStore) -> Iterator[Connection]:
    store = StateStore(open_new("state"))
    with store.begin() as transaction:
        yield transaction.connection


def moved(
    segments: SqlSegments,
    segment_id: SegmentId,
    entered: list[int],
    left: list[int],
    *,
    minute: int,
    cause: Cause = "refresh",
) -> None:
    now = {*segments.members(segment_id).tolist(), *entered} - set(left)
    segments.apply(
        Shift(
            segment_id=segment_id,
            version=1,
            at=NOON + minute * MINUTE,
            cause=cause,
            entered=np.array(sorted(entered), dtype=np.uint64),
            left=np.array(sorted(left), dtype=np.uint64),
            people=len(now),
        )
    )


def rows_in(connection: Connection, segment_id: SegmentId) -> int:
    query = select(func.count()).where(segment_members.c.segment_id == segment_id)
    return connection.execute(query).scalar_one()


def test_a_large_segment_has_no_row_for_each_member(connection: Connection) -> None:
    segments = SqlSegments(connection, least=LEAST)
    moved(segments, BUYERS, [9, 3, 5, 7], [], minute=0)
    assert rows_in(connection, BUYERS) == 0
    assert segments.members(BUYERS).tolist() == [3, 5, 7, 9]
    assert segments.memberships([ProfileId(3), ProfileId(4)]) == {3: frozenset({BUYERS})}


def test_who_comes_and_goes_with_an_event_is_a_row_beside_the_column(connection: Connection) -> None:
    segments = SqlSegments(connection, least=LEAST)
    moved(segments, BUYERS, [3, 5, 7, 9], [], minute=0)
    moved(segments, BUYERS, [4], [5], minute=1, cause="event")
    moved(segments, BUYERS, [5], [], minute=2, cause="event")
    assert segments.members(BUYERS).tolist() == [3, 4, 5, 7, 9]
    assert {one.profile_id: one.entered_at for one in segments.page(BUYERS, limit=9)} == {
        3: NOON,
        4: NOON + MINUTE,
        5: NOON + 2 * MINUTE,
        7: NOON,
        9: NOON,
    }


def test_a_later_refresh_takes_the_rows_into_the_column_with_their_times(connection: Connection) -> None:
    segments = SqlSegments(connection, least=LEAST)
    moved(segments, BUYERS, [3, 5, 7, 9], [], minute=0)
    moved(segments, BUYERS, [4], [5], minute=1, cause="event")
    moved(segments, BUYERS, [5], [], minute=2, cause="event")
    moved(segments, BUYERS, [6], [9], minute=3)
    assert rows_in(connection, BUYERS) == 0
    assert connection.execute(select(func.count()).select_from(segment_gone)).scalar_one() == 0
    assert [(one.profile_id, one.entered_at - NOON) for one in segments.page(BUYERS, limit=9)] == [
        (3, 0 * MINUTE),
        (4, MINUTE),
        (5, 2 * MINUTE),
        (6, 3 * MINUTE),
        (7, 0 * MINUTE),
    ]


def test_pages_go_on_behind_the_last_member_of_the_page_before(connection: Connection) -> None:
    segments = SqlSegments(connection, least=LEAST)
    moved(segments, BUYERS, [3, 5, 7, 9], [], minute=0)
    moved(segments, BUYERS, [6], [], minute=1, cause="event")
    first = segments.page(BUYERS, limit=2)
    second = segments.page(BUYERS, limit=2, after=first[-1].profile_id)
    third = segments.page(BUYERS, limit=2, after=second[-1].profile_id)
    assert [one.profile_id for page in (first, second, third) for one in page] == [3, 5, 6, 7, 9]


def test_one_person_is_in_packed_and_in_small_segments_since_their_own_times(connection: Connection) -> None:
    segments = SqlSegments(connection, least=LEAST)
    moved(segments, IDLE, [5], [], minute=0)
    moved(segments, BUYERS, [3, 5, 7, 9], [], minute=1)
    found = segments.memberships_of(ProfileId(5))
    assert [(one.segment_id, one.entered_at) for one in found] == [(BUYERS, NOON + MINUTE), (IDLE, NOON)]
    assert segments.since([BUYERS, IDLE], [ProfileId(5), ProfileId(6)]) == {
        (BUYERS, 5): NOON + MINUTE,
        (IDLE, 5): NOON,
    }


def test_people_of_several_blocks_are_found_again(connection: Connection) -> None:
    segments = SqlSegments(connection)
    everyone = np.arange(1, 3 * BLOCK, dtype=np.uint64) * np.uint64(7)
    moved(segments, BUYERS, everyone.tolist(), [], minute=0)
    assert np.array_equal(segments.members(BUYERS), everyone)
    few = [ProfileId(7), ProfileId(8), ProfileId(7 * (3 * BLOCK - 1))]
    assert segments.memberships(few) == {7: frozenset({BUYERS}), few[2]: frozenset({BUYERS})}
    many = [ProfileId(number) for number in range(1, 200)]
    assert set(segments.memberships(many)) == set(range(7, 200, 7))


def test_a_refresh_that_changes_few_writes_few_blocks(connection: Connection) -> None:
    segments = SqlSegments(connection, least=10)
    everyone = np.arange(1, 3 * BLOCK, dtype=np.uint64)
    moved(segments, BUYERS, everyone.tolist(), [], minute=0)
    blocks = select(packed_values.c.block, packed_values.c.content)
    before = {row.block: row.content for row in connection.execute(blocks)}
    moved(segments, BUYERS, [], list(range(1, 30)), minute=1)
    after = {row.block: row.content for row in connection.execute(blocks)}
    assert [block for block in after if after[block] != before[block]] == [0]


def test_what_was_rolled_back_is_not_remembered(open_new: OpenStore) -> None:
    store = StateStore(open_new("state"))
    many = [ProfileId(number) for number in range(1, 100)]
    with store.begin() as transaction:
        moved(SqlSegments(transaction.connection, least=LEAST), BUYERS, [1, 2, 3, 4], [], minute=0)
    with suppress(ZeroDivisionError), store.begin() as transaction:
        segments = SqlSegments(transaction.connection, least=LEAST)
        moved(segments, BUYERS, [5, 6, 7, 8], [1, 2], minute=1)
        assert set(segments.memberships(many)) == {3, 4, 5, 6, 7, 8}
        raise ZeroDivisionError
    with store.read() as transaction:
        assert set(transaction.segments.memberships(many)) == {1, 2, 3, 4}
    with store.begin() as transaction:
        moved(SqlSegments(transaction.connection, least=LEAST), BUYERS, [9, 10, 11, 12], [3], minute=2)
        assert set(transaction.segments.memberships(many)) == {1, 2, 4, 9, 10, 11, 12}


PEOPLE = st.sets(st.integers(1, 40), max_size=12)
STEPS = st.lists(
    st.tuples(st.sampled_from([BUYERS, IDLE]), PEOPLE, st.sampled_from(["event", "refresh"])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_packed_members_are_those_of_rows(
    connection: Connection, steps: list[tuple[SegmentId, set[int], Cause]]
) -> None:
    """`PEOPLE` of a step turn over: who is in goes, and who is not comes."""
    for table in (segment_members, segment_gone, packed_values, packed_columns, packed_people):
        connection.execute(delete(table))
    segments = SqlSegments(connection, least=LEAST)
    since: dict[tuple[SegmentId, int], int] = {}
    for minute, (segment_id, people, cause) in enumerate(steps):
        left = sorted(one for one in people if (segment_id, one) in since)
        entered = sorted(people - set(left))
        moved(segments, segment_id, entered, left, minute=minute, cause=cause)
        for one in left:
            del since[segment_id, one]
        since |= {(segment_id, one): minute for one in entered}
        everyone = [ProfileId(number) for number in range(1, 41)]
        assert segments.since([BUYERS, IDLE], everyone) == {
            key: NOON + begun * MINUTE for key, begun in since.items()
        }
        for each in (BUYERS, IDLE):
            assert segments.members(each).tolist() == sorted(one for name, one in since if name == each)
