import pytest

from perennial.decide.assignment import assign

WEIGHTS = (("a", 1.0), ("b", 2.0), ("c", 1.0))


def test_weights_need_not_sum_to_one_and_the_probability_is_the_share() -> None:
    shares = {"a": 0.25, "b": 0.5, "c": 0.25}
    got = [assign(f"u{number}", salt="s", weights=WEIGHTS) for number in range(4000)]
    assert all(one.probability == shares[one.arm] for one in got)
    for arm, share in shares.items():
        assert abs(sum(one.arm == arm for one in got) / 4000 - share) < 0.03


def test_other_salts_divide_independently() -> None:
    both = [
        (assign(f"u{n}", salt="x", weights=WEIGHTS).arm, assign(f"u{n}", salt="y", weights=WEIGHTS).arm)
        for n in range(4000)
    ]
    assert abs(both.count(("b", "b")) / 4000 - 0.25) < 0.03


def test_a_changed_weight_moves_only_the_people_between() -> None:
    for number in range(500):
        before = assign(f"u{number}", salt="s", weights=(("control", 10), ("treated", 90))).arm
        after = assign(f"u{number}", salt="s", weights=(("control", 20), ("treated", 80))).arm
        assert after == before or (before, after) == ("treated", "control")


def test_an_arm_without_weight_is_never_assigned() -> None:
    assert {assign(f"u{n}", salt="s", weights=(("a", 0), ("b", 1))).arm for n in range(200)} == {"b"}


@pytest.mark.parametrize("weights", [(), (("a", 0.0),), (("a", -1.0), ("b", 2.0))])
def test_weights_that_divide_nobody_are_refused(weights: tuple[tuple[str, float], ...]) -> None:
    with pytest.raises(ValueError, match="weights"):
        assign("u", salt="s", weights=weights)
