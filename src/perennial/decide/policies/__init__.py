"""A policy is a verdict on a message that wants to go out: now, later, or not at all, and why."""

from perennial.decide.policies.model import (
    BEST_HOUR,
    REASONS,
    TRANSACTIONAL,
    Candidate,
    Circumstances,
    Drop,
    DropReason,
    FrequencyCap,
    GatePolicy,
    Hold,
    HoldReason,
    Pass,
    QuietHours,
    Rate,
    Reach,
    Taken,
    Timing,
    Verdict,
)
from perennial.decide.policies.parse import parse_policy
from perennial.decide.policies.rules import decide_many, decide_send

__all__ = [
    "BEST_HOUR",
    "REASONS",
    "TRANSACTIONAL",
    "Candidate",
    "Circumstances",
    "Drop",
    "DropReason",
    "FrequencyCap",
    "GatePolicy",
    "Hold",
    "HoldReason",
    "Pass",
    "QuietHours",
    "Rate",
    "Reach",
    "Taken",
    "Timing",
    "Verdict",
    "decide_many",
    "decide_send",
    "parse_policy",
]
