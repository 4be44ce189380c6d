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
    GatePolicy,
    Hold,
    HoldReason,
    Pass,
    Reach,
    Taken,
    Verdict,
    rules,
)

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CAP = FrequencyCap(limit=2, window=24 * HOUR, reach=Reach(topics=("marketing",)))
POLICY = GatePolicy(caps=(CAP,))
OFFER = Candidate(message_id="m1", channel="email", topic="marketing", priority=50, created_at=NOON)
REACHABLE = {"email": "a@example.invalid"}
READY = Circumstances(addresses=REACHABLE, consented=frozenset({("email", "marketing")}))
BOTH = frozenset({("email", "marketing"), ("email", "service")})


def sent(*hours_ago: float, topic: str = "marketing", channel: str = "email") -> tuple[Taken, ...]:
    return tuple(Taken(channel=channel, topic=topic, at=NOON - hours * HOUR) for hours in hours_ago)


CAPPED = replace(READY, taken=sent(6, 12))


def decide_send(
    candidate: Candidate, circumstances: Circumstances, *, now: datetime, policy: GatePolicy = POLICY
) -> Verdict:
    return rules.decide_send(candidate, circumstances, policy, now=now)


def test_a_person_with_address_and_consent_gets_the_message() -> None:
    assert decide_send(OFFER, READY, now=NOON) == Pass()


def test_the_first_reason_counts_in_the_order_of_the_gate() -> None:
    late = replace(OFFER, over_cap="drop", expires_at=NOON)
    nothing = Circumstances(addresses={}, suppressed=frozenset({"email"}), is_held_out=True)
    agreed = replace(nothing, addresses=REACHABLE, consented=READY.consented)
    order = [
        (nothing, "no_address"),
        (replace(nothing, addresses=REACHABLE), "no_consent"),
        (agreed, "suppressed"),
        (replace(agreed, suppressed=frozenset()), "holdout"),
        (CAPPED, "capped"),
        (READY, "expired"),
    ]
    for circumstances, reason in order:
        assert decide_send(late, circumstances, now=NOON) == Drop(reason=reason)  # pyright: ignore[reportArgumentType]


def test_transactional_messages_need_no_consent_but_respect_suppression() -> None:
    receipt = replace(OFFER, topic="transactional")
    alone = replace(READY, consented=frozenset())
    assert decide_send(receipt, alone, now=NOON) == Pass()
    assert decide_send(receipt, replace(alone, suppressed=frozenset({"email"})), now=NOON) == Drop(
        reason="suppressed"
    )


def test_a_capped_person_is_held_until_the_window_frees_up() -> None:
    held = decide_send(OFFER, CAPPED, now=NOON)
    assert held == Hold(reason="capped", until=NOON + 12 * HOUR)
    assert decide_send(replace(OFFER, over_cap="hold"), CAPPED, now=NOON + 12 * HOUR) == Pass()


def test_a_message_that_would_expire_while_held_is_dropped_at_once() -> None:
    short = replace(OFFER, over_cap="hold", expires_at=NOON + 12 * HOUR)
    assert decide_send(short, CAPPED, now=NOON) == Drop(reason="capped")


def test_each_topic_under_the_cap_is_counted_by_itself() -> None:
    both = GatePolicy(caps=(replace(CAP, reach=Reach(topics=("marketing", "service"))),))
    agreed = replace(CAPPED, consented=BOTH)
    service = replace(OFFER, topic="service")
    assert decide_send(service, agreed, now=NOON, policy=both) == Pass()
    assert isinstance(decide_send(OFFER, agreed, now=NOON, policy=both), Hold)
    together = GatePolicy(caps=(replace(both.caps[0], together=True),))
    assert isinstance(decide_send(service, agreed, now=NOON, policy=together), Hold)


def test_other_topics_and_no_cap_leave_room() -> None:
    service = replace(OFFER, topic="service")
    assert decide_send(service, replace(CAPPED, consented=BOTH), now=NOON) == Pass()
    assert decide_send(OFFER, CAPPED, now=NOON, policy=GatePolicy(caps=())) == Pass()


def winner(circumstances: Circumstances, *candidates: Candidate) -> str:
    """The one that gets the last room; the others are dropped."""
    verdicts = rules.decide_many(candidates, circumstances, POLICY, now=NOON)
    (passed,) = (key for key, verdict in verdicts.items() if verdict == Pass())
    assert all(verdict == Drop(reason="capped") for key, verdict in verdicts.items() if key != passed)
    return passed


def test_candidates_compete_by_priority_then_value_then_age() -> None:
    one_slot = replace(READY, taken=sent(1))
    losing = replace(OFFER, over_cap="drop")
    young = replace(losing, message_id="young", created_at=NOON - HOUR)
    old = replace(losing, message_id="old", created_at=NOON - 2 * HOUR)
    urgent = replace(losing, message_id="urgent", priority=90)
    dear = replace(young, message_id="dear", value=9.5)
    assert winner(one_slot, young, old) == "old"
    assert winner(one_slot, young, old, dear) == "dear"
    assert winner(one_slot, young, old, dear, urgent) == "urgent"


def test_every_reason_is_documented() -> None:
    assert set(REASONS) == {*get_args(DropReason), *get_args(HoldReason)}


def test_a_cap_that_lets_nothing_through_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FrequencyCap(limit=0)
