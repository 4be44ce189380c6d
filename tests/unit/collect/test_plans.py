"""Tracking plans: what their documents may say, and what they find in calls."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from perennial.collect.events.model import Call, CallKind, Reception, Reject
from perennial.collect.events.rules import parse_call
from perennial.collect.plans import CompiledPlan, Violation, mode_of, parse_plan, plan_schema
from perennial.collect.screening.service import SourceScreening
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
SCHEMA: Validator = Draft202012Validator(plan_schema())
PAID: Mapping[str, Json] = {
    "amount": {"type": "number", "required": True, "min": 0, "max": 1000},
    "currency": {"type": "text", "allowed": ["CNY", "USD"]},
    "order_id": {"type": "text", "pattern": "o-[0-9]+"},
    "paid_at": "time",
    "count": "integer",
    "gift": "boolean",
    "items": "list",
    "items.sku": {"type": "text", "required": True},
    "address": "object",
    "address.city": "text",
}


def plan(**changes: Json) -> CompiledPlan:
    document: Json = {"events": {"order_paid": {"properties": PAID}}, **changes}
    return CompiledPlan(parse_plan(document))


def a_call(properties: Mapping[str, Json], name: str = "order_paid", kind: CallKind = "track") -> Call:
    return Call(
        kind=kind,
        name=name,
        user_id="p1",
        occurred_at=NOON,
        received_at=NOON,
        message_id="m-1",
        source="web",
        properties=properties,
    )


def found(properties: Mapping[str, Json], **changes: Json) -> list[tuple[str, str]]:
    good = {"amount": 1, "items": [{"sku": "a"}]}
    violations = plan(**changes).violations(a_call({**good, **properties}))
    return [(one.code, one.path) for one in violations]


def test_a_call_that_is_as_planned_has_no_violations() -> None:
    properties: Json = {
        "currency": "CNY",
        "order_id": "o-17",
        "paid_at": "2026-03-31T12:00:00Z",
        "count": 2.0,
        "gift": False,
        "items": [{"sku": "a"}, {"sku": "b"}],
        "address": {"city": "上海"},
    }
    assert found(properties) == []


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"amount": None}, ("missing_property", ".properties.amount")),
        ({"amount": "12"}, ("wrong_type", ".properties.amount")),
        ({"amount": True}, ("wrong_type", ".properties.amount")),
        ({"amount": -1}, ("below_minimum", ".properties.amount")),
        ({"amount": 1000.5}, ("above_maximum", ".properties.amount")),
        ({"currency": "cny"}, ("value_not_allowed", ".properties.currency")),
        ({"order_id": "o-17x"}, ("pattern_not_met", ".properties.order_id")),
        ({"order_id": "o-17\n"}, ("pattern_not_met", ".properties.order_id")),
        ({"paid_at": "yesterday"}, ("wrong_type", ".properties.paid_at")),
        ({"count": 1.5}, ("wrong_type", ".properties.count")),
        ({"gift": "true"}, ("wrong_type", ".properties.gift")),
        ({"items": []}, ("missing_property", ".properties.items.sku")),
        ({"items": [{"sku": "a"}, {"sku": 7}]}, ("wrong_type", ".properties.items.sku")),
        ({"address": "上海"}, ("wrong_type", ".properties.address")),
        ({"address": {"city": 1}}, ("wrong_type", ".properties.address.city")),
    ],
)
def test_each_way_of_not_being_as_planned_has_its_code_and_place(
    properties: Mapping[str, Json], expected: tuple[str, str]
) -> None:
    assert found(properties) == [expected]


def test_properties_nobody_planned_are_violations_only_where_they_are_refused() -> None:
    assert found({"colour": "red"}) == []
    assert found({"colour": "red"}, unexpected_properties="refused") == [
        ("unexpected_property", ".properties.colour")
    ]


def test_what_is_unexpected_names_the_nearest_planned_word() -> None:
    compiled = plan(unexpected_properties="refused", unexpected_events="refused")
    [misspelt] = compiled.violations(a_call({"amount": 1, "items": [{"sku": "a"}], "currenzy": "CNY"}))
    [other] = compiled.violations(a_call({}, name="order_payed"))
    assert (misspelt.hint, other.hint) == ("Did you mean 'currency'?", "Did you mean 'order_paid'?")
    assert (other.code, other.path) == ("unexpected_event", ".event")


def test_other_calls_are_no_unexpected_events() -> None:
    assert plan(unexpected_events="refused").violations(a_call({}, name="page", kind="page")) == ()


def test_identify_is_planned_by_its_traits() -> None:
    compiled = plan(events={"identify": {"properties": {"email": {"required": True}}}})
    [violation] = compiled.violations(a_call({}, name="identify", kind="identify"))
    assert violation.path == ".traits.email"


def test_a_pattern_that_would_take_for_ever_does_not() -> None:
    compiled = plan(events={"e": {"properties": {"a": {"pattern": "(a+)+b"}}}})
    [violation] = compiled.violations(a_call({"a": "a" * 20_000}, name="e"))
    assert violation.code == "pattern_not_met"


def test_the_mode_of_a_source_is_its_own_or_that_of_the_longest_beginning() -> None:
    read = parse_plan(
        {"mode": "warn", "sources": {"web": "block", "import:*": "off", "import:a*": "block"}, "events": {}}
    )
    modes = [mode_of(read, source) for source in ("web", "ios", "import:b", "import:abc")]
    assert modes == ["block", "warn", "off", "block"]


def test_blocked_calls_are_refused_with_the_place_and_everything_else_that_is_wrong() -> None:
    screening = SourceScreening(plan(), None, blocks=True)
    reception = Reception(source="web", received_at=NOON, screening=screening)
    sent = {"type": "track", "event": "order_paid", "userId": "p1", "properties": {"amount": "12"}}
    reject = parse_call(sent, reception, new_id=lambda: "m")
    assert isinstance(reject, Reject)
    assert (reject.path, reject.code) == ("$.properties.amount", "wrong_type")
    assert reject.hint == "Write it as 12.5. 1 more: properties.items.sku."
    assert '"amount":"12"' in reject.payload


def test_warned_calls_are_kept_and_say_what_is_wrong_with_them() -> None:
    screened = SourceScreening(plan(), None, blocks=False)(a_call({"amount": "12", "items": [{"sku": "a"}]}))
    assert isinstance(screened, Call)
    assert screened.context == {"perennial": {"plan": ["wrong_type $.properties.amount"]}}


def test_nobody_writes_the_notes_of_screening_but_screening() -> None:
    call = a_call({"amount": 1, "items": [{"sku": "a"}]})
    forged = SourceScreening(plan(), None, blocks=False)(
        Call(
            kind=call.kind,
            name=call.name,
            user_id="p1",
            occurred_at=NOON,
            received_at=NOON,
            message_id="m",
            source="web",
            properties=call.properties,
            context={"perennial": {"plan": ["wrong_type $.x"]}, "ip": "192.0.2.1"},
        )
    )
    assert isinstance(forged, Call)
    assert forged.context == {"ip": "192.0.2.1"}


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ({}, "$", "missing_key"),
        ({"events": {}, "mod": "warn"}, "$.mod", "unknown_key"),
        ({"events": {}, "mode": "blok"}, "$.mode", "unknown_word"),
        ({"events": {}, "sources": {"web": "no"}}, "$.sources.web", "unknown_word"),
        ({"events": {"message_sent": {}}}, "$.events.message_sent", "reserved_name"),
        ({"events": {"e": {"props": {}}}}, "$.events.e.props", "unknown_key"),
        ({"events": {"e": {"properties": {"a": "txt"}}}}, "$.events.e.properties.a", "unknown_word"),
        (
            {"events": {"e": {"properties": {"a": {"type": "text", "min": 1}}}}},
            "$.events.e.properties.a",
            "wrong_type",
        ),
        (
            {"events": {"e": {"properties": {"a": {"min": 2, "max": 1}}}}},
            "$.events.e.properties.a.max",
            "empty_range",
        ),
        (
            {"events": {"e": {"properties": {"a": {"pattern": "(?=a)"}}}}},
            "$.events.e.properties.a.pattern",
            "bad_pattern",
        ),
        (
            {"events": {"e": {"properties": {"a": {"allowed": []}}}}},
            "$.events.e.properties.a.allowed",
            "empty_list",
        ),
    ],
)
def test_a_mistake_in_a_plan_has_its_place(document: Json, path: str, code: str) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        parse_plan(document)
    assert [(one.path, one.code) for one in refusal.value.problems] == [(path, code)]


@pytest.mark.parametrize(
    "document",
    [
        {"events": {"order_paid": {"properties": PAID}}},
        {"events": {"a": None, "b": {"properties": {"x": None, "y": "text"}}}, "name": "Shop"},
        {"events": {}, "mode": "block", "sources": {"a": "off"}, "unexpected_events": "refused"},
    ],
)
def test_the_schema_takes_what_the_reader_takes(document: Json) -> None:
    parse_plan(document)
    assert list(SCHEMA.iter_errors(document)) == []


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"events": []},
        {"events": {}, "modes": "warn"},
        {"events": {"e": {"properties": {"a": "txt"}}}},
        {"events": {"e": {"properties": {"a": {"required": "yes"}}}}},
        {"events": {"e": {"properties": {"a": {"allowed": [None]}}}}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(document: Json) -> None:
    with pytest.raises(InvalidDocument):
        parse_plan(document)
    assert list(SCHEMA.iter_errors(document))


def test_a_plan_agrees_with_types_as_the_catalogue_sees_them() -> None:
    compiled = plan()
    assert compiled.agrees("order_paid", "order_id", "time")
    assert compiled.agrees("order_paid", "items.sku", "list")
    assert not compiled.agrees("order_paid", "amount", "text")
    assert compiled.type_of("order_paid", "address.street") == "any"
    assert compiled.type_of("order_paid", "colour") is None


def test_a_violation_says_what_would_be_right() -> None:
    [violation] = plan().violations(a_call({"amount": "12", "items": [{"sku": "a"}]}))
    assert violation == Violation(
        path=".properties.amount",
        code="wrong_type",
        message="amount is a number, not the text '12'.",
        hint="Write it as 12.5.",
    )
