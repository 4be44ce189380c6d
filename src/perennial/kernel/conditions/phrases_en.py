"""What English sentences about conditions are made of: events, tests, windows, spans and numbers."""

from collections.abc import Sequence
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


def has_text(what: str, test: Test) -> str:
    """What somebody has, compared."""
    if test.operator == "set":
        return f"has {'a' if test.literal else 'no'} value for the {what}"
    return f"has a {what} that {value_test(test)}{or_unknown(test)}"


def or_unknown(test: Test) -> str:
    """Said because it surprises: a missing value passes these tests."""
    return " (or is unknown)" if test.operator in PASSED_BY_MISSING else ""


def times_text(test: Test) -> str:
    """How many times."""
    unit = "time" if test.literal == 1 else "times"
    return f"{order_text(test)} {unit}"


def days_text(test: Test) -> str:
    """The word for so many days."""
    return "day" if test.literal == 1 else "days"


def order_text(test: Test, suffix: str = "") -> str:
    """How large a number."""
    match test.operator, test.literal:
        case "between", (low, high):
            return f"between {number_written(low)}{suffix} and {number_written(high)}{suffix}"
        case (("in" | "not_in"), tuple() as several):
            listed = _listed([number_written(each) + suffix for each in several])
            return listed if test.operator == "in" else f"other than {listed}"
        case _:
            return f"{_ORDER[test.operator]} {number_written(test.literal)}{suffix}"


def aggregate_text(aggregate: Aggregate, names: Names) -> str:
    """A number about events."""
    if aggregate.property is None:
        return {"count": "the number", "days": "the number of days"}.get(aggregate.kind, aggregate.kind)
    return _AGGREGATE[aggregate.kind].format(property=names("property", aggregate.property))


def ranked_text(aggregate: Aggregate, names: Names) -> str:
    """A number about events by which people are ranked."""
    words = {
        "streak": "the days in a row",
        "first_ago": "the time since the first",
        "last_ago": "the time since the last",
    }
    return words.get(aggregate.kind) or aggregate_text(aggregate, names)


def event_text(pattern: EventPattern, names: Names) -> str:
    """An event by its name."""
    return "anything" if pattern.event == "*" else names("event", pattern.event)


def where_text(pattern: EventPattern, names: Names) -> str:
    """The tests of its properties."""
    tests = [
        f"{names('property', it.property)} {value_test(it.test)}{or_unknown(it.test)}" for it in pattern.where
    ]
    return f", where {' and '.join(tests)}" if tests else ""


def value_test(test: Test) -> str:
    """A comparison of a value."""
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
            return f"lies in the {'last' if operator == 'in_last' else 'next'} {span_text(literal)}"
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
            return number_written(literal)


def number_written(value: Literal_) -> str:
    """A number."""
    return number_text(value)


def window_text(window: Window | None) -> str:
    """Since when, and until when."""
    match window:
        case None:
            return ""
        case LookBack():
            return f" in the last {span_text(window.span)}"
        case Calendar():
            return f" {_CALENDAR[window.word]}"
        case Between():
            word = "since" if window.end is None else "from"
            since = "" if window.start is None else f" {word} {_literal(window.start)}"
            until = "" if window.end is None else f" up to {_literal(window.end)}"
            return since + until


def span_text(span: timedelta) -> str:
    """After `the last`: 30 days, day."""
    return length_text(span).removeprefix("1 ") if amount_and_unit(span)[0] == 1 else length_text(span)


def length_text(span: timedelta) -> str:
    """A span with its number, be it one."""
    amount, unit = amount_and_unit(span)
    return f"{amount:,} {unit}" + ("" if amount == 1 else "s")
