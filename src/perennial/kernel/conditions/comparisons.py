"""Reading a comparison: exactly one test per object, its literal's JSON type deciding how values are read."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from perennial.kernel.conditions.model import NUMBER_OPERATORS, Literal_, Operator, Scalar, Test
from perennial.kernel.conditions.patterns import why_not_re2
from perennial.kernel.conditions.problems import Problems, named_type
from perennial.kernel.conditions.spans import read_moment, read_span
from perennial.kernel.values import Json, number_of
from perennial.kernel.windows import parse_duration

Measured = Literal["number", "days"]
"""What a number test is about: a plain number, or days, where `30d` may stand for 30."""

LIST_OPERATORS: tuple[Operator, ...] = ("in", "not_in", "any_of", "all_of")
TEXT_OPERATORS: tuple[Operator, ...] = ("contains", "not_contains", "starts_with", "ends_with", "matches")
TIME_OPERATORS: tuple[Operator, ...] = ("before", "after", "in_last", "in_next")
AGGREGATE_OPERATORS: tuple[Operator, ...] = (*NUMBER_OPERATORS, "between", "in", "not_in")
"""The operators that an aggregate can be compared with."""
OPERATORS: tuple[Operator, ...] = (
    *NUMBER_OPERATORS,
    "between",
    *LIST_OPERATORS,
    *TEXT_OPERATORS,
    "set",
    *TIME_OPERATORS,
)
TEST_KEYS: tuple[str, ...] = ("is", *OPERATORS)

_IS = re.compile(r"\s*(!=|>=|<=|=|>|<)\s*([^\s%]+)\s*(%?)\s*")
_DAY = timedelta(days=1)


def parse_test(document: Json, *, path: str = "$") -> Test:
    """The comparison that an object such as `{"is": ">= 100"}` or `{"in": ["a", "b"]}` makes.

    Raises InvalidDocument with every mistake.
    """
    problems = Problems()
    found = problems.mapping(document, path, what="A comparison")
    test = None
    if found is not None:
        problems.unknown_keys(found, (*TEST_KEYS, "ignore_case"), path)
        test = read_test(found, path, problems)
    if test is None or problems.found:
        problems.raise_all()
    return test


def read_test(document: Mapping[str, Json], path: str, problems: Problems) -> Test | None:
    """The one test of a value among an object's keys."""
    key = _only_key(document, TEST_KEYS, path, problems)
    if key is None:
        return None
    test = _read_value(key, document[key], f"{path}.{key}", problems)
    return _with_case(document, test, path, problems)


def read_number_test(
    document: Mapping[str, Json], path: str, problems: Problems, *, measured: Measured = "number"
) -> Test | None:
    """The one test of an aggregate among an object's keys."""
    key = _only_key(document, ("is", *AGGREGATE_OPERATORS), path, problems)
    if key is None:
        return None
    return _read_number(key, document[key], f"{path}.{key}", problems, measured)


def read_change_test(document: Mapping[str, Json], path: str, problems: Problems) -> tuple[Test, bool] | None:
    """The one test of a change, and whether it is in percent."""
    value = document.get("is")
    if isinstance(value, str):
        found = _IS.fullmatch(value)
        number = number_of(found[2]) if found else None
        if found and found[3] and number is not None:
            _only_key(document, ("is", *AGGREGATE_OPERATORS), path, problems)
            return Test(operator=_operator(found[1]), literal=number), True
    test = read_number_test(document, path, problems)
    return None if test is None else (test, False)


def read_is_number(
    value: Json, path: str, problems: Problems, *, measured: Measured = "number"
) -> Test | None:
    """What `is` or `times` says of a number: a number, or an operator and a number in a text."""
    if not isinstance(value, str):
        number = problems.number(value, path, what="A number test")
        return None if number is None else Test(operator="=", literal=number)
    found = _IS.fullmatch(value)
    number = _amount(found[2], measured) if found and not found[3] else None
    if found is None or number is None:
        example = "<= 30d" if measured == "days" else ">= 2"
        problems.add(path, "bad_test", f"{value!r} is no number test.", f"Write for example {example!r}.")
        return None
    return Test(operator=_operator(found[1]), literal=number)


def _only_key(document: Mapping[str, Json], keys: Sequence[str], path: str, problems: Problems) -> str | None:
    present = [key for key in document if key in keys]
    if len(present) == 1:
        return present[0]
    if present:
        listed = ", ".join(present)
        problems.add(path, "several_tests", f"Exactly one test is possible here, not {listed}.")
        return None
    foreign = [key for key in document if key in TEST_KEYS]
    if foreign:
        message = f"{foreign[0]!r} does not compare a number."
        problems.add(f"{path}.{foreign[0]}", "wrong_operator", message, f"Use one of {', '.join(keys)}.")
        return None
    problems.add(path, "no_test", "There is no test.", 'Add for example "is": ">= 2".')
    return None


def _read_value(key: str, value: Json, path: str, problems: Problems) -> Test | None:
    if key == "is":
        return _read_is(value, path, problems)
    operator = _operator(key)
    literal = _LITERALS[operator](operator, value, path, problems)
    return None if literal is None else Test(operator=operator, literal=literal)


def _read_is(value: Json, path: str, problems: Problems) -> Test | None:
    if isinstance(value, str):
        found = _IS.fullmatch(value)
        number = number_of(found[2]) if found and not found[3] else None
        if found and number is not None:
            return Test(operator=_operator(found[1]), literal=number)
        return Test(operator="=", literal=value)
    literal = _scalar("=", value, path, problems)
    return None if literal is None else Test(operator="=", literal=literal)


