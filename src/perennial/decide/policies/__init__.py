"""A policy is a verdict on a message that wants to go out: now, later, or not at all, and why."""

from perennial.decide.policies.model import (
    REASONS,
    TRANSACTIONAL,
    Candidate,
    Circumstances,
    Drop,
    DropReason,
    FrequencyCap,
    Hold,
    HoldReason,
    Pass,
    Verdict,
)
from perennial.decide.policies.rules import decide_many, decide_send

__all__ = [
    "REASONS",
    "TRANSACTIONAL",
    "Candidate",
    "Circumstances",
    "Drop",
    "DropReason",
    "FrequencyCap",
    "Hold",
    "HoldReason",
    "Pass",
    "Verdict",
    "decide_many",
    "decide_send",
]
