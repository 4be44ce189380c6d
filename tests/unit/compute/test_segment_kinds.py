"""Kinds of segments: how they are written, when they are due, and the small rules around them."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest

from perennial.collect.identity.key_rules import KeyKind, KeyRules
from perennial.compute.segments import Schedule, Segment, SegmentFill, Standing, parse_segment
from perennial.compute.segments.crossing import Passage, crossed
from perennial.compute.segments.naming import read_people
from perennial.compute.segments.rules import due_at, overlap, sample
from perennial.compute.segments.schedule import next_after
from perennial.kernel.conditions import Constant, parse_condition
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.kernel.values import Json
from perennial.kernel.windows import EARLIEST, Zone
from perennial.testing import PersonHistory, an_event, at, evaluate

NOON = at().as_of
HOUR = timedelta(hours=1)
DID: Json = {"did": "order_paid", "within": "2d"}
BERLIN = Zone(name="Europe/Berlin")


def codes(document: Json) -> list[tuple[str, str]]:
    with pytest.raises(InvalidDocument) as refused:
        parse_segment(document)
    return [(problem.path, problem.code) for problem in refused.value.problems]


def test_a_document_says_its_kind_and_what_belongs_to_it() -> None:
    live = parse_segment({"id": "a", "condition": DID})
    nightly = parse_segment(
        {"id": "a", "kind": "scheduled", "condition": DID, "refresh": {"weekly": "monday 07:30"}}
    )
    frozen = parse_segment({"id": "a", "kind": "frozen", "condition": DID, "as_of": "2026-01-01T00:00:00Z"})
    listed = parse_segment({"id": "a", "kind": "list"})
    assert (live.kind, live.schedule) == ("live", None)
    assert nightly.schedule == Schedule(at=time(7, 30), weekday=0)
    assert frozen.as_of == datetime(2026, 1, 1, tzinfo=UTC)
    assert listed.condition == Constant(value=False)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"id": "a", "kind": "live", "condition": DID, "refresh": {}}, [("$.refresh", "misplaced")]),
        ({"id": "a", "kind": "list", "condition": DID}, [("$.condition", "misplaced")]),
        ({"id": "a", "kind": "lists"}, [("$.kind", "bad_value"), ("$", "missing_key")]),
        ({"id": "a", "kind": "scheduled", "condition": DID}, [("$", "missing_key")]),
        (
            {"id": "a", "kind": "scheduled", "condition": DID, "refresh": {"every": "10s"}},
            [("$.refresh.every", "bad_value")],
        ),
        (
            {"id": "a", "kind": "scheduled", "condition": DID, "refresh": {"daily": "7:30"}},
            [("$.refresh.daily", "bad_value")],
        ),
        (
            {"id": "a", "kind": "scheduled", "condition": DID, "refresh": {"every": "1h", "daily": "07:30"}},
            [("$.refresh", "wrong_keys")],
        ),
        (
            {"id": "a", "kind": "frozen", "condition": DID, "as_of": "2026-01-01T00:00:00"},
            [("$.as_of", "bad_instant")],
        ),
    ],
)
def test_what_does_not_belong_is_refused_with_its_place(
    document: Json, expected: list[tuple[str, str]]
) -> None:
    assert codes(document) == expected


def test_a_local_time_is_the_same_on_the_wall_in_summer_and_winter() -> None:
    daily = Schedule(at=time(7, 30))
    winter = next_after(daily, datetime(2026, 3, 28, 12, tzinfo=UTC), BERLIN)
    assert winter == datetime(2026, 3, 29, 5, 30, tzinfo=UTC)  # the clocks went forward that night
    assert next_after(daily, datetime(2026, 3, 27, 12, tzinfo=UTC), BERLIN).hour == 6
    weekly = Schedule(at=time(7, 30), weekday=0)
    assert next_after(weekly, winter, BERLIN) == datetime(2026, 3, 30, 5, 30, tzinfo=UTC)
    assert next_after(Schedule(every=HOUR), winter, BERLIN) == winter + HOUR


def test_each_kind_is_due_at_its_own_time() -> None:
    def due(
        document: dict[str, Json], *, fill: SegmentFill | None, standing: Standing | None = None
    ) -> object:
        draft = parse_segment({"id": "a", **document})
        segment = Segment(
            segment_id=draft.segment_id,
            version=1,
            name="a",
            condition=draft.condition,
            document={},
            created_at=NOON,
            kind=draft.kind,
            schedule=draft.schedule,
        )
        return due_at(segment, fill, standing, interval=HOUR, zone=Zone())

    fill = SegmentFill(segment_id=SegmentId("a"), version=1, refreshed_at=NOON, people=0)
    live: dict[str, Json] = {"condition": DID}
    assert due(live, fill=None) == EARLIEST
    assert due(live, fill=fill) == NOON + HOUR
    asked = Standing(segment_id=SegmentId("a"), due_at=NOON)
    failed = Standing(segment_id=SegmentId("a"), failed_at=NOON + HOUR)
    assert due(live, fill=fill, standing=asked) == NOON
    assert due(live, fill=None, standing=failed) == NOON + 2 * HOUR
    scheduled: dict[str, Json] = {"kind": "scheduled", "condition": DID, "refresh": {"every": "6h"}}
    assert due(scheduled, fill=fill, standing=asked) == NOON + 6 * HOUR
    assert due({"kind": "frozen", "condition": DID}, fill=fill) is None
    assert due({"kind": "list"}, fill=None) is None


def test_a_sample_stays_as_it_is_while_others_come_and_go() -> None:
    people = np.arange(1, 1001, dtype=np.uint64)
    chosen = sample(people, 10)
    assert len(chosen) == 10
    without = people[~np.isin(people, chosen[:1])]
    assert sample(without, 10)[:9].tolist() == chosen[1:].tolist()
    assert sample(people[::-1].copy(), 10).tolist() == chosen.tolist()


def test_overlaps_are_counted_exactly() -> None:
    groups = [np.array(each, dtype=np.uint64) for each in ([1, 2, 3], [2, 3, 4, 5], [])]
    assert overlap(groups) == [[3, 2, 0], [2, 4, 0], [0, 0, 0]]


def people_in(*lines: str, rules: KeyRules | None = None) -> list[list[tuple[str, str]]]:
    return [
        [(name.kind, name.value) for name in one.names] for one in read_people(lines, rules or KeyRules())
    ]


def test_lists_are_read_as_csv_as_json_lines_and_line_by_line() -> None:
    assert people_in("user_id,city", "anna,Bonn", "", '"b, c",Köln') == [
        [("user", "anna")],
        [("user", "b, c")],
    ]
    assert people_in('{"anonymous_id": "d1"}', '"anna"')[0] == [("anonymous", "d1")]
    assert people_in("anna")[0][0] == ("user", "anna")
    email = KeyRules(kinds=[KeyKind(name="email", form="email")])
    assert people_in("email", "A@Example.com", rules=email) == [[("email", "a@example.com")]]
    assert ("email", "a@example.com") in people_in(" A@Example.com ", rules=email)[0]
    assert people_in() == []


def test_a_line_that_names_nobody_is_refused_with_its_number() -> None:
    with pytest.raises(InvalidDocument) as refused:
        people_in('{"user_id": "anna"}', '{"userr_id": "bob"}')
    assert refused.value.problems[0].line == 2
    assert "'user_id'" in refused.value.problems[0].hint


@pytest.mark.parametrize(
    ("condition", "moved"),
    [
        ({"did": "order_paid", "within": "2d"}, True),
        ({"did": "order_paid", "within": "3d"}, False),
        ({"measure": "last_ago", "of": "order_paid", "is": "< 2"}, True),
        ({"measure": "last_ago", "of": "order_paid", "is": "< 3"}, False),
        ({"did": "order_paid"}, False),
        ({"did": "order_paid", "within": {"calendar": "this_month"}}, False),
    ],
)
def test_only_whom_a_border_passed_over_is_asked_again(condition: Json, moved: bool) -> None:
    buyer = PersonHistory(
        profile_id=ProfileId(1), events=(an_event("order_paid", occurred_at=NOON - timedelta(days=2)),)
    )
    passed = Passage(since=NOON - HOUR, until=NOON + HOUR, zone=Zone())
    [asked] = crossed([parse_condition(condition)], passed)
    assert asked is not None
    assert evaluate(asked, buyer, at(NOON + HOUR)) is moved


def test_a_date_told_of_somebody_is_passed_by_the_present() -> None:
    told = an_event("identify", kind="identify", properties={"renewal": "2026-03-02T12:30:00Z"}, ago=HOUR)
    person = PersonHistory(profile_id=ProfileId(1), events=(told,))
    due = parse_condition({"trait": "renewal", "in_next": "1d"})
    moment = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    [asked] = crossed([due], Passage(since=moment, until=moment + HOUR, zone=Zone()))
    assert asked is not None
    assert evaluate(asked, person, at(max(moment + HOUR, NOON)))
