"""Rules of cleaning: what their documents may say, what they find, and what they leave behind."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from perennial.collect.cleaning import RecentCalls, parse_cleaning
from perennial.collect.cleaning.forms import e164, is_crawler, plain_email, scaled
from perennial.collect.cleaning.service import Cleaning
from perennial.collect.events.model import Call, CallKind, Reception, Refusal, Reject, Screening
from perennial.collect.events.rules import parse_call
from perennial.collect.screening.service import SourceScreening
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)


def screening(*rules: Mapping[str, Json], source: str = "web") -> Screening:
    numbered: list[Json] = [{"id": f"r{number}", **rule} for number, rule in enumerate(rules)]
    read = parse_cleaning({"rules": numbered}, zone=Zone(name="Asia/Shanghai"))
    return SourceScreening(None, Cleaning(read, source, RecentCalls()), blocks=False)


def a_call(
    properties: Mapping[str, Json] | None = None,
    *,
    user_id: str = "p1",
    kind: CallKind = "track",
    name: str = "order_paid",
    context: Mapping[str, Json] | None = None,
    occurred_at: datetime = NOON,
    message_id: str = "m-1",
) -> Call:
    return Call(
        kind=kind,
        name=name,
        user_id=user_id,
        occurred_at=occurred_at,
        received_at=NOON,
        message_id=message_id,
        source="web",
        properties=properties or {},
        context=context or {},
    )


def cleaned(screen: Screening, call: Call) -> Call:
    found = screen(call)
    assert isinstance(found, Call), found
    return found


def dropped(screen: Screening, call: Call) -> str:
    found = screen(call)
    assert isinstance(found, Refusal), found
    return found.code


def test_a_call_that_no_rule_is_about_stays_the_very_same() -> None:
    screen = screening(
        {"bots": "drop"},
        {"test_accounts": "drop", "user_ids": ["t-*"]},
        {"clock": "drop", "ahead": "1h", "before": "2015-01-01"},
        {"near_duplicates": "drop", "within": "5s"},
        {"phone": ["phone"], "region": "CN"},
        {"rename": "amt", "to": "amount"},
    )
    call = a_call({"phone": "+8613800138000", "amount": 1}, context={"userAgent": CHROME})
    assert screen(call) is call


# --- finding --------------------------------------------------------------------------------------


def test_bots_are_known_by_the_list_and_by_patterns_of_ones_own() -> None:
    screen = screening({"bots": "drop", "also": ["^Watchdog/"]})
    assert dropped(screen, a_call(context={"userAgent": GOOGLE})) == "bot"
    assert dropped(screen, a_call(context={"userAgent": "Watchdog/7"})) == "bot"
    cleaned(screen, a_call(context={"userAgent": CHROME}))
    assert is_crawler(GOOGLE)
    assert not is_crawler(CHROME)


@pytest.mark.parametrize(
    "call",
    [
        a_call(user_id="test-7"),
        a_call(user_id="Ada@Example.com"),
        a_call({"email": " ada@example.com"}),
        a_call(context={"traits": {"email": "ada@example.com"}}),
        a_call(context={"ip": "10.1.2.3"}),
        a_call({"account": {"kind": "internal"}}),
    ],
    ids=["user id", "user id is an address", "e-mail", "e-mail in context", "address", "property"],
)
def test_people_who_test_are_known_by_any_of_what_was_said(call: Call) -> None:
    screen = screening(
        {
            "test_accounts": "drop",
            "user_ids": ["test-*"],
            "email_domains": ["example.com"],
            "ips": ["10.0.0.0/8"],
            "properties": {"account.kind": "internal"},
        }
    )
    assert dropped(screen, call) == "test_account"
    cleaned(screen, a_call({"email": "ada@example.org"}, context={"ip": "192.0.2.7"}))


def test_excluded_events_are_kept_and_count_nowhere_and_people_stay_who_they_are() -> None:
    screen = screening({"test_accounts": "exclude", "user_ids": ["test-*"]})
    event = cleaned(screen, a_call(user_id="test-7"))
    told = cleaned(screen, a_call(user_id="test-7", kind="identify", name="identify"))
    assert (event.kind, told.kind) == ("aside", "identify")
    assert event.context == told.context == {"perennial": {"cleaned": ["r0"]}}


def test_marked_calls_count_and_say_that_they_were_found() -> None:
    event = cleaned(screening({"bots": "mark"}), a_call(context={"userAgent": GOOGLE}))
    assert event.kind == "track"
    assert event.context["perennial"] == {"cleaned": ["r0"]}


def test_clocks_that_run_ahead_are_brought_to_the_time_of_reception() -> None:
    screen = screening({"clock": "clamp", "ahead": "1h"})
    event = cleaned(screen, a_call(occurred_at=NOON + 2 * HOUR))
    assert event.occurred_at == NOON
    assert event.context["perennial"] == {
        "cleaned": ["r0"],
        "was": {"timestamp": "2026-03-31T14:00:00+00:00"},
    }
    assert cleaned(screen, a_call(occurred_at=NOON + HOUR)).occurred_at == NOON + HOUR


def test_a_rule_about_clocks_also_mends_what_would_be_refused_without() -> None:
    sent = {"type": "track", "event": "e", "userId": "p1", "timestamp": "2031-01-01T00:00:00Z"}
    plain = parse_call(sent, Reception(source="web", received_at=NOON), new_id=lambda: "m")
    screen = screening({"clock": "clamp", "ahead": "1h"})
    reception = Reception(source="web", received_at=NOON, screening=screen)
    mended = parse_call(sent, reception, new_id=lambda: "m")
    assert isinstance(plain, Reject)
    assert plain.code == "future_timestamp"
    assert isinstance(mended, Call)
    assert mended.occurred_at == NOON


def test_what_happened_before_a_local_day_is_an_outlier() -> None:
    screen = screening({"clock": "drop", "before": "2015-01-01"})
    midnight_in_shanghai = datetime(2014, 12, 31, 16, tzinfo=UTC)
    assert dropped(screen, a_call(occurred_at=midnight_in_shanghai - HOUR)) == "clock_outlier"
    cleaned(screen, a_call(occurred_at=midnight_in_shanghai))


def test_the_same_a_moment_later_under_another_id_is_a_near_duplicate() -> None:
    screen = screening({"near_duplicates": "drop", "within": "5s"})
    cleaned(screen, a_call({"a": 1}))
    soon, late = NOON + timedelta(seconds=4), NOON + timedelta(seconds=6)
    assert dropped(screen, a_call({"a": 1}, message_id="m-2", occurred_at=soon)) == "near_duplicate"
    cleaned(screen, a_call({"a": 1}, message_id="m-1", occurred_at=soon))  # a client that repeats itself
    cleaned(screen, a_call({"a": 2}, message_id="m-3", occurred_at=soon))
    cleaned(screen, a_call({"a": 1}, user_id="p2", message_id="m-4", occurred_at=soon))
    cleaned(screen, a_call({"a": 1}, message_id="m-5", occurred_at=late))


def test_only_so_many_calls_are_remembered() -> None:
    recent = RecentCalls(most=2)
    for number in range(3):
        recent.is_repeat(a_call({"n": number}, message_id=f"m-{number}"), within=HOUR)
    assert not recent.is_repeat(a_call({"n": 0}, message_id="again"), within=HOUR)
    assert recent.is_repeat(a_call({"n": 2}, message_id="again"), within=HOUR)


# --- rewriting ------------------------------------------------------------------------------------


def test_phones_come_to_one_form_and_what_was_sent_is_kept_beside() -> None:
    screen = screening({"phone": ["phone", "contacts.phone"], "region": "CN"})
    event = cleaned(
        screen,
        a_call({"phone": "138 0013 8000", "contacts": [{"phone": 13800138001}, {"phone": "none"}]}),
    )
    assert event.properties == {
        "phone": "+8613800138000",
        "contacts": [{"phone": "+8613800138001"}, {"phone": "none"}],
    }
    assert event.context["perennial"] == {
        "cleaned": ["r0"],
        "was": {"phone": "138 0013 8000", "contacts.phone": [13800138001, "none"]},
    }


def test_addresses_and_texts_lose_case_and_spaces_that_mean_nothing() -> None:
    screen = screening({"email": "email"}, {"trim": ["city"]})
    event = cleaned(screen, a_call({"email": " Ada@Example.COM ", "city": " New   York\n"}))
    assert event.properties == {"email": "ada@example.com", "city": "New York"}


def test_fen_become_yuan_as_one_would_write_it() -> None:
    screen = screening(
        {"multiply": "amount_fen", "by": 0.01, "to": "amount"}, {"multiply": "i.p", "by": 0.01}
    )
    event = cleaned(screen, a_call({"amount_fen": 1999, "i": [{"p": 5}, {"p": 100}]}))
    assert event.properties == {"amount": 19.99, "i": [{"p": 0.05}, {"p": 1}]}
    assert event.context["perennial"] == {
        "cleaned": ["r0", "r1"],
        "was": {"amount_fen": 1999, "i.p": [5, 100]},
    }


def test_a_renamed_property_gives_way_to_one_that_has_the_name() -> None:
    screen = screening({"rename": "amt", "to": "amount"})
    assert cleaned(screen, a_call({"amt": 5})).properties == {"amount": 5}
    assert cleaned(screen, a_call({"amt": 5, "amount": 6})).properties == {"amt": 5, "amount": 6}


def test_a_rule_is_about_the_events_and_sources_it_names() -> None:
    rule: Mapping[str, Json] = {"trim": "a", "events": ["order_paid"], "sources": ["app*"]}
    sent = a_call({"a": " x"})
    assert cleaned(screening(rule, source="app-ios"), sent).properties == {"a": "x"}
    assert cleaned(screening(rule, source="web"), sent) is sent
    other = a_call({"a": " x"}, name="order_seen")
    assert cleaned(screening(rule, source="app-ios"), other) is other


def test_consent_is_kept_as_it_was_given() -> None:
    consent = a_call({"channel": "email"}, user_id="test-1", kind="consent", name="consent")
    assert screening({"test_accounts": "drop", "user_ids": ["test-*"]})(consent) is consent


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("138 0013 8000", "CN", "+8613800138000"),
        ("0086 138-0013-8000", "CN", "+8613800138000"),
        ("+1 650 253 0000", "", "+16502530000"),
        ("138 0013 8000", "", None),
        ("12", "CN", None),
        ("ada", "CN", None),
    ],
)
def test_a_phone_is_read_as_people_write_it(text: str, region: str, expected: str | None) -> None:
    assert e164(text, region) == expected


def test_what_is_no_address_stays() -> None:
    assert plain_email("ada@localhost") is None
    assert plain_email("ada example@b.cn") is None
    assert plain_email("@b.cn") is None


def test_units_are_decimal() -> None:
    assert [scaled(1999, 0.01), scaled(2000, 0.01), scaled(0.1, 3)] == [19.99, 20, 0.3]


# --- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "path", "code"),
    [
        ({"id": "a"}, "$.rules[0]", "one_deed"),
        ({"id": "a", "bots": "drop", "trim": ["x"]}, "$.rules[0]", "one_deed"),
        ({"bots": "drop"}, "$.rules[0].id", "bad_id"),
        ({"id": "a", "bots": "dorp"}, "$.rules[0].bots", "unknown_word"),
        ({"id": "a", "bots": "drop", "also": ["("]}, "$.rules[0].also[0]", "bad_pattern"),
        ({"id": "a", "bots": "drop", "within": "5s"}, "$.rules[0].within", "unknown_key"),
        ({"id": "a", "test_accounts": "mark"}, "$.rules[0]", "nobody_named"),
        ({"id": "a", "test_accounts": "mark", "ips": ["10.0.0.300"]}, "$.rules[0].ips[0]", "bad_network"),
        ({"id": "a", "clock": "mark"}, "$.rules[0]", "no_limit"),
        ({"id": "a", "clock": "mark", "ahead": "soon"}, "$.rules[0].ahead", "bad_duration"),
        ({"id": "a", "near_duplicates": "drop"}, "$.rules[0].within", "bad_duration"),
        ({"id": "a", "phone": []}, "$.rules[0].phone", "empty_list"),
        ({"id": "a", "phone": ["p"], "region": "china"}, "$.rules[0].region", "bad_region"),
        ({"id": "a", "multiply": "x", "by": "two"}, "$.rules[0].by", "wrong_type"),
        ({"id": "a", "multiply": "x.y", "by": 2, "to": "z"}, "$.rules[0].multiply", "not_inside"),
        ({"id": "a", "rename": "x"}, "$.rules[0].to", "wrong_type"),
    ],
)
def test_a_mistake_in_a_rule_has_its_place(rule: Json, path: str, code: str) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        parse_cleaning({"rules": [rule]}, zone=Zone())
    assert [(one.path, one.code) for one in refusal.value.problems] == [(path, code)]


def test_rules_have_different_ids() -> None:
    rule: Json = {"id": "a", "bots": "drop"}
    with pytest.raises(InvalidDocument) as refusal:
        parse_cleaning({"rules": [rule, rule]}, zone=Zone())
    assert refusal.value.problems[0].code == "duplicate_id"
