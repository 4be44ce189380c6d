import math

import pytest

from perennial.kernel.conditions import (
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    Measure,
    Trait,
    Vocabulary,
    events_named,
    parse_condition,
    parse_event_pattern,
    parse_test,
    references,
)
from perennial.kernel.conditions import model as m
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.values import Json


def problems_of(document: Json, *, known: Vocabulary | None = None) -> list[Problem]:
    with pytest.raises(InvalidDocument) as refused:
        parse_condition(document, known=known)
    return list(refused.value.problems)


def only_problem(document: Json, *, known: Vocabulary | None = None) -> Problem:
    (problem,) = problems_of(document, known=known)
    return problem


@pytest.mark.parametrize(
    ("written", "operator", "literal"),
    [
        (5, "=", 5.0),
        (True, "=", True),
        (">= 5", ">=", 5.0),
        (">=5", ">=", 5.0),
        ("!= -0.5", "!=", -0.5),
        ("= 1e3", "=", 1000.0),
        ("100", "=", "100"),
        ("", "=", ""),
        (">= many", "=", ">= many"),
        (">= 30%", "=", ">= 30%"),
        ("dormant", "=", "dormant"),
    ],
)
def test_is_reads_a_number_test_only_where_an_operator_stands_before_a_number(
    written: Json, operator: m.Operator, literal: m.Scalar
) -> None:
    test = parse_test({"is": written})
    assert (test.operator, test.literal) == (operator, literal)
    assert type(test.literal) is type(literal)


def test_an_operators_own_word_takes_a_text_that_looks_like_a_test() -> None:
    assert parse_test({"=": "> 5"}).literal == "> 5"


def test_times_is_at_least_once_unless_it_says_otherwise() -> None:
    condition = parse_condition({"did": "order_paid"})
    assert isinstance(condition, Did)
    assert (condition.times.operator, condition.times.literal) == (">=", 1.0)


def test_an_age_may_be_written_as_a_duration() -> None:
    condition = parse_condition({"measure": "last_ago", "of": "*", "is": "<= 12h"})
    assert isinstance(condition, Measure)
    assert condition.test.literal == 0.5
    between = parse_condition({"measure": "first_ago", "of": "*", "between": ["1d", "1w"]})
    assert isinstance(between, Measure)
    assert between.test.literal == (1.0, 7.0)


def test_after_is_a_test_beside_a_trait_and_a_form_by_itself() -> None:
    assert isinstance(parse_condition({"trait": "birthday", "after": "2026-01-01"}), Trait)
    assert isinstance(parse_condition({"after": "cart", "without": "paid", "for": "1d"}), DidWithout)
    assert only_problem({"did": "cart", "after": "2026-01-01"}).path == "$.after"


def test_same_names_one_property_or_that_of_each_event() -> None:
    steps: dict[str, Json] = {"sequence": ["cart", {"event": "paid"}, "cart"]}
    one = parse_condition({**steps, "same": "key"})
    each = parse_condition({**steps, "same": {"cart": "cart_id", "paid": "basket"}})
    assert isinstance(one, DidInOrder)
    assert isinstance(each, DidInOrder)
    assert (one.same, each.same) == (("key",) * 3, ("cart_id", "basket", "cart_id"))
    found = problems_of({**steps, "same": {"crat": "cart_id", "paid": ""}})
    assert [(problem.path, problem.code, problem.hint) for problem in found] == [
        ("$.same.crat", "unknown_key", "Did you mean 'cart'?"),
        ("$.same", "missing_key", 'Add "cart": the name of its property.'),
        ("$.same.paid", "bad_name", ""),
    ]


