"""Numbers from outside: `experiment-statistics`, sections 1 and 5; recomputed there from their sources."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from perennial.decide.assignment import CONTROL, TREATED, Arm
from perennial.evaluate.readouts.model import ArmResult
from perennial.evaluate.readouts.rules import (
    difference,
    people_needed,
    ratio_mismatch,
    sequence_half_width,
    smallest_visible,
)
from perennial.kernel.ids import bucket

RUNS, LOOKS = 1_000, 20
ARMS: tuple[Arm, Arm] = (TREATED, CONTROL)
Counts = NDArray[np.int64]


@pytest.mark.parametrize(
    ("salt", "unit", "place"),
    [
        ("exp1", "user1", 0.8283072968),
        ("exp1", "user2", 0.1131234169),
        ("exp2", "user1", 0.7241462403),
    ],
)
def test_a_unit_falls_where_section_5_1_says(salt: str, unit: str, place: float) -> None:
    assert bucket(unit, salt=salt) == pytest.approx(place, abs=1e-9)


@pytest.mark.parametrize(
    ("observed", "weights", "p_value"),
    [
        ((505, 500), (0.5, 0.5), 0.8746773813),
        ((500, 500, 600), (1, 1, 1), 0.0019304541),
        ((821588, 815482), (0.5, 0.5), 1.8217928726e-06),
        ((310, 98), (0.5, 0.5), 9.053545e-26),
        ((1500, 500), (0.5, 0.5), 9.505398e-111),
        ((9000, 1100), (0.9, 0.1), 0.0028347491),
        ((95400, 4800), (0.95, 0.05), 0.0023348788),
        ((2023, 1977), (0.5, 0.5), 0.46702758387372245),
    ],
)
def test_sample_ratio_mismatch_is_the_plain_chi_square_of_sections_5_3_and_5_6(
    observed: tuple[int, ...], weights: tuple[float, ...], p_value: float
) -> None:
    assert ratio_mismatch(observed, weights) == pytest.approx(p_value, rel=1e-5)


def test_arms_without_weight_leave_the_check_and_nobody_is_no_mismatch() -> None:
    assert ratio_mismatch((505, 500, 7), (0.5, 0.5, 0)) == pytest.approx(0.8746773813, abs=1e-9)
    assert ratio_mismatch((0, 0), (0.5, 0.5)) == 1
    assert ratio_mismatch((10, 0), (1, 0)) == 1


@pytest.mark.parametrize(
    ("audience", "base", "share", "relative"),
    [
        (10_000, 0.05, 0.05, 0.56),
        (10_000, 0.05, 0.50, 0.24),
        (10_000, 0.01, 0.10, 0.93),
        (100_000, 0.05, 0.20, 0.097),
        (1_000_000, 0.01, 0.05, 0.128),
    ],
)
def test_the_smallest_visible_effect_is_that_of_section_5_8(
    audience: int, base: float, share: float, relative: float
) -> None:
    control = round(audience * share)
    visible = smallest_visible(base, audience - control, control)
    assert visible is not None
    assert visible / base == pytest.approx(relative, rel=0.02)
    # The two questions are each other's inverse.
    assert people_needed(base, control_share=share, lift=visible / base) == pytest.approx(audience, abs=1)


def test_the_confidence_sequence_is_equation_9_written_out() -> None:
    alpha, people, planned, se_squared = 0.05, 800, 1_000, 0.0004
    rho = math.sqrt((-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / planned)
    spread = people * rho**2 + 1
    half = math.sqrt(se_squared * people) * math.sqrt(
        2 * spread / (people * rho) ** 2 * math.log(math.sqrt(spread) / alpha)
    )
    assert sequence_half_width(se_squared, people) == pytest.approx(half, rel=1e-12)
    assert rho**2 * planned == pytest.approx(7.936154, abs=1e-5)


def test_looking_at_any_time_costs_the_width_that_section_1_says() -> None:
    fixed = NormalDist().inv_cdf(0.975)
    for people in (300, 1_000, 3_000):
        assert 1.4 < sequence_half_width(1.0, people) / fixed < 1.9


def test_the_difference_of_two_proportions_has_their_variances() -> None:
    treated = ArmResult(arm="treated", people=30, matured=30, reached=16)
    control = ArmResult(arm="control", people=28, matured=28, reached=14)
    gap = difference(treated, control)
    rate = 16 / 30
    variance = rate * (1 - rate) / 30 + 0.25 / 28
    assert gap.value == pytest.approx(rate - 0.5)
    assert (gap.high - gap.low) / 2 == pytest.approx(sequence_half_width(variance, 58))


def test_twenty_looks_at_no_effect_rarely_show_one() -> None:
    """A/A: 1,000 journeys, looked at 20 times each, after every 100 people; a recorded seed."""
    draws = np.random.default_rng(20_260_331)  # noqa: TID251  the seed is recorded here
    in_control = draws.binomial(100, 0.5, size=(RUNS, LOOKS))
    reached = [draws.binomial(people, 0.2) for people in (100 - in_control, in_control)]
    people_by_look = np.cumsum(np.stack([100 - in_control, in_control]), axis=2)
    reached_by_look = np.cumsum(np.stack(reached), axis=2)
    looked = [
        [(people_by_look[:, run, look], reached_by_look[:, run, look]) for look in range(LOOKS)]
        for run in range(RUNS)
    ]
    wrong = sum(any(_shows_an_effect(*counts) for counts in looks) for looks in looked)
    assert wrong / RUNS <= 0.05
    # The same looks by an interval for one look only show an effect in far more journeys: the check can fail.
    peeking = sum(any(_peeks(*counts) for counts in looks) for looks in looked)
    assert peeking / RUNS > 0.15


def _arms(people: Counts, reached: Counts) -> tuple[ArmResult, ArmResult]:
    treated, control = (
        ArmResult(arm=arm, people=0, matured=int(many), reached=int(goals))
        for arm, many, goals in zip(ARMS, people, reached, strict=True)
    )
    return treated, control


def _shows_an_effect(people: Counts, reached: Counts) -> bool:
    gap = difference(*_arms(people, reached))
    return gap.low > 0 or gap.high < 0


def _peeks(people: Counts, reached: Counts) -> bool:
    """What an interval says that is only valid for one look."""
    rates = reached / people
    variance = float((rates * (1 - rates) / people).sum())
    return abs(float(rates[0] - rates[1])) > NormalDist().inv_cdf(0.975) * math.sqrt(variance)
