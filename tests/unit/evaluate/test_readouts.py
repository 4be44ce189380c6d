from dataclasses import replace
from datetime import UTC, datetime

import pytest

from perennial.decide.assignment import Arm
from perennial.evaluate.readouts import ArmGroup, Comparison, compare, sentence
from perennial.evaluate.readouts.rules import relative_difference

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def group(
    arm: Arm, *, people: int = 2_000, reached: int = 400, matured: int | None = None, share: float = 0.5
) -> ArmGroup:
    matured = people if matured is None else matured
    return ArmGroup(arm=arm, control_share=share, people=people, matured=matured, reached=reached)


def verdict(*groups: ArmGroup, share: float | None = 0.5, has_goal: bool = True) -> Comparison:
    return compare(groups, control_share=share, has_goal=has_goal)


def test_equal_arms_show_no_effect_and_say_what_they_could_not_have_seen() -> None:
    found = verdict(group("treated"), group("control"))
    assert found.verdict == "no_effect_shown"
    assert found.difference is not None
    assert found.difference.low < 0 < found.difference.high
    assert found.srm is not None
    assert found.srm.p_value == 1
    assert "includes zero" in sentence(found, "en")
    assert "3.5 points" in sentence(found, "en")
    assert "区间包含零" in sentence(found, "zh-CN")


@pytest.mark.parametrize(
    ("reached", "english", "chinese"), [(600, "more often", "更高"), (200, "less often", "更低")]
)
def test_a_clear_difference_is_an_effect_in_its_direction(reached: int, english: str, chinese: str) -> None:
    found = verdict(group("treated", reached=reached), group("control"))
    assert found.verdict == "effect_shown"
    assert english in sentence(found, "en")
    assert chinese in sentence(found, "zh-CN")


def test_only_matured_people_are_compared_and_their_share_is_stated() -> None:
    found = verdict(group("treated", matured=1_000, reached=200), group("control", matured=500, reached=100))
    assert [arm.goal_rate for arm in found.arms] == [0.2, 0.2]
    assert found.matured_share == 0.375


def test_arms_of_the_wrong_size_get_no_verdict_however_clear_the_effect() -> None:
    found = verdict(group("treated", reached=1_500), group("control", people=1_500, reached=10))
    assert found.verdict == "srm_failed"
    assert "chance" in sentence(found, "en")
    assert "随机" in sentence(found, "zh-CN")


@pytest.mark.parametrize(
    ("found", "obstacle"),
    [
        (verdict(group("treated"), group("control"), has_goal=False), "no_goal"),
        (verdict(group("treated", share=0.0), share=None), "no_control"),
        (verdict(), "nobody_matured"),
        (
            verdict(group("treated", matured=0, reached=0), group("control", matured=0, reached=0)),
            "nobody_matured",
        ),
        (
            verdict(group("treated", people=29, reached=9), group("control", people=30, reached=9)),
            "too_few_people",
        ),
        (verdict(group("treated", reached=4), group("control", reached=5)), "too_few_outcomes"),
        (verdict(group("treated", reached=2_000), group("control", reached=1_995)), "too_few_outcomes"),
    ],
)
def test_what_cannot_be_measured_says_why(found: Comparison, obstacle: str) -> None:
    assert (found.verdict, found.obstacle, found.difference) == ("cannot_be_measured", obstacle, None)
    assert "cannot be measured" in sentence(found, "en")
    assert "无法衡量" in sentence(found, "zh-CN")


def test_too_few_people_are_told_how_many_it_takes() -> None:
    found = verdict(group("treated", people=20, reached=4), group("control", people=20, reached=4))
    assert found.people_needed == 12_559
    assert "12,559" in sentence(found, "en")


def test_people_of_another_control_share_are_left_out_and_counted() -> None:
    found = verdict(group("treated"), group("control"), group("treated", people=70, share=0.1))
    assert found.left_out == 70
    assert found.arms[0].people == 2_000


def test_the_relative_effect_is_missing_where_an_arm_has_no_goal() -> None:
    treated, control = verdict(group("treated"), group("control", reached=200)).arms
    lift = relative_difference(treated, control)
    assert lift is not None
    assert lift.value == pytest.approx(1.0)
    assert 0 < lift.low < 1 < lift.high
    assert relative_difference(treated, replace(control, reached=0)) is None
