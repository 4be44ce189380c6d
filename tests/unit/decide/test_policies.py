from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from perennial.decide.policies import (
    REASONS,
    Candidate,
    Circumstances,
    Drop,
    DropReason,
    FrequencyCap,
    Hold,
    HoldReason,
    Pass,
    decide_many,
    decide_send,
)

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CAP = FrequencyCap(limit=2, window=24 * HOUR, topics=("marketing",))
OFFER = Candidate(message_id="m1", topic="marketing", priority=50, created_at=NOON)
READY = Circumstances(address="a@example.invalid", consented=frozenset({"marketing"}), cap=CAP)
CAPPED = replace(READY, sent_at={"marketing": (NOON - 6 * HOUR, NOON - 12 * HOUR)})


def test_a_person_with_address_and_consent_gets_the_message() -> None:
    assert decide_send(OFFER, READY, now=NOON) == Pass()


def test_the_first_reason_counts_in_the_order_of_the_gate() -> None:
    late = replace(OFFER, over_cap="drop", expires_at=NOON)
    nothing = Circumstances(address=None, is_suppressed=True, cap=CAP)
    order = [
        (nothing, "no_address"),
        (replace(nothing, address="a"), "no_consent"),
        (replace(nothing, address="a", consented=frozenset({"marketing"})), "suppressed"),
        (CAPPED, "capped"),
        (READY, "expired"),
    ]
    for circumstances, reason in order:
        assert decide_send(late, circumstances, now=NOON) == Drop(reason=reason)  # pyright: ignore[reportArgumentType]


def test_transactional_messages_need_no_consent_but_respect_suppression() -> None:
    receipt = replace(OFFER, topic="transactional")
    alone = replace(READY, consented=frozenset())
    assert decide_send(receipt, alone, now=NOON) == Pass()
    assert decide_send(receipt, replace(alone, is_suppressed=True), now=NOON) == Drop(reason="suppressed")


def test_a_capped_person_is_held_until_the_window_frees_up() -> None:
    held = decide_send(OFFER, CAPPED, now=NOON)
    assert held == Hold(reason="capped", until=NOON + 12 * HOUR)
    assert decide_send(replace(OFFER, over_cap="hold"), CAPPED, now=NOON + 12 * HOUR) == Pass()


def test_a_message_that_would_expire_while_held_is_dropped_at_once() -> None:
    short = replace(OFFER, over_cap="hold", expires_at=NOON + 12 * HOUR)
    assert decide_send(short, CAPPED, now=NOON) == Drop(reason="capped")


def test_each_topic_under_the_cap_is_counted_by_itself() -> None:
    both = replace(CAP, topics=("marketing", "service"))
    agreed = replace(CAPPED, cap=both, consented=frozenset({"marketing", "service"}))
    assert decide_send(replace(OFFER, topic="service"), agreed, now=NOON) == Pass()
    assert isinstance(decide_send(OFFER, agreed, now=NOON), Hold)


def test_other_topics_and_no_cap_leave_room() -> None:
    service = replace(OFFER, topic="service")
    agreed = replace(CAPPED, consented=frozenset({"marketing", "service"}))
    assert decide_send(service, agreed, now=NOON) == Pass()
    assert decide_send(OFFER, replace(CAPPED, cap=None), now=NOON) == Pass()


def test_candidates_compete_by_priority_then_age() -> None:
    one_slot = replace(READY, sent_at={"marketing": (NOON - HOUR,)})
    losing = replace(OFFER, over_cap="drop")
    young = replace(losing, message_id="young", created_at=NOON - HOUR)
    old = replace(losing, message_id="old", created_at=NOON - 2 * HOUR)
    urgent = replace(losing, message_id="urgent", priority=90)
    assert decide_many([young, old], one_slot, now=NOON) == {"old": Pass(), "young": Drop(reason="capped")}
    verdicts = decide_many([young, old, urgent], one_slot, now=NOON)
    assert [key for key, verdict in verdicts.items() if verdict == Pass()] == ["urgent"]


def test_every_reason_is_documented() -> None:
    assert set(REASONS) == {*get_args(DropReason), *get_args(HoldReason)}


def test_a_cap_that_lets_nothing_through_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FrequencyCap(limit=0)
