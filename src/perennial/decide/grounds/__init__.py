"""Grounds: why a person did not enter a journey, waits, was held, left, or got an arm."""

from perennial.decide.grounds.model import Ground, GroundRule
from perennial.decide.grounds.rules import (
    arm,
    goal,
    held_out,
    ignored,
    match_text,
    pattern_text,
    refusal,
    standing,
    with_exit_rule,
)
from perennial.decide.grounds.words import sentences

__all__ = [
    "Ground",
    "GroundRule",
    "arm",
    "goal",
    "held_out",
    "ignored",
    "match_text",
    "pattern_text",
    "refusal",
    "sentences",
    "standing",
    "with_exit_rule",
]
