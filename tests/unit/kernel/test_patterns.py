"""Patterns are RE2's: what Python takes and RE2 does not must not reach the engine."""

import pytest
from tests.unit.kernel.test_parse_condition import only_problem

from perennial.kernel.conditions import parse_condition
from perennial.kernel.conditions.patterns import why_not_re2
from perennial.testing import evaluate
from perennial.testing.builders import a_person, an_event, at


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?x)a b", "flags"),
        ("(?a)b", "flags"),
        ("(?u:b)", "flags"),
        ("(?i-x:b)", "flags"),
        ("a{,3}", "{0,3}"),
        ("a{01}", "repetition"),
        (r"\é", r"\é"),
        (r"[\b]", "inside"),
        (r"end\z", "write $"),
        (r"end\Z", "write $"),
        ("(a{1000}){2}", "1000 times"),
        ("((a{0,10}){0,10}){0,11}", "1000 times"),
        ("(a{2,}){600}", "1000 times"),
        ("[^é]{1000}" * 11, "10000 letters"),
    ],
)
def test_what_re2_does_not_take_is_refused_by_name(pattern: str, reason: str) -> None:
    document = {"did": "e", "where": [{"property": "p", "matches": pattern}]}
    problem = only_problem(document)
    assert problem.code == "bad_pattern"
    assert reason in problem.message


@pytest.mark.parametrize(
    "pattern",
    [
        "(?i)a",
        "(?im)^a$",
        "(?s:a.b)",
        "(?i-s:a)",
        "(?P<name>a)",
        "a{1,}",
        "(a{10}){100}",
        "(a+){1000}",
        r"\_\-",
        "x{0}",
    ],
)
def test_what_both_take_is_taken(pattern: str) -> None:
    assert why_not_re2(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [("end$", False), ("(?m)end$", True), (r"end\$", False), ("end[$]?", True), ("end\n$", True)],
)
def test_a_dollar_does_not_stand_before_a_last_line_break(pattern: str, verdict: bool) -> None:
    person = a_person(an_event(properties={"p": "end\n"}))
    condition = parse_condition({"did": "order_paid", "where": [{"property": "p", "matches": pattern}]})
    assert evaluate(condition, person, at()) is verdict
