"""A tag's stored value within a condition: what stands for it, what moves it, and how it is told."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest

from perennial.compute.definitions.lineage import tag_lineage
from perennial.compute.reasons.rules import inquire
from perennial.compute.segments.concern import concerning
from perennial.compute.segments.crossing import Passage, crossed
from perennial.compute.segments.kept import has_kept
from perennial.compute.tags import TagColumn, parse_tag
from perennial.compute.tags.columns import Coded, Numbers
from perennial.compute.tags.model import Scalar, ValuesTag
from perennial.compute.tags.stages import steps_of
from perennial.compute.tags.stored import passing
from perennial.kernel.conditions import (
    All,
    Condition,
    Constant,
    KnownDefinitions,
    StoredRule,
    TagIs,
    ValueRule,
    explain,
    parse_condition,
    resolve,
)
from perennial.kernel.conditions import Test as Comparison
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.testing import at

NOON = at().as_of
KINDS = KnownDefinitions(tags={"kinds": StoredRule(), "score": StoredRule(is_number=True)})
BOUGHT = parse_condition({"did": "order_paid", "within": "30d"})


def stored(tag: str, value: Scalar) -> TagIs:
    return TagIs(tag=tag, test=Comparison(operator="=", literal=value), is_stored=True)


def test_where_no_rule_says_a_value_the_question_itself_stays() -> None:
    asked = parse_condition({"all": [{"tag": "kinds", "is": "vip"}, {"did": "order_paid", "within": "30d"}]})
    assert resolve(asked, KINDS) == All(of=(stored("kinds", "vip"), BOUGHT))
    assert resolve(stored("kinds", "vip"), KnownDefinitions()) == stored("kinds", "vip")
    assert has_kept(resolve(asked, KINDS))
    assert not has_kept(BOUGHT)


@pytest.mark.parametrize(
    ("document", "is_right"),
    [
        ({"tag": "score", "is": ">= 3"}, True),
        ({"tag": "score", "in_last": "3d"}, False),
        ({"tag": "kinds", "before": "2026-01-01"}, False),
        ({"tag": "kinds", "not_in": ["vip"]}, True),
    ],
)
def test_a_test_that_a_stored_value_cannot_take_is_refused(document: Json, *, is_right: bool) -> None:
    condition = parse_condition(document)
    if is_right:
        assert has_kept(resolve(condition, KINDS))
        return
    with pytest.raises(InvalidDocument) as refused:
        resolve(condition, KINDS)
    assert [problem.code for problem in refused.value.problems] == ["wrong_type"]


def test_neither_an_event_nor_time_moves_what_is_stored() -> None:
    passed = Passage(since=NOON, until=NOON + timedelta(minutes=1), zone=Zone())
    assert concerning(stored("kinds", "vip")) == frozenset()
    assert crossed([stored("kinds", "vip")], passed) == [Constant(value=False)]
    assert crossed([All(of=(stored("kinds", "vip"), BOUGHT))], passed) == crossed([BOUGHT], passed)


@pytest.mark.parametrize(
    "values", [("a", "b", "a"), Coded[Scalar](["a", "b"], np.array([0, 1, 0]))], ids=["rows", "columns"]
)
def test_who_passes_is_found_in_rows_and_in_columns(values: Sequence[Scalar]) -> None:
    column = TagColumn(profile_ids=np.array([2, 3, 5], dtype=np.uint64), values=values)
    everyone = np.array([1, 2, 3, 5], dtype=np.uint64)
    assert passing(stored("t", "a"), column, None).tolist() == [2, 5]
    other = TagIs(tag="t", test=Comparison(operator="!=", literal="a"), is_stored=True)
    assert passing(other, column, everyone).tolist() == [1, 3]
    with pytest.raises(TypeError):
        passing(other, column, None)


def test_numbers_are_compared_as_numbers() -> None:
    numbers = Numbers(np.array([1.5, 2.0, 1.5]))
    column = TagColumn(profile_ids=np.array([2, 3, 5], dtype=np.uint64), values=numbers)
    less = TagIs(tag="t", test=Comparison(operator="<", literal=2.0), is_stored=True)
    assert passing(less, column, None).tolist() == [2, 5]


def test_it_is_told_that_the_value_is_a_stored_one() -> None:
    assert explain(stored("kinds", "vip"), "en") == "The person has a stored tag kinds that is “vip”."
    assert explain(stored("kinds", "vip"), "zh-CN").startswith("此人已存标签")


def test_a_reason_looks_the_stored_value_up() -> None:
    asked = inquire(parse_condition({"tag": "kinds", "is": "vip"}), KINDS, at=at())
    assert (asked.stored, asked.parts, asked.meant) == ("kinds", (), stored("kinds", "vip"))


STAGE: Json = {
    "id": "stage",
    "values": [
        {"value": "new", "if": {"did": "signed_up", "within": "7d"}},
        {"value": "keen", "enter": {"did": "visit", "times": ">= 5"}, "exit": {"did": "left"}},
        {"value": "cool", "if": {"did": "visit"}, "exit": {"did": "back"}, "yields_to": ["new"]},
    ],
}


def staged() -> ValuesTag:
    recipe = parse_tag(STAGE).recipe
    assert isinstance(recipe, ValuesTag)
    return recipe


def test_who_stays_is_asked_before_who_may_enter_and_each_part_knows_its_place() -> None:
    steps = steps_of("stage", staged())
    assert [(step.value, step.path) for step in steps] == [
        ("keen", "$.values[1].exit"),
        ("cool", "$.values[2].exit"),
        ("new", "$.values[0].if"),
        ("keen", "$.values[1].enter"),
        ("cool", "$.values[2].if"),
    ]
    assert explain(steps[1].condition, "en") == (
        "The person has a stored tag stage that is “cool”, and has never done back, and did not do signed_up "
        "in the last 7 days."
    )


def test_what_a_stay_rests_on_is_in_its_lineage() -> None:
    assert sorted(tag_lineage(staged()).events) == ["back", "left", "signed_up", "visit"]


def test_a_circle_through_an_exit_is_found_and_a_stay_is_none() -> None:
    def rule(leaving: Condition) -> ValueRule:
        return ValueRule(values=(("keen", All(of=(stored("stage", "keen"), leaving))),))

    asked = parse_condition({"tag": "stage", "is": "keen"})
    assert has_kept(resolve(asked, KnownDefinitions(tags={"stage": rule(BOUGHT)})))
    with pytest.raises(InvalidDocument) as refused:
        resolve(asked, KnownDefinitions(tags={"stage": rule(asked)}))
    assert [problem.code for problem in refused.value.problems] == ["cycle"]
