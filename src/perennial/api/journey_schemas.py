"""What the API takes and gives about journeys: versions, plans, and people who are called in."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, JsonValue

from perennial.api.schemas import Given, Instant, Shown


class EntryAsked(Given):
    """Who is to come into a journey, and what its conditions and templates may know of that."""

    user_id: Annotated[str, Field(min_length=1, max_length=256)]
    properties: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    """Among them the one that the journey's `key` names."""
    request_id: Annotated[str | None, Field(min_length=1, max_length=256)] = None
    """The same again asks nothing more."""


class EntryCalled(Shown):
    """What was noted: the journey sees it at its next turn."""

    journey: str
    user_id: str
    message_id: str


class NodeStanding(Shown):
    """So many people stand at a node of a version that another is published over."""

    version: int
    node: str
    kind: str
    people: int
    in_draft: bool
    """Whether the draft has a node of this id."""
    suggested: JsonValue
    """What a plan could say of them."""


class JourneyPlan(Shown):
    """Whom publishing a draft would touch."""

    journey: str
    version: int | None
    """The newest that is published; None before the first. Send it as `base_version`."""
    same: bool
    """Whether the draft says just what that version says."""
    people: int
    """So many are in the journey now: each needs a word of the plan."""
    entering: int
    """So many present members of its segment would come in at once."""
    standing: list[NodeStanding]
    nodes: list[str]
    """Those of the draft, where people could be moved to."""
    plan: Mapping[str, JsonValue]
    """A plan to begin with."""


class JourneyVersion(Shown):
    """One version of a journey, which never changes."""

    journey: str
    version: int
    published_at: Instant
    plan: Mapping[str, JsonValue]
    """What became of whoever stood in earlier versions; a node without a word had nobody."""
    people: int | None = None
    """So many are on this version now."""


class JourneyVersions(Shown):
    """A journey's versions, the newest first."""

    versions: list[JourneyVersion]
    next: str | None = None


class JourneyVersionShown(JourneyVersion):
    """A version with its document, and what it changed of the one before."""

    document: JsonValue
    changes: list[Mapping[str, str]]
    """In words, in each language."""
