from dataclasses import replace
from typing import get_args

import pytest
from tests.unit.deliver.delivery_builders import DAY, NOON, a_message, a_send

from perennial.decide.policies import Drop, Hold, Pass
from perennial.deliver.channels import Outcome, Receipt
from perennial.deliver.messages import STATES, TRANSITIONS, MessageState
from perennial.deliver.messages.model import Trigger
from perennial.deliver.messages.rules import (
    LONGEST_RETRY,
    MAX_REFUSALS,
    address_of,
    admitted,
    asked_for,
    handed_over,
    judged,
    retry_at,
    settled,
    trail,
    withheld,
)
from perennial.kernel.events import EMITTED
from perennial.kernel.values import Json

FINAL: tuple[MessageState, ...] = ("sent", "failed", "unknown", "dropped")


def receipt(outcome: Outcome, reason: str = "") -> Receipt:
    return Receipt(message_id=a_message().message_id, outcome=outcome, reason=reason)


def test_the_states_are_a_closed_list_and_every_step_stays_within_it() -> None:
    assert set(STATES) == set(get_args(MessageState))
    assert {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values()) == set(STATES)
    assert {trigger for _, trigger in TRANSITIONS} == set(get_args(Trigger))


@pytest.mark.parametrize("state", FINAL)
def test_nothing_leads_out_of_an_end(state: MessageState) -> None:
    # But that somebody orders it, of what failed or is not known.
    assert not [key for key in TRANSITIONS if key[0] == state and key[1] != "retried"]
    with pytest.raises(KeyError):
        handed_over(a_message(state=state), now=NOON)


def test_what_may_have_gone_out_never_goes_out_again() -> None:
    lost = settled(a_message(state="sending", attempts=1), receipt("unknown", "no_answer"), now=NOON)
    assert (lost.state, lost.reason) == ("unknown", "no_answer")


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("accepted", "sent"),
        ("temporary", "queued"),
        ("unreachable", "queued"),
        ("permanent", "failed"),
        ("unknown", "unknown"),
    ],
)
def test_each_answer_leads_to_its_state(outcome: Outcome, state: MessageState) -> None:
    after = settled(a_message(state="sending", attempts=1), receipt(outcome, "why"), now=NOON)
    assert after.state == state
    assert after.sent_at == (NOON if state == "sent" else None)


def test_a_message_put_off_says_why_and_when_it_is_tried_again() -> None:
    after = settled(a_message(state="sending", attempts=1), receipt("unreachable", "timed_out"), now=NOON)
    assert after.reason == "timed_out"
    assert after.due_at > NOON


def test_retries_take_longer_each_time_up_to_a_limit_and_are_spread() -> None:
    message = a_message(state="sending")
    spans = [
        (retry_at(replace(message, attempts=attempt), "temporary", now=NOON) - NOON).total_seconds()
        for attempt in (1, 2, 4, 8, 20)
    ]
    assert spans == sorted(spans)
    assert spans[-1] <= LONGEST_RETRY["temporary"].total_seconds() * 1.25
    others = {retry_at(a_message(str(n), attempts=1), "temporary", now=NOON) for n in range(10)}
    assert len(others) == 10


def test_a_message_refused_for_now_too_often_has_failed() -> None:
    after = settled(a_message(state="sending", attempts=MAX_REFUSALS), receipt("temporary"), now=NOON)
    assert (after.state, after.reason) == ("failed", "gave_up")


def test_a_server_that_stays_away_never_fails_a_message() -> None:
    after = settled(a_message(state="sending", attempts=10_000), receipt("unreachable", "x"), now=NOON)
    assert after.state == "queued"


def test_a_held_message_that_passes_waits_for_its_provider_and_forgets_the_hold() -> None:
    held = admitted(a_message(), Hold(reason="capped", until=NOON + DAY), now=NOON)
    assert (held.state, held.reason, held.due_at) == ("held", "capped", NOON + DAY)
    released = judged(held, Pass(), now=NOON + DAY)
    assert (released.state, released.reason, released.due_at) == ("queued", "", NOON + DAY)


def test_a_queued_message_that_is_refused_at_the_last_moment_is_dropped() -> None:
    after = judged(a_message(), Drop(reason="no_consent"), now=NOON)
    assert (after.state, after.reason) == ("dropped", "no_consent")


def test_every_state_but_sending_leaves_a_known_event_under_a_derived_id() -> None:
    for state in STATES:
        if state != "sending":
            event = trail(a_message(state=state), now=NOON)
            assert event.name == f"message_{state}"
            assert event.name in EMITTED
            assert event.message_id.startswith("msg_1:")
    with pytest.raises(KeyError):
        trail(a_message(state="sending"), now=NOON)


def test_an_event_says_what_sent_which_message_and_why() -> None:
    dropped = judged(a_message(), Drop(reason="suppressed"), now=NOON)
    assert trail(dropped, now=NOON).properties == {
        "message": "msg_1",
        "journey": "winback",
        "version": "3",
        "enrollment": "enr_1",
        "node": "write",
        "arm": "treated",
        "channel": "email",
        "topic": "marketing",
        "template": "welcome",
        "reason": "suppressed",
    }


def test_a_message_held_twice_leaves_two_events() -> None:
    first = trail(a_message(state="held"), now=NOON)
    second = trail(a_message(state="held"), now=NOON + DAY)
    assert first.message_id != second.message_id


def test_a_withheld_message_tells_the_verdict_it_would_have_had() -> None:
    control = asked_for(a_send(arm="control"), template_version=1, now=NOON)
    event = withheld(admitted(control, Drop(reason="no_consent"), now=NOON), by="control", now=NOON)
    assert event.name == "message_withheld"
    assert (event.properties["verdict"], event.properties["reason"], event.properties["arm"]) == (
        "dropped",
        "no_consent",
        "control",
    )


@pytest.mark.parametrize(
    ("trait", "address"),
    [
        (" anna@example.com ", "anna@example.com"),
        ("anna@example.com\r\nBcc: x@example.com", None),
        ("Anna <anna@example.com>", None),
        ("anna", None),
        ("a" * 250 + "@example.com", None),
        (7, None),
        (None, None),
    ],
)
def test_an_address_is_a_bare_mailbox_or_nothing(trait: Json, address: str | None) -> None:
    assert address_of({"email": trait}, "email") == address


def test_addresses_and_texts_do_not_show_in_logs() -> None:
    assert "anna@example.com" not in repr(a_message())