def test_every_mistake_is_listed_with_its_path_and_the_nearest_word() -> None:
    found = problems_of(
        {
            "all": [
                {"did": "order_paid", "withn": "30d"},
                {"mesure": "count"},
                {"did": "a", "where": [{"property": "p", "contians": "x"}]},
                {"measure": "summ(amount)", "of": "a", "is": "> 1", "within": {"calendar": "this_wek"}},
            ]
        }
    )
    assert [(problem.path, problem.code, problem.hint) for problem in found] == [
        ("$.all[0].withn", "unknown_key", "Did you mean 'within'?"),
        ("$.all[1].mesure", "unknown_form", "Did you mean 'measure'?"),
        ("$.all[2].where[0].contians", "unknown_key", "Did you mean 'contains'?"),
        ("$.all[2].where[0]", "no_test", 'Add for example "is": ">= 2".'),
        ("$.all[3].measure", "unknown_measure", "Did you mean 'sum'?"),
        ("$.all[3].within.calendar", "unknown_calendar", "Did you mean 'this_week'?"),
    ]


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ({"did": "a", "times": True}, "$.times", "wrong_type"),
        ({"did": "a", "times": math.nan}, "$.times", "not_finite"),
        ({"did": "a", "times": 10**400}, "$.times", "not_finite"),
        ({"trait": "x", "is": math.inf}, "$.is", "not_finite"),
        ({"trait": "x", "is": 1, "set": True}, "$", "several_tests"),
        ({"trait": "x", "contains": ""}, "$.contains", "empty_text"),
        ({"trait": "x", "between": [5, 1]}, "$.between", "bad_range"),
        ({"trait": "x", "between": [True, False]}, "$.between", "bad_range"),
        ({"trait": "x", "in": [1, "1"]}, "$.in", "mixed_types"),
        ({"trait": "x", "before": "2026-02-30"}, "$.before", "bad_date"),
        ({"trait": "x", "before": "2026-02-01T10:00"}, "$.before", "no_offset"),
        ({"trait": "x", "is": 5, "ignore_case": True}, "$.ignore_case", "no_text"),
        ({"trait": "x", "matches": "("}, "$.matches", "bad_pattern"),
        ({"did": "a", "within": {"from": "2026-02-01", "to": "2026-01-01"}}, "$.within", "empty_window"),
        (
            {"did": {"event": "a", "where": [{"property": "p", "is": 1}]}, "where": []},
            "$.where",
            "empty_list",
        ),
        ({"segment": "a", "trait": "b", "is": 1}, "$", "several_forms"),
        (
            {"change": "count", "of": "a", "over": "7d", "against": "previous", "is": "< x%"},
            "$.is",
            "bad_test",
        ),
        ({"measure": "count", "of": "a", "set": True}, "$.set", "wrong_operator"),
        ({"sequence": ["a"]}, "$.sequence", "bad_sequence"),
        ({"sequence": ["a"] * 9}, "$.sequence", "bad_sequence"),
        ({"sequence": ["a", {"event": "b", "were": 1}]}, "$.sequence[1].were", "unknown_key"),
        ({"sequence": ["a", "b"], "spn": "1d"}, "$.spn", "unknown_key"),
        ({"after": "a", "for": "1d"}, "$", "missing_key"),
        ({"after": "a", "without": "b"}, "$", "missing_key"),
        ({"after": "a", "without": "b", "for": "a day"}, "$.for", "bad_duration"),
        ({"rank": "count", "of": "a"}, "$", "bad_share"),
        ({"rank": "count", "of": "a", "top": "0%"}, "$.top", "bad_share"),
        ({"rank": "count", "of": "a", "bottom": "101%"}, "$.bottom", "bad_share"),
        (
            {"rank": "count", "of": "a", "top": "5%", "among": {"segmnt": "x"}},
            "$.among.segmnt",
            "unknown_form",
        ),
        ({"seen": "frist"}, "$.seen", "bad_word"),
        ({"consent": "email", "is": "granted"}, "$.consent", "bad_consent"),
        ({"consent": "email/news", "is": "grantd"}, "$.is", "unknown_value"),
        ({"consent": "email/news", "contains": "grant"}, "$.contains", "wrong_operator"),
        ({"assigned": "winback", "is": ">= 2"}, "$.is", "wrong_operator"),
        ({"assigned": "winback", "in": [1]}, "$.in", "wrong_type"),
    ],
)
def test_a_mistake_is_named_at_its_place(document: Json, path: str, code: str) -> None:
    problem = only_problem(document)
    assert (problem.path, problem.code) == (path, code)


