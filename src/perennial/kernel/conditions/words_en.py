"""Conditions in English."""

from collections.abc import Sequence
from dataclasses import replace
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
    "=": "exactly",
    "!=": "other than",
    ">": "more than",
    ">=": "at least",
    "<": "less than",
    "<=": "at most",
}
_VALUE: dict[Operator, str] = {
    "=": "is",
    "!=": "is not",
    ">": "is more than",
    ">=": "is at least",
    "<": "is less than",
    "<=": "is at most",
    "contains": "contains",
    "not_contains": "does not contain",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "matches": "matches the pattern",
}
_AGGREGATE = {
    "sum": "the total {property}",
    "avg": "the average {property}",
    "min": "the smallest {property}",
    "max": "the largest {property}",
    "median": "the median {property}",
    "distinct": "the number of different {property}",
}
_CALENDAR: dict[CalendarWord, str] = {
    "today": "today",
    "yesterday": "yesterday",
    "this_week": "this week",
    "last_week": "last week",
    "this_month": "this month",
    "last_month": "last month",
    "this_quarter": "this quarter",
    "last_quarter": "last quarter",
    "this_year": "this year",
    "last_year": "last year",
}


def sentence(condition: Condition, names: Names) -> str:
    """The condition as a sentence about one person."""
    return f"The person {clause(condition, names)}."


def clause(condition: Condition, names: Names) -> str:
    """The condition as what follows 'the person'."""
    match condition:
        case Constant():
            return "is anybody" if condition.value else "is nobody"
        case All():
            return _joined(condition.of, "and", names)
        case AnyOf():
            return _joined(condition.of, "or", names)
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
            return _has(f"trait {names('trait', condition.trait)}", condition.test)
        case TagIs():
            return _has(f"tag {names('tag', condition.tag)}", condition.test)
        case InSegment():
            return f"is in the segment {names('segment', condition.segment)}"
        case _:
            assert_never(condition)


def _has(what: str, test: Test) -> str:
    if test.operator == "set":
        return f"has {'a' if test.literal else 'no'} value for the {what}"
    return f"has a {what} that {_value_test(test)}{_or_unknown(test)}"


def _or_unknown(test: Test) -> str:
    """Said because it surprises: a missing value passes these tests."""
    return " (or is unknown)" if test.operator in PASSED_BY_MISSING else ""


def _joined(conditions: Sequence[Condition], word: str, names: Names) -> str:
    said = [_bracketed(each, names) if len(conditions) > 1 else clause(each, names) for each in conditions]
    return f", {word} ".join(said)


def _bracketed(condition: Condition, names: Names) -> str:
    said = clause(condition, names)
    return f"({said})" if isinstance(condition, All | AnyOf) and len(condition.of) > 1 else said


def _negated(condition: Condition, names: Names) -> str:
    match condition:
        case InSegment():
            return f"is not in the segment {names('segment', condition.segment)}"
        case Did() if is_once(condition.times):
            return _never(condition, names)
        case Not():
            return clause(condition.of, names)
        case Trait() | TagIs() if condition.test.operator == "set":
            opposite = replace(condition.test, literal=not condition.test.literal)
            return _question(replace(condition, test=opposite), names)
        case Trait() | TagIs():
            return f"does not have{_question(condition, names).removeprefix('has')}"
        case _:
            return f"is not someone who {_bracketed(condition, names)}"


def _did(did: Did, names: Names) -> str:
    if is_never(did.times):
        return _never(did, names)
    often = "" if is_once(did.times) else f" {_times(did.times)}"
    return f"did {_event(did.pattern, names)}{often}{_window(did.window)}{_where(did.pattern, names)}"


def _never(did: Did, names: Names) -> str:
    event = _event(did.pattern, names)
    if did.window is None:
        return f"has never done {event}{_where(did.pattern, names)}"
    return f"did not do {event}{_window(did.window)}{_where(did.pattern, names)}"


def _times(test: Test) -> str:
    unit = "time" if test.literal == 1 else "times"
    return f"{_order(test)} {unit}"


def _days(test: Test) -> str:
    return "day" if test.literal == 1 else "days"


def _order(test: Test, suffix: str = "") -> str:
    match test.operator, test.literal:
        case "between", (low, high):
            return f"between {_number(low)}{suffix} and {_number(high)}{suffix}"
        case (("in" | "not_in"), tuple() as several):
            listed = _listed([_number(each) + suffix for each in several])
            return listed if test.operator == "in" else f"other than {listed}"
        case _:
            return f"{_ORDER[test.operator]} {_number(test.literal)}{suffix}"


