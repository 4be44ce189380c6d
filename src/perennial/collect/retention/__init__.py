"""Retention is for how long events are kept; what is past its period is removed every day, and counted."""

from perennial.collect.retention.model import Cutoffs, Overreach, Removal, RetentionRules
from perennial.collect.retention.parse import parse_retention
from perennial.collect.retention.ports import PastEvents, Removals
from perennial.collect.retention.rules import cutoffs, is_past

__all__ = [
    "Cutoffs",
    "Overreach",
    "PastEvents",
    "Removal",
    "Removals",
    "RetentionRules",
    "cutoffs",
    "is_past",
    "parse_retention",
]
