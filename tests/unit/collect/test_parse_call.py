"""What one call says, and what is wrong with it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from perennial.collect.events.codec import decode_calls, encode_calls
from perennial.collect.events.model import Call, CallKind, Reception, Reject
from perennial.collect.events.rows import table_of
from perennial.collect.events.rules import message_key, message_keys, parse_call, with_context
from perennial.kernel.ids import ProfileId
from perennial.kernel.windows import Zone

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HISTORY = Reception(source="import:x", received_at=None, zone=Zone(name="Asia/Shanghai"))


def live(*, kind: CallKind | None = None, sent_at: object = None) -> Reception:
    return Reception(source="web", received_at=NOON, kind=kind, sent_at=sent_at)


def a_track(**changes: object) -> dict[str, object]:
    return {"type": "track", "event": "order_paid", "userId": "p1", "messageId": "m-1", **changes}


def parsed(document: object, reception: Reception | None = None) -> Call:
    call = parse_call(document, reception or live(), new_id=lambda: "made-up")
    assert isinstance(call, Call), call
    return call


def a_row(call: Call) -> dict[str, object]:
    return table_of([call], [ProfileId(7)]).to_pylist()[0]


def refused(document: object, reception: Reception | None = None) -> tuple[str, str]:
    reject = parse_call(document, reception or live(), new_id=lambda: "made-up")
    assert isinstance(reject, Reject), reject
    return reject.path, reject.code


def test_a_track_call_is_an_event_under_its_own_name() -> None:
    call = parsed(a_track(properties={"amount": 12.5}, unknown_field=1))
    assert (call.kind, call.name, call.user_id, call.message_id) == ("track", "order_paid", "p1", "m-1")
    assert call.properties == {"amount": 12.5}


def test_a_page_is_an_event_named_page_with_its_name_as_a_property() -> None:
    call = parsed({"type": "page", "anonymousId": "a", "name": "Home", "properties": {"url": "/"}})
    assert (call.name, call.properties) == ("page", {"url": "/", "name": "Home"})


def test_ids_that_are_null_or_empty_are_absent_and_numbers_are_texts() -> None:
    call = parsed(a_track(userId=42, anonymousId=None, messageId=""))
    assert (call.user_id, call.anonymous_id, call.message_id) == ("42", "", "made-up")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"userId": None}, ("$", "missing_id")),
        ({"userId": "x" * 256}, ("$.userId", "id_too_long")),
        ({"userId": ["p1"]}, ("$.userId", "bad_id")),
        ({"event": None}, ("$.event", "missing_event")),
        ({"event": 7}, ("$.event", "bad_event")),
        ({"event": "e" * 201}, ("$.event", "name_too_long")),
        ({"event": "message_sent"}, ("$.event", "reserved_name")),
        ({"event": "*"}, ("$.event", "reserved_name")),
        ({"type": "trak"}, ("$.type", "unknown_type")),
        ({"properties": [1]}, ("$.properties", "bad_properties")),
        ({"context": "x"}, ("$.context", "bad_context")),
        ({"timestamp": "yesterday"}, ("$.timestamp", "bad_timestamp")),
        ({"timestamp": "2026-04-03T12:00:01Z"}, ("$.timestamp", "future_timestamp")),
        ({"timestamp": "0001-01-01T00:00:00Z"}, ("$.timestamp", "bad_timestamp")),
        ({"properties": {"a": "b\x00"}}, ("$", "bad_text")),
        ({"properties": {"a": "\ud800"}}, ("$", "bad_text")),
        ({"properties": {"a": "b" * 33_000}}, ("$", "too_large")),
        (
            {"type": "consent", "consent": "email/marketing", "state": "granted"},
            ("$.type", "consent_by_token"),
        ),
    ],
)
def test_a_bad_call_is_refused_with_its_place_and_reason(
    changes: Mapping[str, object], expected: tuple[str, str]
) -> None:
    assert refused(a_track(**changes)) == expected


def test_what_is_no_object_is_refused() -> None:
    assert refused([1]) == ("$", "bad_call")


def test_an_escaped_backslash_is_not_taken_for_a_nul() -> None:
    assert parsed(a_track(properties={"path": "C:\\u0000"})).properties == {"path": "C:\\u0000"}


def test_an_unknown_type_hints_at_the_nearest() -> None:
    reject = parse_call(a_track(type="trak"), live(), new_id=lambda: "m")
    assert isinstance(reject, Reject)
    assert reject.hint == "Did you mean 'track'?"


def test_a_wrong_client_clock_is_corrected_by_the_time_it_says_it_sent() -> None:
    received = Reception(source="web", received_at=datetime(2026, 3, 1, 9, 30, 6, tzinfo=UTC))
    call = parsed(a_track(timestamp="2026-03-01T10:00:00Z", sentAt="2026-03-01T10:00:05Z"), received)
    assert call.occurred_at == datetime(2026, 3, 1, 9, 30, 1, tzinfo=UTC)


def test_the_batch_says_when_it_was_sent_where_the_item_does_not() -> None:
    call = parsed(
        a_track(originalTimestamp="2026-03-31T13:00:00+08:00"), live(sent_at="2026-03-31T13:00:05+08:00")
    )
    assert call.occurred_at == NOON - timedelta(seconds=5)


@pytest.mark.parametrize(
    "stated",
    [1_774_958_400_000, "1774958400000", "2026-03-31T12:00:00.000000123Z"],
    ids=["number", "text", "nanoseconds"],
)
def test_milliseconds_and_nanoseconds_are_times(stated: object) -> None:
    assert parsed(a_track(timestamp=stated)).occurred_at == NOON


def test_a_call_without_a_time_happened_when_it_was_received() -> None:
    assert parsed(a_track()).occurred_at == NOON


def test_history_is_taken_as_it_stands_and_local_to_its_zone() -> None:
    call = parsed(a_track(timestamp="2026-01-03T08:00:00", sentAt="2026-01-03T09:00:00"), HISTORY)
    assert call.occurred_at == call.received_at == datetime(2026, 1, 3, tzinfo=UTC)


def test_history_without_a_time_is_refused() -> None:
    assert refused(a_track(), HISTORY) == ("$.timestamp", "missing_timestamp")


def test_an_alias_needs_both_names() -> None:
    assert refused({"type": "alias", "userId": "p1"}) == ("$.previousId", "missing_id")
    assert parsed({"type": "alias", "userId": "p1", "previousId": "a"}).previous_id == "a"


def test_a_consent_names_channel_and_topic() -> None:
    document = {"userId": "p1", "consent": "email/marketing", "state": "granted", "proof": "form"}
    assert parsed(document, live(kind="consent")).properties == {
        "channel": "email",
        "topic": "marketing",
        "state": "granted",
        "proof": "form",
    }
    assert refused({**document, "state": "yes"}, live(kind="consent")) == ("$.state", "bad_consent")
    assert refused({**document, "consent": "email"}, live(kind="consent")) == ("$.consent", "bad_consent")


def test_the_items_own_context_wins_over_the_batchs() -> None:
    merged = with_context({"context": {"ip": "1"}}, {"ip": "2", "os": "x"})
    assert merged == {"context": {"ip": "1", "os": "x"}}


def test_a_logged_call_reads_back_as_it_was() -> None:
    call = parsed(a_track(properties={"n": 2**60, "list": [1, {"a": None}]}, context={"ip": "1"}))
    assert decode_calls(encode_calls([call, call])) == [call, call]


def test_a_row_keeps_the_original_only_where_the_maps_do_not_give_it_back() -> None:
    plain = a_row(parsed(a_track(properties={"amount": 3, "sku": "x"})))
    nested = a_row(parsed(a_track(properties={"flag": True}, context={"ip": "1"})))
    assert (plain["numbers"], plain["texts"], plain["raw"]) == ([("amount", 3.0)], [("sku", "x")], "")
    assert nested["raw"] == '{"flag":true,"context":{"ip":"1"}}'
    assert nested["texts"] == [("flag", "true"), ("context.ip", "1")]


@pytest.mark.parametrize("written", ["0001-01-01", "9999-12-31T23:00:00-05:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_at_the_calendars_end_is_refused_and_stops_nothing(written: str) -> None:
    assert refused(a_track(timestamp=written), HISTORY) == ("$.timestamp", "bad_timestamp")


def test_an_object_among_traits_is_marked_as_told_and_one_among_properties_is_not() -> None:
    traits = parsed({"type": "identify", "userId": "p1", "traits": {"a": {"b": {}}, "c": 1}})
    assert a_row(traits)["lists"] == [("a", []), ("a.b", [])]
    assert a_row(parsed(a_track(properties={"a": {"b": 1}})))["lists"] == []


def test_a_sent_at_that_no_clock_says_corrects_nothing() -> None:
    call = parsed(a_track(timestamp="2026-03-31T09:00:00Z", sentAt="9999-12-31T00:00:00Z"), live())
    assert call.occurred_at == datetime(2026, 3, 31, 9, tzinfo=UTC)


def test_a_time_that_its_correction_puts_before_the_calendar_is_refused() -> None:
    document = a_track(timestamp="1970-01-01T00:00:00Z", sentAt="2290-01-01T00:00:00Z")
    assert refused(document, live()) == ("$.timestamp", "bad_timestamp")


def test_the_keys_of_many_are_those_of_each() -> None:
    ids = ["m1", "", "购买", "m1\x1f"]
    assert message_keys("import:x", ids) == [message_key("import:x", one) for one in ids]
