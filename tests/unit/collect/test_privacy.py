"""Which calls are an erased person's."""

from datetime import UTC, datetime

from perennial.collect.events.call import Call
from perennial.collect.identity.model import ANONYMOUS, USER, Identifier
from perennial.collect.privacy import ErasedNames, erased_call, is_erased

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ERASED = ErasedNames.of([Identifier(USER, "li"), Identifier(ANONYMOUS, "phone")], salt=b"salt")


def a_call(*, user: str = "", device: str = "", previous: str = "") -> Call:
    return Call(
        kind="track",
        name="seen",
        user_id=user,
        anonymous_id=device,
        previous_id=previous,
        occurred_at=NOON,
        received_at=NOON,
        message_id="m1",
        source="web",
    )


def test_calls_under_an_erased_id_are_nobodys_any_more() -> None:
    assert isinstance(ERASED.screen(a_call(user="li")), bytes)
    assert isinstance(ERASED.screen(a_call(device="phone")), bytes)
    assert isinstance(ERASED.screen(a_call(user="wang", previous="li")), bytes)


def test_another_person_on_an_erased_persons_device_is_kept_without_the_device() -> None:
    kept = ERASED.screen(a_call(user="wang", device="phone"))
    assert isinstance(kept, Call)
    assert (kept.user_id, kept.anonymous_id) == ("wang", "")


def test_other_peoples_calls_stay_as_they_are() -> None:
    call = a_call(user="wang", device="tablet")
    assert ERASED.screen(call) is call
    # A device id that reads like a user id is another name.
    assert isinstance(ERASED.screen(a_call(device="li")), Call)


def test_a_refused_call_is_known_by_the_ids_it_was_sent_with() -> None:
    assert ERASED.is_named_in('{"userId":"li","event":""}')
    assert ERASED.is_named_in('{"anonymousId":"phone"}')
    assert not ERASED.is_named_in('{"userId":"wang"}')
    assert not ERASED.is_named_in('{"event":"')
    assert not ERASED.is_named_in("[1, 2]")


def test_of_an_erased_call_only_its_place_is_left() -> None:
    left = erased_call(a_call(user="li", device="phone"))
    assert is_erased(left)
    assert not is_erased(a_call(user="li"))
    assert "li" not in (left.user_id, left.anonymous_id, left.name)
