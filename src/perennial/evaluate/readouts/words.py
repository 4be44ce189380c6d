"""A read-out in one sentence, in English and 简体中文."""

from collections.abc import Mapping

from perennial.evaluate.readouts.model import SRM_ALARM, Comparison, Estimate, Obstacle
from perennial.kernel.conditions import LANGUAGES, Language

_OBSTACLES: Mapping[Language, Mapping[Obstacle, str]] = {
    "en": {
        "no_goal": "the journey has no goal",
        "no_control": "the journey has no control group",
        "nobody_matured": "nobody's goal window has ended yet",
        "too_few_people": "one of the groups is too small",
        "too_few_outcomes": "almost everybody did the same",
    },
    "zh-CN": {
        "no_goal": "该旅程没有设定目标",
        "no_control": "该旅程没有对照组",
        "nobody_matured": "还没有人走完目标窗口期",
        "too_few_people": "有一组人数太少",
        "too_few_outcomes": "几乎所有人的结果都一样",
    },
}


def sentences(comparison: Comparison) -> dict[str, str]:
    """The verdict in words, by language."""
    return {language: sentence(comparison, language) for language in LANGUAGES}


def sentence(comparison: Comparison, language: Language) -> str:
    """The verdict in words, with the numbers it rests on."""
    return _english(comparison) if language == "en" else _chinese(comparison)


def _english(comparison: Comparison) -> str:
    gap, obstacle = comparison.difference, comparison.obstacle
    if comparison.verdict == "srm_failed":
        return (
            "No verdict: the groups do not have the sizes that chance would give them "
            f"(p < {SRM_ALARM}), so something other than chance decided who is in which."
        )
    if gap is None or obstacle is not None:
        needed = comparison.people_needed
        why = _OBSTACLES["en"][obstacle or "nobody_matured"]
        more = f" About {needed:,} people would show a relative effect of 10%." if needed else ""
        return f"The effect cannot be measured: {why}.{more}"
    numbers = f"{_points(gap.value)} percentage points (95% interval {_range(gap, ' to ')})"
    if comparison.verdict == "effect_shown":
        word = "more" if gap.value > 0 else "less"
        return f"Effect shown: the treated reached the goal {word} often, by {numbers}."
    return f"No effect shown: the difference is {numbers}, which includes zero.{_blind_spot(comparison)}"


def _blind_spot(comparison: Comparison) -> str:
    visible = comparison.smallest_visible
    return "" if visible is None else f" An effect below {visible * 100:.1f} points would hardly be seen."


def _chinese(comparison: Comparison) -> str:
    gap, obstacle = comparison.difference, comparison.obstacle
    if comparison.verdict == "srm_failed":
        return (
            f"无法下结论：两组人数比例不符合随机分配（p < {SRM_ALARM}），说明分组受到了随机以外的因素影响。"
        )
    if gap is None or obstacle is not None:
        needed = comparison.people_needed
        why = _OBSTACLES["zh-CN"][obstacle or "nobody_matured"]
        more = f"要看出 10% 的相对效果，大约需要 {needed:,} 人。" if needed else ""
        return f"无法衡量效果：{why}。{more}"
    numbers = f"{_points(gap.value)} 个百分点（95% 区间 {_range(gap, ' 至 ')}）"
    if comparison.verdict == "effect_shown":
        word = "更高" if gap.value > 0 else "更低"
        return f"效果显著：实验组的目标达成率{word}，相差 {numbers}。"
    visible = comparison.smallest_visible
    more = "" if visible is None else f"小于 {visible * 100:.1f} 个百分点的效果很难看出来。"
    return f"未发现显著效果：两组相差 {numbers}，区间包含零。{more}"


def _points(share: float) -> str:
    return f"{share * 100:+.1f}"


def _range(estimate: Estimate, separator: str) -> str:
    return f"{_points(estimate.low)}{separator}{_points(estimate.high)}"
