"""Stored values of tags: as of an instant on each state engine, within conditions on each event engine."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.services.state import OpenStore

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation, Transport
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tags import SqlTags
from perennial.collect.events.columns import to_table
from perennial.compute.segments.kept import WithKeptMembers
from perennial.compute.tags.model import Cause, RecordedChange, Scalar, TagColumn, TagFill
from perennial.compute.tags.service import Tags
from perennial.kernel.conditions import All, AnyOf, Condition, Not, TagIs, parse_condition
from perennial.kernel.conditions import Test as Comparison
from perennial.kernel.conditions.model import Literal_, Operator
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import ProfileId, SegmentId, TagId
from perennial.testing import PersonHistory, an_event, at, evaluate, rows_of

NOON = at().as_of
HOUR = timedelta(hours=1)
STAGE = TagId("stage")
REFRESH: Cause = "refresh"


def column(values: Mapping[int, Scalar]) -> TagColumn:
    people = sorted(values)
    return TagColumn(
        profile_ids=np.array(people, dtype=np.uint64), values=tuple(values[one] for one in people)
    )


def shown(found: TagColumn) -> dict[int, Scalar]:
    return dict(zip(found.profile_ids.tolist(), found.values, strict=True))


def written(tags: SqlTags, values: Mapping[int, Scalar], moment: datetime, *, first: bool = False) -> None:
    """A refresh by hand, as the service does it."""
    changes = tags.write_values(STAGE, column(values), computed_at=moment)
    recorded = [
        RecordedChange(change=change, tag_id=STAGE, version=1, cause=REFRESH, changed_at=moment)
        for change in changes
    ]
    tags.history.record([] if first else recorded)
    tags.record_fill(TagFill(tag_id=STAGE, version=1, refreshed_at=moment, people=len(values)))


PAST: list[tuple[timedelta, dict[int, Scalar]]] = [
    (-HOUR, {}),
    (0 * HOUR, {1: "new", 2: "active", 3: "dormant"}),
    (HOUR, {1: "active", 2: "active", 4: "new"}),
    (2 * HOUR, {1: "active", 2: "dormant", 3: "active", 4: "new"}),
]
"""Who had which value at the end of each refresh; before the first version there is none."""


@pytest.mark.parametrize("least", [5_000, 1], ids=["in rows", "in columns"])
def test_values_are_told_as_they_were_stored_by_an_instant(open_new: OpenStore, least: int) -> None:
    store = StateStore(open_new("state"))
    with store.begin() as state:
        document = {"id": "stage", "values": [{"value": "new", "if": {"did": "app_open"}}]}
        Tags().create(document, state=state, now=NOON)
        tags = SqlTags(state.connection, least=least)
        for place, (ago, values) in enumerate(PAST[1:]):
            written(tags, values, NOON + ago, first=place == 0)
    with store.read() as state:
        past = SqlTags(state.connection, least=least).past
        for ago, values in PAST:
            for later in (timedelta(0), HOUR / 2):
                then = NOON + ago + later
                assert shown(past.everyone(STAGE, then)) == values
                asks = [Ask(profile_id=ProfileId(one), as_of=then) for one in range(1, 6)]
                assert past.of_asks(STAGE, asks) == [values.get(one) for one in range(1, 6)]


def test_asks_of_several_instants_are_answered_each_by_its_own(open_new: OpenStore) -> None:
    store = StateStore(open_new("state"))
    with store.begin() as state:
        Tags().create({"id": "stage", "measure": "count", "of": "app_open"}, state=state, now=NOON)
        for place, moment in enumerate((NOON, NOON + HOUR, NOON + 2 * HOUR)):
            written(state.tags, {1: float(place)}, moment, first=place == 0)
        moments = [NOON + 2 * HOUR, NOON, NOON + HOUR / 2, NOON + HOUR]
        asks = [Ask(profile_id=ProfileId(1), as_of=moment) for moment in moments]
        assert state.tags.past.of_asks(STAGE, asks) == [2.0, 0.0, 0.0, 1.0]
        assert state.tags.past.of_asks(STAGE, []) == []


def test_of_a_tag_that_nobody_wrote_there_are_no_values(open_new: OpenStore) -> None:
    with StateStore(open_new("state")).begin() as state:
        assert shown(state.tags.past.everyone(STAGE, NOON)) == {}
        assert state.tags.past.of_asks(STAGE, [Ask(profile_id=ProfileId(1), as_of=NOON)]) == [None]


class Shelf:
    """`KeptMembers` of people who know their stored values; there are no kept segments."""

    def __init__(self, people: Sequence[PersonHistory]) -> None:
        self._people = {person.profile_id: person for person in people}

    def kept(self, segment_id: SegmentId) -> tuple[NDArray[np.uint64], datetime | None]:
        raise LookupError(segment_id)

    def kept_since(
        self, segment_ids: Sequence[SegmentId], profile_ids: Sequence[ProfileId]
    ) -> Mapping[tuple[SegmentId, ProfileId], datetime]:
        raise LookupError(segment_ids)

    def values(self, tag_id: TagId, instant: datetime) -> TagColumn:
        return column(
            {one: person.stored[tag_id] for one, person in self._people.items() if tag_id in person.stored}
        )

    def values_by(self, tag_id: TagId, asks: Sequence[Ask]) -> Sequence[Scalar | None]:
        return [self._people[ask.profile_id].stored.get(tag_id) for ask in asks]


STAGES = (None, "new", "active", "dormant")
PEOPLE = [
    PersonHistory(
        profile_id=ProfileId(number),
        events=tuple(an_event("order_paid" if number % 3 else "app_open") for _ in range(1 + number % 4)),
        stored={
            **({} if (stage := STAGES[number % 4]) is None else {"stage": stage}),
            **({} if number % 5 else {"score": float(number)}),
        },
    )
    for number in range(1, 25)
]


def stored(tag: str, operator: Operator, literal: Literal_) -> Condition:
    return TagIs(tag=tag, test=Comparison(operator=operator, literal=literal), is_stored=True)


PAID = parse_condition({"did": "order_paid", "times": ">= 2"})
OPENED = parse_condition({"did": "app_open"})
TESTS = [
    stored("stage", "=", "active"),
    stored("stage", "!=", "active"),
    stored("stage", "in", ("new", "dormant")),
    stored("stage", "not_in", ("new", "dormant")),
    stored("stage", "set", True),
    stored("stage", "set", False),
    stored("score", ">=", 10.0),
    stored("score", "!=", 10.0),
    stored("nothing", "=", "x"),
    stored("nothing", "set", False),
]


def combined(test: Condition) -> list[Condition]:
    return [
        test,
        Not(of=test),
        All(of=(test, PAID)),
        AnyOf(of=(test, OPENED)),
        All(of=(OPENED, Not(of=AnyOf(of=(test, PAID))))),
        AnyOf(of=(All(of=(test, PAID)), All(of=(Not(of=test), Not(of=PAID))))),
    ]


def test_conditions_on_stored_values_are_as_the_reference_evaluator_has_them(transport: Transport) -> None:
    rows = [row for person in PEOPLE for row in rows_of(person)]
    ClickHouseEventStore(transport).append(to_table(rows), token="t")
    population = WithKeptMembers(ClickHousePopulation(transport), Shelf(PEOPLE))
    conditions = [condition for test in TESTS for condition in combined(test)]
    expected = [[one for one in PEOPLE if evaluate(condition, one, at())] for condition in conditions]
    found = population.members(conditions, at=at())
    assert [ids.tolist() for ids in found] == [[one.profile_id for one in people] for people in expected]
    asks = [Ask(profile_id=one.profile_id, as_of=NOON) for one in PEOPLE]
    verdicts = population.verdicts(conditions, asks, at=at())
    assert verdicts == [tuple(person in people for people in expected) for person in PEOPLE]
    assert [population.count(one, at=at()) for one in conditions[:2]] == [len(one) for one in expected[:2]]
    assert any(0 < len(one) < len(PEOPLE) for one in expected)
