"""The arithmetic of a read-out, from counts alone.

Formulas: experiment-statistics, section 1. Proportions have the variance p(1 - p). The interval is the
asymptotic confidence sequence of Waudby-Smith et al. (arXiv 2103.06476, eq. 9 and 155): it holds at all
times at once, so looking early and often is safe.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

from perennial.decide.assignment import CONTROL, TREATED, Arm
from perennial.evaluate.readouts.model import (
    ALPHA,
    LEAST_OUTCOMES,
    LEAST_PEOPLE,
    PLANNED_SAMPLE,
    POWER,
    TARGET_LIFT,
    ArmGroup,
    ArmResult,
    Comparison,
    Estimate,
    Obstacle,
    RatioCheck,
)

_Z = NormalDist().inv_cdf(1 - ALPHA / 2) + NormalDist().inv_cdf(POWER)


def compare(groups: Sequence[ArmGroup], *, control_share: float | None, has_goal: bool) -> Comparison:
    """Whether the treated did better than the control, among those who came in under this control share."""
    share = control_share or 0.0
    mine = [group for group in groups if math.isclose(group.control_share, share, abs_tol=1e-9)]
    treated, control = _total(mine, TREATED), _total(mine, CONTROL)
    left_out = sum(group.people for group in groups) - treated.people - control.people
    srm = None if control_share is None else _srm(treated, control, share)
    obstacle = _obstacle(treated, control, has_control=control_share is not None, has_goal=has_goal)
    base = control.goal_rate if control.reached else treated.goal_rate
    comparison = Comparison(
        arms=(treated, control),
        difference=None,
        relative=None,
        srm=srm,
        verdict="cannot_be_measured",
        obstacle=obstacle,
        people_needed=people_needed(base or 0.0, control_share=share) if has_goal else None,
        left_out=left_out,
    )
    if obstacle is None:
        comparison = _estimated(comparison, treated, control, base)
    return replace(comparison, verdict="srm_failed") if srm is not None and srm.is_alarming else comparison


def _estimated(
    comparison: Comparison, treated: ArmResult, control: ArmResult, base: float | None
) -> Comparison:
    gap = difference(treated, control)
    return replace(
        comparison,
        difference=gap,
        relative=relative_difference(treated, control),
        verdict="effect_shown" if gap.low > 0 or gap.high < 0 else "no_effect_shown",
        smallest_visible=smallest_visible(base, treated.matured, control.matured),
    )


def difference(treated: ArmResult, control: ArmResult) -> Estimate:
    """Treated minus control in goal rates, always-valid 95 % interval. Both arms have matured people."""
    rate_1, rate_0 = _rate(treated), _rate(control)
    variance = rate_1 * (1 - rate_1) / treated.matured + rate_0 * (1 - rate_0) / control.matured
    half = sequence_half_width(variance, treated.matured + control.matured)
    gap = rate_1 - rate_0
    return Estimate(value=gap, low=max(-1.0, gap - half), high=min(1.0, gap + half))


def relative_difference(treated: ArmResult, control: ArmResult) -> Estimate | None:
    """The lift over the control's rate, by the log-ratio, always valid; None where a rate is 0."""
    rate_1, rate_0 = _rate(treated), _rate(control)
    if rate_1 == 0 or rate_0 == 0:
        return None
    variance = (1 - rate_1) / (treated.matured * rate_1) + (1 - rate_0) / (control.matured * rate_0)
    half = sequence_half_width(variance, treated.matured + control.matured)
    log_ratio = math.log(rate_1 / rate_0)
    return Estimate(
        value=math.expm1(log_ratio), low=math.expm1(log_ratio - half), high=math.expm1(log_ratio + half)
    )


def sequence_half_width(
    variance: float, people: int, *, alpha: float = ALPHA, planned: int = PLANNED_SAMPLE
) -> float:
    """Half the width of the confidence sequence of an estimate with this squared standard error.

    `people` are of both arms; `planned` is the N* at which the sequence is tightest.
    """
    log_alpha = -2 * math.log(alpha)
    rho_squared = (log_alpha + math.log(log_alpha + 1)) / planned
    spread = people * rho_squared + 1
    boundary = math.sqrt(2 * spread / (people**2 * rho_squared) * math.log(math.sqrt(spread) / alpha))
    return math.sqrt(variance * people) * boundary


def ratio_mismatch(observed: Sequence[int], weights: Sequence[float]) -> float:
    """The p-value of arm sizes under their weights: plain chi-square, arms of weight 0 left out.

    1 where there is nobody, or only one arm.
    """
    cells = [(count, weight) for count, weight in zip(observed, weights, strict=True) if weight > 0]
    total, whole = sum(count for count, _ in cells), sum(weight for _, weight in cells)
    if total == 0 or len(cells) < 2:
        return 1.0
    expected = [(count, total * weight / whole) for count, weight in cells]
    statistic = sum((count - mean) ** 2 / mean for count, mean in expected)
    # Imported where it is needed: it takes a quarter of a second, and most commands ask for no read-out.
    from scipy.special import gammaincc  # noqa: PLC0415

    return float(gammaincc((len(cells) - 1) / 2, statistic / 2))


def people_needed(base: float, *, control_share: float, lift: float = TARGET_LIFT) -> int | None:
    """People of both arms that show a relative effect with 80 % power, at the base rate's variance.

    None where the base rate is 0 or 1: then no number is enough.
    """
    if not 0 < base < 1 or not 0 < control_share < 1:
        return None
    per_share = 1 / control_share + 1 / (1 - control_share)
    return math.ceil((_Z / lift) ** 2 * (1 - base) / base * per_share)


def smallest_visible(base: float | None, treated: int, control: int) -> float | None:
    """The smallest absolute difference that these sizes show with 80 % power (experiment-statistics, 5.8)."""
    if base is None or not 0 < base < 1 or not treated or not control:
        return None
    return _Z * math.sqrt(base * (1 - base) * (1 / treated + 1 / control))


def _total(groups: Sequence[ArmGroup], arm: Arm) -> ArmResult:
    own = [group for group in groups if group.arm == arm]
    return ArmResult(
        arm=arm,
        people=sum(group.people for group in own),
        matured=sum(group.matured for group in own),
        reached=sum(group.reached for group in own),
    )


def _srm(treated: ArmResult, control: ArmResult, control_share: float) -> RatioCheck:
    # Over everyone assigned, matured or not: assignment is what is being checked.
    p_value = ratio_mismatch((treated.people, control.people), (1 - control_share, control_share))
    return RatioCheck(p_value=p_value)


def _obstacle(
    treated: ArmResult, control: ArmResult, *, has_control: bool, has_goal: bool
) -> Obstacle | None:
    if not has_goal:
        return "no_goal"
    if not has_control:
        return "no_control"
    matured, reached = treated.matured + control.matured, treated.reached + control.reached
    if matured == 0:
        return "nobody_matured"
    if min(treated.matured, control.matured) < LEAST_PEOPLE:
        return "too_few_people"
    return "too_few_outcomes" if min(reached, matured - reached) < LEAST_OUTCOMES else None


def _rate(arm: ArmResult) -> float:
    return arm.reached / arm.matured
