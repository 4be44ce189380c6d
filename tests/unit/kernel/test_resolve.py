from collections.abc import Sequence
from itertools import groupby
from math import ceil

import pytest

from perennial.kernel.conditions import (
    Aggregate,
    Condition,
    EventPattern,
    KnownDefinitions,
    MeasureRule,
    ScoreGroup,
    ScorePart,
    ScoreRule,
    TagRule,
    ValueRule,
    parse_condition,
    resolve,
)
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json
from perennial.testing import PersonHistory, evaluate
from perennial.testing.builders import a_person, an_event, at, days

PAID = EventPattern(event="order_paid")
LIFECYCLE = ValueRule(
    values=(
        ("active", parse_condition({"did": "order_paid", "within": "7d"})),
        ("dormant", parse_condition({"did": "order_paid", "within": "30d"})),
    ),
    otherwise="churned",
)
SPENT = MeasureRule(aggregate=Aggregate(kind="avg", property="amount"), pattern=PAID)
ORDERS = MeasureRule(aggregate=Aggregate(kind="count"), pattern=PAID)


def score_cuts(values: Sequence[float], *, scores: int = 5, low_is_good: bool = False) -> tuple[float, ...]:
    """The cuts that give each value the score `ceil(average rank / n * scores)`: equal values, equal scores.

    Cut k is the least value whose score is above k (the greatest, where low is good). A score that nobody
    reaches leaves no cut, so that ties can fill several scores. predictive-models, 3.3 and 4.1.
    """
    ordered = sorted(values, reverse=low_is_good)
    cuts: list[float] = []
    below = 0
    for value, same in groupby(ordered):
        size = sum(1 for _ in same)
        # Twice the average rank (1 + … + n, ties averaged) is whole, so the ceiling is exact.
        score = ceil((2 * below + size + 1) * scores / (2 * len(ordered)))
        cuts.extend([value] * (score - 1 - len(cuts)))
        below += size
    return tuple(cuts)


def holds(document: Json, person: PersonHistory, **tags: TagRule) -> bool:
    return evaluate(resolve(parse_condition(document), KnownDefinitions(tags=tags)), person, at())


@pytest.mark.parametrize(("ago", "value"), [(1, "active"), (8, "dormant"), (31, "churned")])
def test_the_first_value_whose_condition_holds_is_the_only_one(ago: int, value: str) -> None:
    person = a_person(an_event(ago=days(ago)))
    given = [
        name
        for name in ("active", "dormant", "churned")
        if holds({"tag": "t", "is": name}, person, t=LIFECYCLE)
    ]
    assert given == [value]
    assert holds({"tag": "t", "in": ["active", value]}, person, t=LIFECYCLE)
    assert holds({"tag": "t", "!=": value}, person, t=LIFECYCLE) is False
    assert holds({"tag": "t", "set": True}, person, t=LIFECYCLE)


def test_a_person_without_a_value_passes_only_what_missing_passes() -> None:
    rule = ValueRule(values=LIFECYCLE.values)
    nobody = a_person()
    assert holds({"tag": "t", "!=": "active"}, nobody, t=rule)
    assert holds({"tag": "t", "set": False}, nobody, t=rule)
    assert not holds({"tag": "t", "is": "active"}, nobody, t=rule)


def test_a_numeric_tag_that_is_missing_passes_not_equal_although_a_measure_would_not() -> None:
    nobody, somebody = a_person(), a_person(an_event(properties={"amount": 5}))
    assert holds({"tag": "t", "!=": 5}, nobody, t=SPENT)
    assert holds({"tag": "t", "not_in": [5]}, nobody, t=SPENT)
    assert holds({"tag": "t", "set": False}, nobody, t=SPENT)
    assert not holds({"tag": "t", "!=": 5}, somebody, t=SPENT)
    assert holds({"tag": "t", "is": ">= 5"}, somebody, t=SPENT)
    assert holds({"tag": "t", "set": True}, nobody, t=ORDERS)


@pytest.mark.parametrize(
    ("document", "rule"),
    [({"tag": "t", "is": "100"}, SPENT), ({"tag": "t", "before": "2026-01-01"}, LIFECYCLE),
     ({"tag": "t", "contains": "1"}, SPENT), ({"tag": "t", "is": True}, SPENT)],
)  # fmt: skip
def test_a_test_that_a_tags_values_cannot_take_is_refused(document: Json, rule: TagRule) -> None:
    with pytest.raises(InvalidDocument) as refused:
        holds({"all": [document]}, a_person(), t=rule)
    assert refused.value.code == "invalid_document"
    assert refused.value.problems[0].code == "wrong_type"
    assert refused.value.problems[0].path.startswith("$.all[0].")


