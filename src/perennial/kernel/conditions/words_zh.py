"""Conditions in 简体中文."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import assert_never

from perennial.kernel.conditions.model import (
    Aggregate,
    All,
    AnyOf,
    Change,
    Condition,
    Constant,
    Did,
    EventPattern,
    InSegment,
    Literal_,
    Measure,
    Not,
    Operator,
    TagIs,
    Test,
    Trait,
)
from perennial.kernel.conditions.rules import PASSED_BY_MISSING
from perennial.kernel.conditions.wording import Names, amount_and_unit, is_never, is_once, number_text
from perennial.kernel.windows import Between, Calendar, CalendarWord, LookBack, Window

_ORDER: dict[Operator, str] = {
    "=": "等于",
    "!=": "不等于",
    ">": "大于",
    ">=": "不小于",
    "<": "小于",
    "<=": "不大于",
}
_COUNT: dict[Operator, str] = {
    "=": "恰好",
    "!=": "不是",
    ">": "超过",
    ">=": "至少",
    "<": "不到",
    "<=": "至多",
}
_WORDS: dict[Operator, str] = {
    "contains": "包含",
    "not_contains": "不包含",
    "starts_with": "开头是",
    "ends_with": "结尾是",
    "matches": "符合模式",
    "=": "是",
    "!=": "不是",
}
_AGGREGATE = {
    "sum": "总和",
    "avg": "平均值",
    "min": "最小值",
    "max": "最大值",
    "median": "中位数",
}
_CALENDAR: dict[CalendarWord, str] = {
    "today": "今天",
    "yesterday": "昨天",
    "this_week": "本周",
    "last_week": "上周",
    "this_month": "本月",
    "last_month": "上月",
    "this_quarter": "本季度",
    "last_quarter": "上季度",
    "this_year": "今年",
    "last_year": "去年",
}
_UNITS = {"day": "天", "hour": "小时", "minute": "分钟", "second": "秒"}


def sentence(condition: Condition, names: Names) -> str:
    """The condition as a sentence about one person."""
    said = clause(condition, names)
    owner = "此人的" if said.startswith((_TRAIT, _TAG)) else "此人"
    return glue(owner, said, "。")


def glue(*parts: str) -> str:
    """Parts as one text, with the space that stands between Chinese and Latin letters or digits."""
    text = ""
    for part in parts:
        if text and part and _needs_space(text[-1], part[0]):
            text += " "
        text += part
    return text


def _needs_space(left: str, right: str) -> bool:
    latin = [letter.isascii() and not letter.isspace() for letter in (left, right)]
    chinese = ["一" <= letter <= "鿿" for letter in (left, right)]
    return (latin[0] and (latin[1] or chinese[1])) or (chinese[0] and latin[1])


_TRAIT, _TAG = "特征", "标签"


def clause(condition: Condition, names: Names) -> str:
    """The condition as what follows 此人."""
    match condition:
        case Constant():
            return "可以是任何人" if condition.value else "不可能存在"
        case All():
            return _joined(condition.of, "，并且", names)
        case AnyOf():
            return _joined(condition.of, "，或者", names)
        case Not():
            return _negated(condition.of, names)
        case _:
            return _question(condition, names)


def _question(condition: Did | Measure | Change | Trait | TagIs | InSegment, names: Names) -> str:
    match condition:
        case Did():
            return _did(condition, names)
        case Measure():
            return _measure(condition, names)
        case Change():
            return _change(condition, names)
        case Trait():
            return glue(_TRAIT, _value_test(names("trait", condition.trait), condition.test))
        case TagIs():
            return glue(_TAG, _value_test(names("tag", condition.tag), condition.test))
        case InSegment():
            return f"属于分群“{names('segment', condition.segment)}”"
        case _:
            assert_never(condition)


def _joined(conditions: Sequence[Condition], word: str, names: Names) -> str:
    said = [_bracketed(each, names) if len(conditions) > 1 else clause(each, names) for each in conditions]
    return word.join(said)


def _bracketed(condition: Condition, names: Names) -> str:
    said = clause(condition, names)
    return f"（{said}）" if isinstance(condition, All | AnyOf) and len(condition.of) > 1 else said


def _negated(condition: Condition, names: Names) -> str:
    match condition:
        case InSegment():
            return f"不属于分群“{names('segment', condition.segment)}”"
        case Did() if is_once(condition.times):
            return _never(condition, names)
        case Not():
            return clause(condition.of, names)
        case _:
            return glue("并非", _bracketed(condition, names))


def _did(did: Did, names: Names) -> str:
    if is_never(did.times):
        return _never(did, names)
    if did.times.operator == "!=" and not is_once(did.times):
        event, where = _event(did.pattern, names), _where(did.pattern, names)
        return glue(_window(did.window), event, "的次数", _order(did.times), where)
    often = "" if is_once(did.times) else _amount(did.times, "次")
    return glue(_window(did.window), "发生过", often, _event(did.pattern, names), _where(did.pattern, names))


def _never(did: Did, names: Names) -> str:
    never = "从未发生过" if did.window is None else "没有发生过"
    return glue(_window(did.window), never, _event(did.pattern, names), _where(did.pattern, names))


def _amount(test: Test, unit: str) -> str:
    """How many times or days: 至少 2 次."""
    match test.operator, test.literal:
        case "between", (low, high):
            return glue(number_text(low), "到", number_text(high), unit)
        case (("in" | "not_in"), tuple() as several):
            word = "不是" if test.operator == "not_in" else "恰好"
            return glue(word, "或".join(f" {number_text(each)} " for each in several).strip(), unit)
        case _:
            return glue(_COUNT[test.operator], number_text(test.literal), unit)


def _order(test: Test, suffix: str = "") -> str:
    """How large a number: 不小于 500."""
    match test.operator, test.literal:
        case "between", (low, high):
            return glue("在", number_text(low) + suffix, "到", number_text(high) + suffix, "之间")
        case (("in" | "not_in"), tuple() as several):
            listed = "、".join(number_text(each) + suffix for each in several)
            return glue("是" if test.operator == "in" else "不是", listed, "之一" if len(several) > 1 else "")
        case _:
            return glue(_ORDER[test.operator], number_text(test.literal) + suffix)


def _measure(measure: Measure, names: Names) -> str:
    kind = measure.aggregate.kind
    window, where = _window(measure.window), _where(measure.pattern, names)
    event = _event(measure.pattern, names)
    match kind:
        case "count":
            return glue(window, "发生过", _amount(measure.test, "次"), event, where)
        case "days":
            return glue(window, "有", _amount(measure.test, "天"), "发生过", event, where)
        case "streak":
            return glue(window, "到目前为止连续", _amount(measure.test, "天"), "发生过", event, where)
        case "first_ago" | "last_ago":
            end = "首次" if kind == "first_ago" else "最近一次"
            return glue(window, end, "发生", event, "距今", _amount(measure.test, "天"), where)
        case _:
            return glue(
                window, event, "的", _aggregate(measure.aggregate, names), _order(measure.test), where
            )


def _change(change: Change, names: Names) -> str:
    notes = [] if change.floor is None else [f"基准值须不小于 {number_text(change.floor)}"]
    notes += ["新用户也计入"] if change.include_new else []
    return glue(
        "最近",
        _span(change.over),
        "内",
        _event(change.pattern, names),
        "的",
        _aggregate(change.aggregate, names),
        _moved(change),
        _where(change.pattern, names),
        f"（{'，'.join(notes)}）" if notes else "",
    )


def _moved(change: Change) -> str:
    """How far something moved: a fall is said as a fall where the numbers allow it."""
    suffix = "%" if change.percent else ""
    test, against = change.test, _against(change)
    if isinstance(test.literal, int | float) and test.literal:
        size = f"{number_text(abs(test.literal))}{suffix}"
        if test.literal < 0 and test.operator in ("<", "<="):
            return glue("比", against, f"下降{'至少' if test.operator == '<=' else '超过'}", size)
        if test.literal > 0 and test.operator in (">", ">="):
            return glue("比", against, f"上升{'至少' if test.operator == '>=' else '超过'}", size)
    return glue("与", against, "相比，变化", _order(test, suffix))


def _against(change: Change) -> str:
    if change.against.shift is not None:
        return glue(_span(change.against.shift), "前的同一时段")
    if change.against.windows == 1:
        return glue("之前", _span(change.over))
    return glue("之前", str(change.against.windows), "个", _span(change.over), "时段的平均值")


def _aggregate(aggregate: Aggregate, names: Names) -> str:
    if aggregate.property is None:
        return {"count": "次数", "days": "天数"}.get(aggregate.kind, aggregate.kind)
    name = names("property", aggregate.property)
    if aggregate.kind == "distinct":
        return glue("不同", name, "的个数")
    return glue(name, _AGGREGATE[aggregate.kind])


def _event(pattern: EventPattern, names: Names) -> str:
    return "任意行为" if pattern.event == "*" else names("event", pattern.event)


def _where(pattern: EventPattern, names: Names) -> str:
    tests = [_value_test(names("property", it.property), it.test) for it in pattern.where]
    return glue("（其中", "，且 ".join(tests), "）") if tests else ""


def _value_test(name: str, test: Test) -> str:
    """A test of something that has a name, marked where a missing value surprisingly passes it."""
    folded = "（不分大小写）" if test.ignore_case else ""
    unknown = "（或未知）" if test.operator in PASSED_BY_MISSING else ""
    return glue(name, _value_words(test), folded, unknown)


def _value_words(test: Test) -> str:
    match test.operator, test.literal:
        case "set", wanted:
            return "有值" if wanted else "没有值"
        case "between", (low, high):
            return glue("在", _literal(low), "到", _literal(high), "之间")
        case (("in" | "any_of" | "not_in"), tuple() as several):
            word = "不是" if test.operator == "not_in" else "是"
            return glue(
                word, "、".join(_literal(each) for each in several), "之一" if len(several) > 1 else ""
            )
        case "all_of", tuple() as several:
            return glue("同时有", "、".join(_literal(each) for each in several))
        case (("before" | "after" | "in_last" | "in_next"), literal):
            return _time_test(test.operator, literal)
        case _:
            return glue(_WORDS.get(test.operator, _ORDER.get(test.operator, "")), _literal(test.literal))


def _time_test(operator: Operator, literal: Literal_) -> str:
    if isinstance(literal, timedelta):
        return glue("在最近" if operator == "in_last" else "在未来", _span(literal), "内")
    return glue("在", _literal(literal), "之前" if operator == "before" else "之后")


def _literal(literal: Literal_) -> str:
    match literal:
        case bool():
            return "真" if literal else "假"
        case str():
            return f"“{literal}”"
        case datetime():
            return f"{literal:%Y-%m-%d %H:%M:%S%z}"
        case date():
            return literal.isoformat()
        case _:
            return number_text(literal)


def _window(window: Window | None) -> str:
    match window:
        case None:
            return ""
        case LookBack():
            return glue("最近", _span(window.span), "内")
        case Calendar():
            return _CALENDAR[window.word]
        case Between():
            since = "" if window.start is None else glue("从", _literal(window.start), "起")
            until = "" if window.end is None else glue("到", _literal(window.end), "为止")
            return since + until


def _span(span: timedelta) -> str:
    amount, unit = amount_and_unit(span)
    return f"{amount:,} {_UNITS[unit]}"
