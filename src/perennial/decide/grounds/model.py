"""A ground's nouns: one rule that decided something about a person, with what it was measured by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from perennial.kernel.values import Json

GroundRule = Literal[
    # why nobody came in
    "no_event",
    "imported",
    "before_publication",
    "no_match",
    "first_fill",
    "too_old",
    "no_key",
    "repeated",
    "already_enrolled",
    "reentry",
    "condition",
    "not_a_member",
    "member_already",
    "journey_not_live",
    "not_heard_yet",
    # where a run stands
    "entered",
    "waiting",
    "moving",
    "paused",
    "left_exit_node",
    "left_exit_rule",
    "left_ended",
    "left_quarantined",
    "goal_reached",
    "goal_open",
    "goal_missed",
    # what became of messages
    "message_sent",
    "message_held",
    "message_dropped",
    "message_withheld",
    "message_other",
    # which arm
    "arm_without_control",
    "arm_by_hash",
    "arm_kept",
    "held_out",
]
"""Which rule it was; each has a sentence in every language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One rule that decided: what was found, what it was held against, and when."""

    rule: GroundRule
    value: Json = None
    threshold: Json = None
    at: datetime | None = None
    subject: str = ""
    """What it is about: an event, a node, a message's reason."""
    detail: str = ""
    """The rule as its author wrote it, where there is one."""