@pytest.mark.parametrize(
    "pattern",
    [r"(a)\1", r"a(?=b)", r"a(?!b)", r"(?<=a)b", r"(?<!a)b", r"(?P<n>a)(?P=n)", r"a*+", r"(?>a)", r"a\Z",
     "a{1001}", "[[:alpha:]]", r"(a)?(?(1)b)"],
)  # fmt: skip
def test_a_pattern_that_re2_does_not_have_is_refused(pattern: str) -> None:
    assert only_problem({"trait": "x", "matches": pattern}).code == "bad_pattern"


@pytest.mark.parametrize(
    "pattern", [r"^a\d+$", r"[]a]+", r"[^]]", r"\+\+", r"a\*+", "(?i)北京", r"(?:a|b){2,5}", r"[\[(?=]"]
)
def test_a_pattern_that_re2_has_is_taken(pattern: str) -> None:
    assert parse_test({"matches": pattern}).literal == pattern


def test_nesting_is_bounded_and_refused_without_recursion() -> None:
    document: Json = {"segment": "a"}
    for _ in range(5_000):
        document = {"not": document}
    assert only_problem(document).code == "too_deep"


def test_a_reference_to_what_does_not_exist_names_the_nearest() -> None:
    known = Vocabulary(segments={"high_value"}, tags={"lifecycle"})
    problem = only_problem({"segment": "hi_value"}, known=known)
    assert (problem.path, problem.code) == ("$.segment", "unknown_segment")
    assert problem.hint == "Did you mean 'high_value'?"
    assert only_problem({"tag": "lifecycel", "is": "x"}, known=known).hint == "Did you mean 'lifecycle'?"


def test_an_event_is_a_name_or_an_object_with_tests() -> None:
    assert parse_event_pattern("*") == EventPattern(event="*")
    with pytest.raises(InvalidDocument, match="No event is named"):
        parse_event_pattern({"where": [{"property": "a", "is": 1}]})


def test_a_condition_says_which_tags_segments_and_events_it_speaks_of() -> None:
    condition = parse_condition(
        {
            "any": [
                {"not": {"tag": "t", "is": 1}},
                {"segment": "s"},
                {"did": "a"},
                {"measure": "days", "of": "*", "is": 1},
            ]
        }
    )
    assert references(condition) == ({"t"}, {"s"})
    assert events_named(condition) == {"a", "*"}


@pytest.mark.parametrize("written", ["999999999w", "36526d", "900000h"])
def test_a_span_is_at_most_a_hundred_years(written: str) -> None:
    assert only_problem({"did": "e", "within": written}).code == "bad_duration"
    assert only_problem({"trait": "t", "in_next": written}).code == "bad_duration"


def test_a_change_looks_back_at_most_a_hundred_years() -> None:
    document: dict[str, Json] = {"change": "count", "of": "e", "over": "36525d", "is": "> 0"}
    assert parse_condition({**document, "against": "previous"})
    assert only_problem({**document, "against": {"average_of": 2}}).path == "$.against"


@pytest.mark.parametrize("written", ["0001-01-01", "9999-12-31", "1899-12-31", "9999-12-31T23:00:00-08:00"])
def test_a_date_outside_of_what_the_store_can_hold_is_refused(written: str) -> None:
    for document in ({"did": "e", "within": {"from": written}}, {"trait": "t", "before": written}):
        assert only_problem(document).code == "bad_date"


def test_half_a_surrogate_pair_is_refused_before_it_reaches_an_engine() -> None:
    assert only_problem({"did": "\ud800"}).code == "bad_text"
    assert only_problem({"trait": "t", "in": ["a", "\udfff"]}).code == "bad_text"
    assert parse_condition({"trait": "t", "is": "😀"})
