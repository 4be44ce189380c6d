"""A tracking plan says what clients should send, and what becomes of what is not so."""

from perennial.collect.plans.model import (
    MODES,
    VALUE_TYPES,
    VIOLATION_CODES,
    EventRule,
    Mode,
    PropertyRule,
    TrackingPlan,
    Violation,
)
from perennial.collect.plans.parse import parse_plan
from perennial.collect.plans.rules import CompiledPlan, mode_of
from perennial.collect.plans.schema import plan_schema

__all__ = [
    "MODES",
    "VALUE_TYPES",
    "VIOLATION_CODES",
    "CompiledPlan",
    "EventRule",
    "Mode",
    "PropertyRule",
    "TrackingPlan",
    "Violation",
    "mode_of",
    "parse_plan",
    "plan_schema",
]
