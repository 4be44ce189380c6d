"""Rules about keys as a document, and keys as clients send them."""

from datetime import UTC, datetime

import pytest

from perennial.collect.events.call import Call
from perennial.collect.identity.key_parse import parse_keys
from perennial.collect.identity.key_rules import NO_KEYS, keys_of
from perennial.collect.protocols.sensors import calls_of_records
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def identify(context: dict[str, Json] | None = None, **traits: Json) -> Call:
    return Call(
        kind="identify",
        name="identify",
        user_id="li",
        occurred_at=NOON,
        received_at=NOON,
        message_id="m",
        source="web",
        properties=traits,
        context=context or {},
    )


def mistakes(document: Json) -> set[tuple[str, str]]:
    with pytest.raises(InvalidDocument) as refusal:
        parse_keys(document)
    return {(problem.path, problem.code) for problem in refusal.value.problems}


def test_every_mistake_of_a_document_is_told_with_its_place() -> None:
    document: Json = {
        "keys": [
            {"key": "user"},
            {"key": "email", "joins": "yes", "limit": 0, "people": True},
            {"key": "phone", "region": "China", "from": ["trait.phone", 3]},
            "email",
        ],
        "anonymous": {"persons": 3},
        "blocked": "test",
    }
    assert mistakes(document) == {
        ("$.keys[0].key", "bad_key"),
        ("$.keys[1].joins", "wrong_type"),
        ("$.keys[1].limit", "bad_limit"),
        ("$.keys[1].people", "bad_limit"),
        ("$.keys[2].region", "bad_region"),
        ("$.keys[2].from", "wrong_type"),
        ("$.keys[2].from[0]", "bad_path"),
        ("$.keys[2].key", "duplicate_key"),
        ("$.anonymous.persons", "unknown_key"),
        ("$.blocked", "wrong_type"),
    }
    assert mistakes([]) == {("$", "wrong_type")}


def test_a_kind_that_is_known_by_its_name_has_its_bounds_and_a_document_may_lift_them() -> None:
    usual = parse_keys({"keys": ["email", "device", "card"]})
    assert [(kind.limit, kind.people) for kind in usual.kinds] == [(5, 1), (None, 5), (None, None)]
    [lifted] = parse_keys({"keys": [{"key": "email", "limit": None, "people": 3}]}).kinds
    assert (lifted.limit, lifted.people) == (None, 3)


def test_values_are_brought_to_one_form_and_what_cannot_be_one_is_no_key() -> None:
    rules = parse_keys({"keys": [{"key": "phone", "region": "CN"}, "email"]})
    call = identify(email=" Li@Example.COM", phone="138 0013 8000", mobile="+8613800138000")
    assert keys_of(call, rules) == (("phone", "+8613800138000"), ("email", "li@example.com"))
    assert keys_of(identify(email="none", phone="ask me", mobile=True), rules) == ()
    assert keys_of(call, NO_KEYS) == ()


def test_ids_of_accounts_among_external_ids_are_nobodys() -> None:
    rules = parse_keys({"keys": ["email"]})
    external: Json = [
        {"id": "a@x.org", "type": "email", "collection": "accounts"},
        {"id": "b@x.org", "type": "email"},
        {"id": 3, "type": "email"},
        "c@x.org",
    ]
    assert keys_of(identify({"externalIds": external}), rules) == (("email", "b@x.org"),)
    assert keys_of(identify({"externalIds": "b@x.org", "traits": "none"}), rules) == ()


def test_a_sensors_record_of_many_identities_says_user_device_and_keys() -> None:
    identities: Json = {
        "$identity_login_id": "li",
        "$identity_cookie_id": "web-1",
        "$identity_mobile": "+8613800138000",
    }
    record: Json = {"type": "track", "event": "Buy", "distinct_id": "li", "identities": identities, "time": 1}
    [call] = calls_of_records([record], project="shop")
    assert isinstance(call, dict)
    assert (call["userId"], call["anonymousId"]) == ("li", "web-1")
    assert call["context"] == {"identities": identities}