def _read_number(key: str, value: Json, path: str, problems: Problems, measured: Measured) -> Test | None:
    if key == "is":
        return read_is_number(value, path, problems, measured=measured)
    operator = _operator(key)
    if operator not in ("between", "in", "not_in"):
        number = _measured_number(value, path, problems, measured)
        return None if number is None else Test(operator=operator, literal=number)
    listed = problems.sequence(value, path, what=f"{operator!r}")
    if listed is None:
        return None
    read = [
        _measured_number(each, f"{path}[{index}]", problems, measured) for index, each in enumerate(listed)
    ]
    numbers = tuple(number for number in read if number is not None)
    if len(numbers) < len(read) or (operator == "between" and not _is_range(numbers, path, problems)):
        return None
    return Test(operator=operator, literal=numbers)


def _measured_number(value: Json, path: str, problems: Problems, measured: Measured) -> float | None:
    if measured == "days" and isinstance(value, str):
        span = read_span(value, path, problems, what="The age of an event")
        return None if span is None else span / _DAY
    return problems.number(value, path, what="A measure's limit")


def _amount(text: str, measured: Measured) -> float | None:
    span = parse_duration(text) if measured == "days" else None
    return number_of(text) if span is None else span / _DAY


def _with_case(document: Mapping[str, Json], test: Test | None, path: str, problems: Problems) -> Test | None:
    wanted = document.get("ignore_case", False)
    if not isinstance(wanted, bool):
        problems.add(f"{path}.ignore_case", "wrong_type", f"`ignore_case` is true or false, not {wanted!r}.")
        return test
    if test is None or not wanted:
        return test
    if test.operator in (*TIME_OPERATORS, "set") or not _is_text(test.literal):
        problems.add(f"{path}.ignore_case", "no_text", "`ignore_case` needs a text to compare with.")
        return test
    return Test(operator=test.operator, literal=test.literal, ignore_case=True)


def _is_text(literal: Literal_) -> bool:
    return isinstance(literal[0] if isinstance(literal, tuple) else literal, str)


def _operator(word: str) -> Operator:
    return next(operator for operator in OPERATORS if operator == word)


def _scalar(operator: Operator, value: Json, path: str, problems: Problems) -> Scalar | None:
    """A number, a text or a boolean."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return problems.number(value, path, what=f"{operator!r}")
    hint = 'Use "set": false for a missing value.' if value is None else "Use in, any_of or all_of for lists."
    message = f"A comparison is with a number, a text or a boolean, not {named_type(value)}."
    problems.add(path, "wrong_type", message, hint)
    return None


def _ordered(operator: Operator, value: Json, path: str, problems: Problems) -> Scalar | None:
    if isinstance(value, bool):
        problems.add(path, "wrong_type", f"{operator!r} compares numbers or texts, not booleans.")
        return None
    return _scalar(operator, value, path, problems)


def _several(operator: Operator, value: Json, path: str, problems: Problems) -> tuple[Scalar, ...] | None:
    listed = problems.sequence(value, path, what=f"{operator!r}")
    if listed is None:
        return None
    read = [_scalar(operator, each, f"{path}[{index}]", problems) for index, each in enumerate(listed)]
    scalars = tuple(each for each in read if each is not None)
    if len(scalars) < len(read):
        return None
    if len({type(each) for each in scalars}) > 1:
        problems.add(path, "mixed_types", "The values are all numbers, all texts or all booleans.")
        return None
    return scalars


def _range(operator: Operator, value: Json, path: str, problems: Problems) -> tuple[Scalar, ...] | None:
    ends = _several(operator, value, path, problems)
    return ends if ends is not None and _is_range(ends, path, problems) else None


def _is_range(ends: tuple[Scalar, ...], path: str, problems: Problems) -> bool:
    match ends:
        case (str() as low, str() as high):
            ordered = low <= high
        case (bool(), _) | (_, bool()):
            ordered = False
        case (int() | float() as low, int() | float() as high):
            ordered = low <= high
        case _:
            ordered = False
    if not ordered:
        problems.add(path, "bad_range", "`between` takes two numbers or two texts, the lower one first.")
    return ordered


def _text(operator: Operator, value: Json, path: str, problems: Problems) -> str | None:
    if not isinstance(value, str):
        problems.add(path, "wrong_type", f"{operator!r} takes a text, not {named_type(value)}.")
        return None
    if not value:
        problems.add(path, "empty_text", f"Every text passes {operator!r} with an empty text.")
        return None
    wrong = why_not_re2(value) if operator == "matches" else None
    if wrong:
        problems.add(path, "bad_pattern", f"The pattern cannot be used: {wrong}.", "The syntax is RE2's.")
        return None
    return value


def _boolean(operator: Operator, value: Json, path: str, problems: Problems) -> bool | None:
    if isinstance(value, bool):
        return value
    problems.add(path, "wrong_type", f"{operator!r} takes true or false, not {named_type(value)}.")
    return None


def _moment(operator: Operator, value: Json, path: str, problems: Problems) -> date | datetime | None:
    return read_moment(value, path, problems, what=f"{operator!r}")


def _span(operator: Operator, value: Json, path: str, problems: Problems) -> timedelta | None:
    return read_span(value, path, problems, what=f"{operator!r}")


_LITERALS = {
    "=": _scalar,
    "!=": _scalar,
    **dict.fromkeys((">", ">=", "<", "<="), _ordered),
    "between": _range,
    **dict.fromkeys(LIST_OPERATORS, _several),
    **dict.fromkeys(TEXT_OPERATORS, _text),
    "set": _boolean,
    **dict.fromkeys(("before", "after"), _moment),
    **dict.fromkeys(("in_last", "in_next"), _span),
}
