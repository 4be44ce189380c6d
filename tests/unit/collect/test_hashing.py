"""Values of which only a hash is kept: in calls, and in what is kept of refused ones."""

import json
from datetime import UTC, datetime

import pytest

from perennial.collect.cleaning import Cleaning, RecentCalls, parse_cleaning
from perennial.collect.cleaning.hashing import Hashing
from perennial.collect.events.call import Call
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY, SECRET = b"k" * 32, "li@example.com"


def a_call(properties: dict[str, Json], context: dict[str, Json] | None = None) -> Call:
    return Call(
        kind="track",
        name="bought",
        user_id="li",
        occurred_at=NOON,
        received_at=NOON,
        message_id="m",
        source="web",
        properties=properties,
        context=context or {},
    )


def cleaning(*rules: Json, source: str = "web") -> Cleaning:
    return Cleaning(parse_cleaning({"rules": rules}, zone=Zone()), source, RecentCalls(), key=KEY)


def test_the_same_value_comes_to_the_same_hash_and_another_key_to_another() -> None:
    hide = Hashing(["email", "items.card", "context.ip", "n"], key=KEY)
    items: Json = [{"card": "1"}, {"card": "2", "price": 3}]
    call = hide.call(a_call({"email": SECRET, "items": items, "n": 12}, {"ip": "192.0.2.7"}))
    assert SECRET not in str(call)
    assert "192.0.2.7" not in str(call)
    again = hide.call(a_call({"email": SECRET}))
    assert again.properties["email"] == call.properties["email"]
    other = Hashing(["email"], key=b"o" * 32).call(a_call({"email": SECRET}))
    assert other.properties["email"] != call.properties["email"]
    assert call.properties["n"] != 12
    [one, two] = json.loads(json.dumps(call.properties["items"]))
    assert one["card"] != two["card"]
    assert two["price"] == 3
    # Hashed once is hashed: what was refused can be tried again.
    assert hide.call(call) is call


def test_what_is_not_there_is_no_change() -> None:
    call = a_call({"email": None, "phone": ""})
    assert Hashing(["email", "phone", "context.ip"], key=KEY).call(call) is call


def test_rules_before_the_hash_bring_values_to_one_form_and_nobody_keeps_what_they_were() -> None:
    rules = cleaning(
        {"id": "old", "rename": "mail", "to": "email"},
        {"id": "form", "email": ["email"]},
        {"id": "hide", "hash": ["email"]},
    )
    one = rules.clean(a_call({"mail": " LI@Example.com "}))
    two = rules.clean(a_call({"email": SECRET}))
    assert one.call.properties == two.call.properties
    assert (one.rules, one.was) == (["old", "form", "hide"], {})


def test_only_named_sources_are_hashed() -> None:
    rule: Json = {"id": "hide", "hash": ["email"], "sources": ["pos-*"]}
    assert cleaning(rule, source="web").hashing is None
    assert cleaning(rule, source="pos-1").hashing is not None


@pytest.mark.parametrize(
    ("payload", "kept"),
    [
        ({"type": "track", "properties": {"email": SECRET, "n": 1}}, True),
        ({"type": "identify", "userId": "li", "traits": {"email": SECRET}}, True),
        ({"type": "track", "properties": [SECRET]}, True),
        ({"type": "track", "context": {"traits": {"email": SECRET}}}, True),
        ({"name": "Li", "mail": SECRET}, True),  # a row of a file, under names of its own
        (SECRET, False),
    ],
)
def test_a_refused_call_is_kept_without_the_value(payload: Json, *, kept: bool) -> None:
    hide = Hashing(["email", "context.traits.email"], key=KEY)
    text = hide.payload(json.dumps(payload))
    assert SECRET not in text
    assert bool(text) is kept
    assert hide.payload(text) == text


def test_a_payload_that_cannot_be_read_is_not_kept() -> None:
    assert Hashing(["email"], key=KEY).payload('{"properties": {"email": "li@exam') == ""


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"id": "hide", "hash": []}, "$.rules[0].hash"),
        ({"id": "hide", "hash": ["email"], "events": ["bought"]}, "$.rules[0].events"),
    ],
)
def test_a_rule_that_would_hide_nothing_or_only_sometimes_is_refused(rule: Json, path: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_cleaning({"rules": [rule]}, zone=Zone())
    assert [problem.path for problem in refused.value.problems] == [path]
