"""What the API takes and gives about why a condition holds for a person, precisely."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from perennial.api.schemas import Given, Instant, ProfileText, Shown


class WhyAsked(Given):
    """What to explain: exactly one of a condition, a segment and a tag."""

    condition: JsonValue = None
    segment: str | None = None
    tag: str | None = None
    as_of: str | None = None


class ReasonShown(Shown):
    """One part of what was asked: whether it holds, and what was seen."""

    path: str
    holds: bool
    form: str
    """The word the part begins with: `all`, `did`, `trait`, `segment` …"""
    seen: Mapping[str, Instant | JsonValue]
    """What was found, by name: `count`, `value`, `last_at`, `now`, `before`, `entered_at` …"""
    value: str | None = None
    """Within a tag: the value a person has where this is the first part that holds."""
    condition: JsonValue = None
    sentence: Mapping[str, str] = Field(default_factory=dict[str, str])
    """What is asked, in each language."""
    parts: "Annotated[list[ReasonShown], Field(default_factory=list)]"


class Why(Shown):
    """Whether something holds for a person, part by part."""

    profile_id: ProfileText
    as_of: Instant
    holds: bool
    reading: Mapping[str, list[str]]
    """The same as lines to read, in each language."""
    reason: ReasonShown


class GroundShown(Shown):
    """One rule that decided something about a person, with what it was measured by."""

    rule: str
    subject: str
    """What it is about: an event, a node, an arm."""
    value: JsonValue
    threshold: JsonValue
    at: Instant | None
    reading: Mapping[str, str]
    """In words, in each language."""


class RunWhy(Shown):
    """One run of a person through a journey: how it stands, and why."""

    enrollment: str
    key: str
    arm: str
    status: str
    node: str
    grounds: list[GroundShown]


class JourneyWhy(Shown):
    """Why a person did not enter a journey, waits, was held, left, or got an arm."""

    journey: str
    profile_id: ProfileText
    as_of: Instant
    state: Literal["not_entered", "waiting", "held", "left", "quarantined"]
    arm: list[GroundShown]
    runs: list[RunWhy]
    entry: list[GroundShown]
    """Why they did not come in, or not again; the newest first."""
