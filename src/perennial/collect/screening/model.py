"""What screening keeps: the documents a workspace declared, and the notes that calls carry of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from perennial.kernel.values import Json

DeclarationKind = Literal["plan", "cleaning", "identity", "retention", "policy"]

NOTES = "perennial"
"""The object in a call's context that says what screening found and changed."""
VIOLATIONS, CLEANED, WAS = "plan", "cleaned", "was"
"""Inside it: violations as `code path`, rules that changed or marked the call, values before their change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One version of a document of which a workspace has one; versions never change."""

    kind: DeclarationKind
    version: int
    document: Mapping[str, Json]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationCount:
    """How often what was sent was not as planned, in one way."""

    outcome: Literal["warned", "blocked"]
    code: str
    event: str
    """Of a blocked call, what it would have been; its payload is among the rejects."""
    path: str
    source: str
    events: int
    first_at: datetime
    """By the time of reception."""
    last_at: datetime
    message_id: str
    """Of the last one; of a blocked call as it said, empty where it said none."""
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningCount:
    """How many calls a rule of cleaning changed, marked or dropped on one day."""

    rule: str
    day: date
    """A local day of the workspace."""
    outcome: Literal["kept", "set_aside", "dropped"]
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalCount:
    """How many calls of one source and event were refused for one reason at one place."""

    code: str
    event: str
    """Empty where the call named none."""
    path: str
    source: str
    events: int
    first_at: datetime
    last_at: datetime
    message: str
    """Of the last one."""
    message_id: str
    """Of the last one, as the call said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """How what was sent kept to the plan since an instant."""

    since: datetime
    violations: Sequence[ViolationCount]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningReport:
    """What the rules of cleaning did since an instant."""

    since: datetime
    counts: Sequence[CleaningCount]
