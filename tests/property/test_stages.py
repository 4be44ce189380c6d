"""Values that people stay in, against a plain reading of the rule: refresh after refresh, for everyone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.compute.tags.model import ValuesTag
from perennial.compute.tags.parse import parse_tag
from perennial.compute.tags.rules import values_column
from perennial.compute.tags.stages import steps_of
from perennial.kernel.conditions import Condition, Moment
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.testing import HistoryEvent, PersonHistory, a_person, an_event, at, evaluate

NOON = at().as_of
DAY = timedelta(days=1)
DAYS = 30
NAMES = ("high", "middle", "low", "gone")


def visited(days: int, within: int) -> Json:
    return {"measure": "days", "of": "visit", "within": f"{within}d", "is": f">= {days}"}


RULES: list[Json] = [
    visited(1, 3),
    visited(2, 7),
    visited(4, 7),
    visited(1, 14),
    {"not": visited(1, 5)},
    {"not": visited(3, 10)},
    {"did": "visit", "times": "= 0"},
    {"did": "order_paid", "within": "6d"},
]


@st.composite
def documents(draw: st.DrawFn) -> Json:
    values: list[Json] = []
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    for name in names:
        case: dict[str, Json] = {"value": name, "enter": draw(st.sampled_from(RULES))}
        if draw(st.booleans()):
            case["exit"] = draw(st.sampled_from(RULES))
            if draw(st.booleans()):
                case["yields_to"] = [other for other in names if other != name and draw(st.booleans())]
        values.append(case)
    otherwise: dict[str, Json] = {"else": "nobody"} if draw(st.booleans()) else {}
    return {"id": "stage", "values": values, **otherwise}


@st.composite
def people(draw: st.DrawFn) -> PersonHistory:
    def events(name: str, most: int) -> list[HistoryEvent]:
        whens = draw(st.sets(st.integers(0, DAYS * 2), max_size=most))
        return [an_event(name, occurred_at=NOON + when * DAY / 2) for when in sorted(whens)]

    return a_person(an_event("seen", occurred_at=NOON - DAY), *events("visit", 20), *events("order_paid", 3))


@dataclass(frozen=True, slots=True)
class Plain:
    """The rule as it is told to people, read from the document, one person at one moment."""

    tag: ValuesTag

    def after(self, before: str | None, person: PersonHistory, moment: Moment) -> str | None:
        def holds(condition: Condition) -> bool:
            return evaluate(condition, person, moment)

        may_enter = [case.value for case in self.tag.cases if holds(case.condition)]
        for place, case in enumerate(self.tag.cases):
            if case.value != before or case.exit is None or holds(case.exit):
                continue
            above = [other.value for other in self.tag.cases[:place]]
            takers = above if case.yields_to is None else case.yields_to
            if not any(other in may_enter for other in takers):
                return before
        return may_enter[0] if may_enter else self.tag.otherwise


def computed(
    tag: ValuesTag, everyone: Sequence[PersonHistory], moment: Moment
) -> Mapping[ProfileId, str | float]:
    ids = np.array([person.profile_id for person in everyone], dtype=np.uint64)
    holding = [
        np.array(
            [one.profile_id for one in everyone if evaluate(step.condition, one, moment)], dtype=np.uint64
        )
        for step in steps_of("stage", tag)
    ]
    column = values_column(tag, holding, ids)
    found = zip(column.profile_ids.tolist(), column.values, strict=True)
    return {ProfileId(one): value for one, value in found}


@settings(max_examples=300, deadline=None)
@given(
    document=documents(),
    crowd=st.lists(people(), min_size=1, max_size=4),
    steps=st.lists(st.integers(1, 6), min_size=1, max_size=8),
)
def test_whoever_stays_and_whoever_moves_is_as_the_rule_is_told(
    document: Json, crowd: list[PersonHistory], steps: list[int]
) -> None:
    tag = parse_tag(document).recipe
    assert isinstance(tag, ValuesTag)
    everyone = [replace(one, profile_id=ProfileId(number)) for number, one in enumerate(crowd, start=1)]
    expected: dict[ProfileId, str | None] = {one.profile_id: None for one in everyone}
    now: datetime = NOON
    for step in steps:
        now += step * DAY
        moment = at(now)
        expected = {
            one.profile_id: Plain(tag).after(expected[one.profile_id], one, moment) for one in everyone
        }
        found = computed(tag, everyone, moment)
        assert found == {one: value for one, value in expected.items() if value is not None}
        everyone = [
            replace(one, stored={"stage": found[one.profile_id]} if one.profile_id in found else {})
            for one in everyone
        ]
        assert computed(tag, everyone, moment) == found  # to ask twice at one moment is to ask once
