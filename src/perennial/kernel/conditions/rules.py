"""How one comparison is settled: pure, and the only place that says what missing means.

The SQL compiler must agree with this module; property tests compare the two on random cases.

- A path yields *leaves* (`kernel.values.leaves`): one for a scalar, any number through lists.
- No leaves (an absent key, null, an empty list): the value is missing.
- Otherwise the test holds if it holds for any one leaf. A leaf that the literal's type cannot read
  (`"abc"` as a number, `12` as a date) is missing on its own, so it passes `!=`, `not_in` and `not_contains`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from perennial.kernel.conditions.model import EventPattern, Literal_, Operator, Scalar, Test
from perennial.kernel.conditions.patterns import python_form
from perennial.kernel.events import ANY_EVENT, EVENT_KINDS, PERSON_ACTIVITY, RowKind
from perennial.kernel.values import Json, instant_of, leaves, number_of, text_of
from perennial.kernel.windows import Zone, start_of_day

PASSED_BY_MISSING: tuple[Operator, ...] = ("!=", "not_in", "not_contains")
"""With `set: false`, the only tests that a missing value satisfies."""

Leaf = bool | int | float | str


def passes(test: Test, found: Sequence[Leaf], *, as_of: datetime, zone: Zone) -> bool:
    """Whether a value, given by its leaves, passes a test at an instant; dates are days of `zone`."""
    if test.operator == "set":
        return bool(found) is test.literal
    if test.operator == "all_of":
        return bool(found) and all(_equals_any(test, literal, found) for literal in _scalars(test.literal))
    if not found:
        return test.operator in PASSED_BY_MISSING
    return any(_leaf_passes(test, leaf, as_of, zone) for leaf in found)


def number_passes(test: Test, value: float | None) -> bool:
    """Whether an aggregate passes a number test; a missing aggregate passes none, not even `!=`."""
    return value is not None and _compare(test.operator, value, test.literal)


def is_activity(*, name: str, kind: RowKind, properties: Mapping[str, Json]) -> bool:
    """Whether a row shows that the person did something: what `*` means, and what first-seen looks at."""
    if kind == "perennial":
        return name in PERSON_ACTIVITY and leaves(properties, "by") == ["person"]
    return kind in EVENT_KINDS


def event_matches(
    pattern: EventPattern,
    *,
    name: str,
    kind: RowKind,
    properties: Mapping[str, Json],
    as_of: datetime,
    zone: Zone,
) -> bool:
    """Whether a row of the log is one of the events a pattern means; context lies under `context`."""
    if pattern.event == ANY_EVENT:
        if not is_activity(name=name, kind=kind, properties=properties):
            return False
    elif name != pattern.event or kind not in (*EVENT_KINDS, "perennial"):
        return False
    return all(
        passes(it.test, leaves(properties, it.property), as_of=as_of, zone=zone) for it in pattern.where
    )


def _leaf_passes(test: Test, leaf: Leaf, as_of: datetime, zone: Zone) -> bool:
    match test.operator:
        case "contains" | "not_contains" | "starts_with" | "ends_with" | "matches":
            return _text_passes(test, text_of(leaf))
        case "before" | "after" | "in_last" | "in_next":
            instant = instant_of(text_of(leaf), zone)
            return instant is not None and _instant_passes(test, instant, as_of, zone)
        case _:
            value = _read(leaf, test)
            if value is None:
                return test.operator in PASSED_BY_MISSING
            return _compare(test.operator, value, _folded(test))


def _read(leaf: Leaf, test: Test) -> float | str | None:
    """A leaf as the literal's type reads it: a number literal reads numbers, any other reads text."""
    literal = test.literal
    sample = literal[0] if isinstance(literal, tuple) and literal else literal
    text = text_of(leaf)
    if isinstance(sample, int | float) and not isinstance(sample, bool):
        return number_of(text)
    return text.lower() if test.ignore_case else text


def _folded(test: Test) -> Literal_:
    """The literal as it is compared: booleans as their texts, lower case where case is ignored."""
    if isinstance(test.literal, tuple):
        return tuple(_fold(scalar, test) for scalar in test.literal)
    return _fold(test.literal, test) if isinstance(test.literal, bool | str) else test.literal


def _fold(scalar: Scalar, test: Test) -> float | str:
    if isinstance(scalar, bool):
        return text_of(scalar)
    return scalar.lower() if isinstance(scalar, str) and test.ignore_case else scalar


def _compare(operator: Operator, value: float | str, literal: Literal_) -> bool:
    match operator, literal:
        case (("in" | "any_of"), tuple()):
            return value in literal
        case "not_in", tuple():
            return value not in literal
        case "between", (low, high):
            return _ordered(">=", value, low) and _ordered("<=", value, high)
        case _:
            return _ordered(operator, value, literal)


def _ordered(operator: Operator, value: float | str, literal: Literal_) -> bool:
    order = _order(value, literal)
    match operator:
        case "=":
            return order == 0
        case "!=":
            return order != 0
        case ">":
            return order > 0
        case ">=":
            return order >= 0
        case "<":
            return order < 0
        case "<=":
            return order <= 0
        case _:
            raise TypeError(f"{operator} does not order {literal!r}")


def _order(value: float | str, literal: Literal_) -> int:
    """-1, 0 or 1; texts by code points."""
    if isinstance(value, str) and isinstance(literal, str):
        return (value > literal) - (value < literal)
    if isinstance(value, int | float) and isinstance(literal, int | float):
        return (value > literal) - (value < literal)
    raise TypeError(f"{value!r} cannot be compared with {literal!r}")


def _scalars(literal: Literal_) -> tuple[Scalar, ...]:
    return literal if isinstance(literal, tuple) else ()


def _equals_any(test: Test, literal: Scalar, found: Sequence[Leaf]) -> bool:
    one = Test(operator="=", literal=literal, ignore_case=test.ignore_case)
    return any(_read(leaf, one) == _fold(literal, one) for leaf in found)


def _text_passes(test: Test, text: str) -> bool:
    wanted = str(test.literal)
    if test.operator == "matches":
        flags = re.ASCII | (re.IGNORECASE if test.ignore_case else re.NOFLAG)
        return re.search(python_form(wanted), text, flags) is not None
    if test.ignore_case:
        text, wanted = text.lower(), wanted.lower()
    match test.operator:
        case "contains":
            return wanted in text
        case "not_contains":
            return wanted not in text
        case "starts_with":
            return text.startswith(wanted)
        case _:
            return text.endswith(wanted)


def _instant_passes(test: Test, instant: datetime, as_of: datetime, zone: Zone) -> bool:
    literal = test.literal
    match test.operator:
        case "in_last" if isinstance(literal, timedelta):
            return as_of - literal < instant <= as_of
        case "in_next" if isinstance(literal, timedelta):
            return as_of < instant <= as_of + literal
        case "before" if isinstance(literal, datetime):
            return instant < literal
        case "after" if isinstance(literal, datetime):
            return instant > literal
        case "before" if isinstance(literal, date):
            return instant < start_of_day(literal, zone)
        case "after" if isinstance(literal, date):
            return instant >= start_of_day(literal + timedelta(days=1), zone)
        case _:
            raise TypeError(f"{test.operator} takes no {literal!r}")
