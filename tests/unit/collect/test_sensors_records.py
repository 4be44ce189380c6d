"""What records of 神策 amount to, read by the rules that every call is read by."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from perennial.collect.events.model import Call, Reception, Reject
from perennial.collect.events.rules import parse_call
from perennial.collect.protocols import calls_of_records
from perennial.kernel.values import Json

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
MILLISECONDS = int(NOON.timestamp() * 1_000)


def a_record(kind: str = "track", **fields: Json) -> dict[str, Json]:
    return {"type": kind, "time": MILLISECONDS, "distinct_id": "v1", "properties": {}, **fields}


def read(*records: Json, project: str = "default") -> Sequence[Call | Reject]:
    reception = Reception(source="web", received_at=NOON, knows_operations=True)
    return [
        parse_call(call, reception, new_id=lambda: "made", index=index)
        for index, call in enumerate(calls_of_records(records, project=project))
    ]


def read_call(*records: Json) -> Call:
    (call,) = read(*records)
    assert isinstance(call, Call)
    return call


def ids_of(*records: Json, project: str = "default") -> list[str]:
    return [call.message_id for call in read(*records, project=project) if isinstance(call, Call)]


def test_a_tracked_record_is_an_event_at_its_time() -> None:
    call = read_call(
        a_record(event="看商品", properties={"$is_login_id": True, "$lib": "python", "价格": 12.5})
    )

    assert (call.kind, call.name, call.user_id, call.anonymous_id) == ("track", "看商品", "v1", "")
    assert (call.occurred_at, call.properties) == (NOON, {"$lib": "python", "价格": 12.5})


def test_an_id_is_a_visitors_unless_the_record_says_otherwise() -> None:
    assert read_call(a_record(event="e")).anonymous_id == "v1"
    named = read_call(a_record(event="e", login_id="u1", anonymous_id="v2"))
    assert (named.user_id, named.anonymous_id) == ("u1", "v2")


@pytest.mark.parametrize(
    ("kind", "given", "operation", "traits"),
    [
        ("profile_set", {"city": "上海"}, None, {"city": "上海"}),
        ("profile_set_once", {"city": "上海"}, "set_once", {"city": "上海"}),
        ("profile_increment", {"orders": 2}, "increment", {"orders": 2}),
        ("profile_append", {"likes": ["茶"]}, "append", {"likes": ["茶"]}),
        ("profile_unset", {"city": True}, None, {"city": None}),
        ("profile_delete", {}, "delete", {}),
    ],
)
def test_a_profile_record_is_an_identify_call_with_its_operation(
    kind: str, given: dict[str, Json], operation: str | None, traits: dict[str, Json]
) -> None:
    about_sending: dict[str, Json] = {"$is_login_id": True, "$lib": "python", "$lib_version": "1.11.0"}
    call = read_call(a_record(kind, properties={**given, **about_sending}))

    assert (call.kind, call.user_id, call.operation, call.properties) == ("identify", "v1", operation, traits)


def test_a_sign_up_joins_two_ids_and_is_an_event() -> None:
    joined, happened = read(a_record("track_signup", distinct_id="u1", original_id="v1"))

    assert isinstance(joined, Call)
    assert isinstance(happened, Call)
    assert (joined.kind, joined.previous_id, joined.user_id) == ("alias", "v1", "u1")
    assert (happened.kind, happened.name, happened.user_id) == ("track", "$SignUp", "u1")
    assert joined.message_id != happened.message_id


@pytest.mark.parametrize("kind", ["item_set", "item_delete", "track_id_bind", "", None])
def test_what_has_no_meaning_here_is_refused_by_its_name_and_kept(kind: Json) -> None:
    (refused,) = read({**a_record(item_id="i1"), "type": kind})

    assert isinstance(refused, Reject)
    assert (refused.code, refused.path) == ("unknown_type", "$.type")
    assert '"item_id":"i1"' in refused.payload


@pytest.mark.parametrize("record", ["text", 1, None, [], {}])
def test_what_is_no_record_is_refused(record: Json) -> None:
    (refused,) = read(record)
    assert isinstance(refused, Reject)


@pytest.mark.parametrize(
    ("kind", "given"),
    [("profile_increment", {"orders": "two"}), ("profile_append", {"likes": "茶"}), ("profile_set", "city")],
)
def test_an_operation_on_what_it_cannot_work_on_is_refused(kind: str, given: Json) -> None:
    (refused,) = read(a_record(kind, properties=given))
    assert isinstance(refused, Reject)
    assert refused.code == "bad_traits"


def test_a_record_that_is_sent_again_has_the_same_id_and_any_other_another() -> None:
    record = a_record(event="e", lib={"$lib_detail": "a.py:1"}, _flush_time=MILLISECONDS)
    again = {**record, "lib": {"$lib_detail": "b.py:2"}, "_flush_time": MILLISECONDS + 5}

    assert ids_of(record) == ids_of(again)
    assert ids_of(record) != ids_of({**record, "event": "f"})
    assert ids_of(record) != ids_of(record, project="other")


def test_equal_records_of_one_request_are_several() -> None:
    record = a_record(event="e")
    ids = ids_of(record, record, a_record(event="f"), record)

    assert len(set(ids)) == 4
    assert ids == ids_of(record, record, a_record(event="f"), record)


def test_the_place_in_a_callers_source_is_kept_nowhere() -> None:
    call = read_call(
        a_record(
            event="e", lib={"$lib": "python", "$lib_detail": "secret.py:7"}, properties={"$lib_detail": "x"}
        )
    )
    assert (call.properties, call.context) == ({}, {"library": {"name": "python"}})


def test_what_is_refused_is_kept_without_that_place_too() -> None:
    record = {"type": "item_set", "lib": {"$lib_detail": "secret.py:7"}, "properties": {"price": 10}}
    (passed_on,) = calls_of_records([record], project="default")

    assert "secret" not in str(passed_on)
    assert isinstance(passed_on, Mapping)
    assert passed_on["properties"] == {"price": 10}


def test_a_wrong_clock_is_corrected_by_the_time_of_sending() -> None:
    call = read_call(a_record(event="e", time=0, _flush_time=1_000))
    assert (NOON - call.occurred_at).total_seconds() == 1


def test_other_clients_know_no_operations() -> None:
    call = parse_call(
        {"type": "identify", "userId": "u", "traits": {"a": 1}, "operation": "increment"},
        Reception(source="web", received_at=NOON),
        new_id=lambda: "m",
    )
    assert isinstance(call, Call)
    assert (call.operation, call.properties) == (None, {"a": 1})
