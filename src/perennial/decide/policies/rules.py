"""The gate's verdicts, in the order the design fixes.

Address, consent, suppression, holdout, caps, quiet hours, timing, validity. What a provider takes per second
is no verdict on a message: it stays queued.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from perennial.decide.policies.caps import free_from
from perennial.decide.policies.hours import after_quiet, earliest
from perennial.decide.policies.model import (
    TRANSACTIONAL,
    Candidate,
    Circumstances,
    Drop,
    DropReason,
    GatePolicy,
    Hold,
    HoldReason,
    Pass,
    Taken,
    Verdict,
)

_MOST_ROUNDS = 20
"""Caps, quiet hours and timing push each other on; policies that never agree hold for another look."""


def decide_send(
    candidate: Candidate, circumstances: Circumstances, policy: GatePolicy, *, now: datetime
) -> Verdict:
    """Let a message through, hold it until it may go, or drop it; the first reason counts."""
    refusal = _refusal(candidate, circumstances)
    if refusal is not None:
        return Drop(reason=refusal)
    has_expired = candidate.expires_at is not None and candidate.expires_at <= now
    waiting = _waiting(candidate, circumstances, policy, now)
    if waiting is None:
        return Drop(reason="expired") if has_expired else Pass()
    if waiting.reason == "capped" and candidate.over_cap == "drop":
        return Drop(reason="capped")
    # Held past its end it could never go out: say so now rather than later.
    if candidate.expires_at is not None and candidate.expires_at <= waiting.until:
        return Drop(reason="expired" if has_expired else waiting.reason)
    return waiting


def decide_many(
    candidates: Sequence[Candidate], circumstances: Circumstances, policy: GatePolicy, *, now: datetime
) -> Mapping[str, Verdict]:
    """The verdict on each of several messages to one person, by message id.

    They compete for the caps' room: priority first, then expected value, then the older (ties by id).
    """
    verdicts: dict[str, Verdict] = {}
    for candidate in sorted(candidates, key=_rank):
        verdict = decide_send(candidate, circumstances, policy, now=now)
        verdicts[candidate.message_id] = verdict
        if isinstance(verdict, Pass) and len(candidates) > 1:
            taken = Taken(channel=candidate.channel, topic=candidate.topic, at=now)
            circumstances = replace(circumstances, taken=(*circumstances.taken, taken))
    return verdicts


def _rank(candidate: Candidate) -> tuple[int, float, datetime, str]:
    return (-candidate.priority, -candidate.value, candidate.created_at, candidate.message_id)


def _refusal(candidate: Candidate, circumstances: Circumstances) -> DropReason | None:
    channel, topic = candidate.channel, candidate.topic
    if not circumstances.addresses.get(channel):
        return "no_address"
    if topic != TRANSACTIONAL and (channel, topic) not in circumstances.consented:
        return "no_consent"
    if channel in circumstances.suppressed:
        return "suppressed"
    return "holdout" if circumstances.is_held_out and topic != TRANSACTIONAL else None


def _waiting(
    candidate: Candidate, circumstances: Circumstances, policy: GatePolicy, now: datetime
) -> Hold | None:
    """For how long a message has to wait, and the first reason for it; None where it may go now."""
    zone, ready = circumstances.zone, now
    reason: HoldReason | None = None
    for _ in range(_MOST_ROUNDS):
        begin = ready
        if circumstances.taken:
            ready = free_from(candidate, policy.caps, circumstances.taken, at=ready, zone=zone)
            reason = reason or ("capped" if ready > begin else None)
        if policy.quiet_hours:
            awake = after_quiet(candidate, policy.quiet_hours, at=ready, zone=zone)
            reason = reason or ("quiet_hours" if awake > ready else None)
            ready = awake
        if candidate.at is not None:
            timed = max(ready, earliest(candidate, policy, zone=zone))
            reason = reason or ("timing" if timed > ready else None)
            ready = timed
        if ready == begin:
            break
    return None if reason is None else Hold(reason=reason, until=ready)
