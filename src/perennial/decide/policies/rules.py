"""The gate's verdicts, in the order the design fixes: address, consent, suppression, cap, validity."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from perennial.decide.policies.model import (
    TRANSACTIONAL,
    Candidate,
    Circumstances,
    Drop,
    DropReason,
    FrequencyCap,
    Hold,
    Pass,
    Verdict,
)


def decide_send(candidate: Candidate, circumstances: Circumstances, *, now: datetime) -> Verdict:
    """Let a message through, hold it until the cap has room, or drop it; the first reason counts."""
    refusal = _refusal(candidate, circumstances)
    if refusal is not None:
        return Drop(reason=refusal)
    has_expired = candidate.expires_at is not None and candidate.expires_at <= now
    free_at = _free_at(candidate.topic, circumstances, now)
    if free_at is None:
        return Drop(reason="expired") if has_expired else Pass()
    if candidate.over_cap == "drop":
        return Drop(reason="capped")
    # Held past its end it could never go out: say so now rather than later.
    if candidate.expires_at is not None and candidate.expires_at <= free_at:
        return Drop(reason="expired" if has_expired else "capped")
    return Hold(reason="capped", until=free_at)


def decide_many(
    candidates: Sequence[Candidate], circumstances: Circumstances, *, now: datetime
) -> Mapping[str, Verdict]:
    """The verdict on each of several messages to one person over one channel, by message id.

    They compete for the cap's room: priority first, then the older (ties by id).
    """
    verdicts: dict[str, Verdict] = {}
    for candidate in sorted(candidates, key=_rank):
        verdict = decide_send(candidate, circumstances, now=now)
        verdicts[candidate.message_id] = verdict
        if isinstance(verdict, Pass):
            circumstances = _with_slot(circumstances, candidate.topic, now)
    return verdicts


def _rank(candidate: Candidate) -> tuple[int, datetime, str]:
    return (-candidate.priority, candidate.created_at, candidate.message_id)


def _refusal(candidate: Candidate, circumstances: Circumstances) -> DropReason | None:
    if not circumstances.address:
        return "no_address"
    if candidate.topic != TRANSACTIONAL and candidate.topic not in circumstances.consented:
        return "no_consent"
    return "suppressed" if circumstances.is_suppressed else None


def _free_at(topic: str, circumstances: Circumstances, now: datetime) -> datetime | None:
    """When the cap has room for one more; None where it has room now."""
    cap = circumstances.cap
    if cap is None or topic not in cap.topics:
        return None
    recent = _recent(cap, circumstances.sent_at.get(topic, ()), now)
    return None if len(recent) < cap.limit else recent[-cap.limit] + cap.window


def _recent(cap: FrequencyCap, taken: Sequence[datetime], now: datetime) -> list[datetime]:
    return sorted(at for at in taken if at > now - cap.window)


def _with_slot(circumstances: Circumstances, topic: str, now: datetime) -> Circumstances:
    taken = {**circumstances.sent_at, topic: (*circumstances.sent_at.get(topic, ()), now)}
    return replace(circumstances, sent_at=taken)