def test_equal_values_get_equal_scores_by_average_rank() -> None:
    values = [1, 1, 1, 1, 1, 2, 3, 4, 5, 6]
    cuts = score_cuts(values)
    assert [1 + sum(cut <= value for cut in cuts) for value in values] == [2, 2, 2, 2, 2, 3, 4, 4, 5, 5]


def test_where_low_is_good_the_lowest_scores_best() -> None:
    values = [1, 2, 3, 4, 5]
    cuts = score_cuts(values, low_is_good=True)
    assert [1 + sum(cut >= value for cut in cuts) for value in values] == [5, 4, 3, 2, 1]


def test_nobody_leaves_no_cuts_and_everybody_alike_scores_in_the_middle() -> None:
    assert score_cuts([]) == ()
    assert [1 + sum(cut <= 7 for cut in score_cuts([7] * 9))] == [3]


def rfm() -> ScoreRule:
    recency = ScorePart(
        name="r", aggregate=Aggregate(kind="last_ago"), pattern=PAID, cuts=(40, 20, 10, 5), low_is_good=True
    )
    frequency = ScorePart(name="f", aggregate=Aggregate(kind="count"), pattern=PAID, cuts=(1, 2, 3, 4))
    names = {(True, True): "best", (True, False): "new", (False, True): "at_risk", (False, False): "lost"}
    groups = tuple(ScoreGroup(name=name, high=high) for high, name in names.items())
    return ScoreRule(
        population=parse_condition({"did": "order_paid"}), parts=(recency, frequency), groups=groups
    )


@pytest.mark.parametrize(
    ("agos", "group"),
    [((1, 2, 3), "best"), ((10,), "new"), ((11, 12, 13), "at_risk"), ((11,), "lost"), ((), None)],
)
def test_a_score_names_the_group_and_outsiders_have_none(agos: tuple[int, ...], group: str | None) -> None:
    person = a_person(*(an_event(ago=days(ago)) for ago in agos))
    given = [
        name
        for name in ("best", "new", "at_risk", "lost")
        if holds({"tag": "t", "is": name}, person, t=rfm())
    ]
    assert given == ([group] if group else [])
    assert holds({"tag": "t", "set": False}, person, t=rfm()) is (group is None)


def test_a_circle_is_refused_with_the_way_round() -> None:
    definitions = KnownDefinitions(
        tags={"t": ValueRule(values=(("x", parse_condition({"segment": "b"})),))},
        segments={
            "a": parse_condition({"tag": "t", "is": "x"}),
            "b": parse_condition({"not": {"segment": "a"}}),
        },
    )
    with pytest.raises(InvalidDocument, match="segment a → tag t → segment b → segment a") as refused:
        resolve(parse_condition({"segment": "a"}), definitions)
    assert refused.value.problems[0].code == "cycle"


def test_what_does_not_exist_is_refused_at_its_place() -> None:
    definitions = KnownDefinitions(
        segments={"a": parse_condition({"all": [{"segment": "hig_value"}]}), "high_value": ANY}
    )
    with pytest.raises(InvalidDocument) as refused:
        resolve(parse_condition({"not": {"segment": "a"}}), definitions)
    problem = refused.value.problems[0]
    assert (problem.path, problem.code) == ("segment a: $.all[0].segment", "unknown_segment")
    assert problem.hint == "Did you mean 'high_value'?"


ANY: Condition = parse_condition({"did": "*"})


def test_a_long_chain_of_segments_is_refused_before_it_is_followed_too_far() -> None:
    chain = {f"s{n}": parse_condition({"segment": f"s{n + 1}"}) for n in range(500)}
    with pytest.raises(InvalidDocument, match="64 deep"):
        resolve(parse_condition({"segment": "s0"}), KnownDefinitions(segments=chain))


def test_definitions_that_double_at_every_step_are_refused_before_they_grow() -> None:
    twice = {
        f"s{n}": parse_condition({"all": [{"segment": f"s{n - 1}"}, {"any": [{"segment": f"s{n - 1}"}]}]})
        for n in range(1, 40)
    }
    segments = {"s0": parse_condition({"did": "order_paid"}), **twice}
    with pytest.raises(InvalidDocument) as refused:
        resolve(parse_condition({"segment": "s39"}), KnownDefinitions(segments=segments))
    assert refused.value.problems[0].code == "too_large"
    assert resolve(parse_condition({"segment": "s8"}), KnownDefinitions(segments=segments))
