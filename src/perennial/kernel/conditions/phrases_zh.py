"""What Chinese sentences about conditions are made of: events, tests, windows, spans and numbers."""

from datetime import date, datetime, timedelta

from perennial.kernel.conditions.model import (
    Aggregate,
    EventPattern,
    Literal_,
    Operator,
    Test,
)
from perennial.kernel.conditions.rules import PASSED_BY_MISSING
from perennial.kernel.conditions.wording import Names, amount_and_unit, number_text
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


def amount_text(test: Test, unit: str) -> str:
    """How many times or days: 至少 2 次."""
    match test.operator, test.literal:
        case "between", (low, high):
            return glue(number_text(low), "到", number_text(high), unit)
        case (("in" | "not_in"), tuple() as several):
            word = "不是" if test.operator == "not_in" else "恰好"
            return glue(word, "或".join(f" {number_text(each)} " for each in several).strip(), unit)
        case _:
            return glue(_COUNT[test.operator], number_text(test.literal), unit)


def order_text(test: Test, suffix: str = "") -> str:
    """How large a number: 不小于 500."""
    match test.operator, test.literal:
        case "between", (low, high):
            return glue("在", number_text(low) + suffix, "到", number_text(high) + suffix, "之间")
        case (("in" | "not_in"), tuple() as several):
            listed = "、".join(number_text(each) + suffix for each in several)
            return glue("是" if test.operator == "in" else "不是", listed, "之一" if len(several) > 1 else "")
        case _:
            return glue(_ORDER[test.operator], number_text(test.literal) + suffix)


def aggregate_text(aggregate: Aggregate, names: Names) -> str:
    """A number about events."""
    if aggregate.property is None:
        return {"count": "次数", "days": "天数"}.get(aggregate.kind, aggregate.kind)
    name = names("property", aggregate.property)
    if aggregate.kind == "distinct":
        return glue("不同", name, "的个数")
    return glue(name, _AGGREGATE[aggregate.kind])


def ranked_text(aggregate: Aggregate, names: Names) -> str:
    """A number about events by which people are ranked."""
    words = {"streak": "连续天数", "first_ago": "首次距今时间", "last_ago": "最近一次距今时间"}
    return words.get(aggregate.kind) or aggregate_text(aggregate, names)


def event_text(pattern: EventPattern, names: Names) -> str:
    """An event by its name."""
    return "任意行为" if pattern.event == "*" else names("event", pattern.event)


def where_text(pattern: EventPattern, names: Names) -> str:
    """The tests of its properties."""
    tests = [value_test(names("property", it.property), it.test) for it in pattern.where]
    return glue("（其中", "，且 ".join(tests), "）") if tests else ""


def value_test(name: str, test: Test) -> str:
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
        return glue("在最近" if operator == "in_last" else "在未来", span_text(literal), "内")
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


def window_text(window: Window | None) -> str:
    """Since when, and until when."""
    match window:
        case None:
            return ""
        case LookBack():
            return glue("最近", span_text(window.span), "内")
        case Calendar():
            return _CALENDAR[window.word]
        case Between():
            since = "" if window.start is None else glue("从", _literal(window.start), "起")
            until = "" if window.end is None else glue("到", _literal(window.end), "为止")
            return since + until


def span_text(span: timedelta) -> str:
    """A span of time."""
    amount, unit = amount_and_unit(span)
    return f"{amount:,} {_UNITS[unit]}"