def _measure(measure: Measure, names: Names) -> str:
    kind = measure.aggregate.kind
    window, where = _window(measure.window), _where(measure.pattern, names)
    scope = window + where
    event = _event(measure.pattern, names)
    match kind:
        case "count":
            return f"did {event} {_times(measure.test)}{scope}"
        case "days":
            return f"did {event} on {_order(measure.test)} different {_days(measure.test)}{scope}"
        case "streak":
            return (
                f"has done {event} for {_order(measure.test)} {_days(measure.test)} in a row up to now{scope}"
            )
        case "first_ago" | "last_ago":
            end = "first" if kind == "first_ago" else "last"
            return f"{end} did {event}{window} {_order(measure.test)} {_days(measure.test)} ago{where}"
        case _:
            what = _aggregate(measure.aggregate, names)
            return f"has {_order(measure.test)} as {what} of {event}{scope}"


def _change(change: Change, names: Names) -> str:
    what = f"{_aggregate(change.aggregate, names)} of {_event(change.pattern, names)}"
    against = _against(change)
    newcomers = ", newcomers included" if change.include_new else ""
    moved = _moved(change)
    return (
        f"has seen {what} in the last {_span(change.over)} {moved} compared with {against}"
        f"{_where(change.pattern, names)}{_floor(change)}{newcomers}"
    )


def _floor(change: Change) -> str:
    if change.floor is None:
        return ""
    return f", provided that the earlier value is at least {_number(change.floor)}"


def _moved(change: Change) -> str:
    """How far something moved: a fall is said as a fall where the numbers allow it."""
    suffix = "%" if change.percent else ""
    test = change.test
    if isinstance(test.literal, int | float) and test.literal:
        size = f"{number_text(abs(test.literal))}{suffix}"
        if test.literal < 0 and test.operator in ("<", "<="):
            return f"fall by {'at least' if test.operator == '<=' else 'more than'} {size}"
        if test.literal > 0 and test.operator in (">", ">="):
            return f"rise by {'at least' if test.operator == '>=' else 'more than'} {size}"
    return f"change by {_order(test, suffix)}"


def _against(change: Change) -> str:
    if change.against.shift is not None:
        return f"the same time {_span(change.against.shift)} earlier"
    if change.against.windows == 1:
        return f"the {_span(change.over)} before"
    return f"the average of the {change.against.windows} periods of {_length(change.over)} before"


def _aggregate(aggregate: Aggregate, names: Names) -> str:
    if aggregate.property is None:
        return {"count": "the number", "days": "the number of days"}.get(aggregate.kind, aggregate.kind)
    return _AGGREGATE[aggregate.kind].format(property=names("property", aggregate.property))


def _event(pattern: EventPattern, names: Names) -> str:
    return "anything" if pattern.event == "*" else names("event", pattern.event)


def _where(pattern: EventPattern, names: Names) -> str:
    tests = [
        f"{names('property', it.property)} {_value_test(it.test)}{_or_unknown(it.test)}"
        for it in pattern.where
    ]
    return f", where {' and '.join(tests)}" if tests else ""


def _value_test(test: Test) -> str:
    folded = " (in upper or lower case)" if test.ignore_case else ""
    match test.operator, test.literal:
        case "set", wanted:
            return "is known" if wanted else "is not known"
        case "between", (low, high):
            return f"is between {_literal(low)} and {_literal(high)}{folded}"
        case (("in" | "any_of"), tuple() as several):
            return f"is {_listed([_literal(each) for each in several])}{folded}"
        case "not_in", tuple() as several:
            return f"is not {_listed([_literal(each) for each in several])}{folded}"
        case "all_of", tuple() as several:
            return f"has all of {', '.join(_literal(each) for each in several)}{folded}"
        case (("before" | "after" | "in_last" | "in_next"), literal):
            return _time_test(test.operator, literal)
        case _:
            return f"{_VALUE[test.operator]} {_literal(test.literal)}{folded}"


def _time_test(operator: Operator, literal: Literal_) -> str:
    match literal:
        case timedelta():
            return f"lies in the {'last' if operator == 'in_last' else 'next'} {_span(literal)}"
        case _:
            return f"is {operator} {_literal(literal)}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _literal(literal: Literal_) -> str:
    match literal:
        case bool():
            return "true" if literal else "false"
        case str():
            return f"“{literal}”"
        case datetime():
            return f"{literal:%Y-%m-%d %H:%M:%S%z}"
        case date():
            return literal.isoformat()
        case _:
            return _number(literal)


def _number(value: Literal_) -> str:
    return number_text(value)


def _window(window: Window | None) -> str:
    match window:
        case None:
            return ""
        case LookBack():
            return f" in the last {_span(window.span)}"
        case Calendar():
            return f" {_CALENDAR[window.word]}"
        case Between():
            word = "since" if window.end is None else "from"
            since = "" if window.start is None else f" {word} {_literal(window.start)}"
            until = "" if window.end is None else f" up to {_literal(window.end)}"
            return since + until


def _span(span: timedelta) -> str:
    """After `the last`: 30 days, day."""
    return _length(span).removeprefix("1 ") if amount_and_unit(span)[0] == 1 else _length(span)


def _length(span: timedelta) -> str:
    amount, unit = amount_and_unit(span)
    return f"{amount:,} {unit}" + ("" if amount == 1 else "s")
