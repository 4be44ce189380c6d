"""What the API takes and gives about tags."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, JsonValue

from perennial.api.schemas import MAX_NAME, Given, Instant, ProfileText, Shown

Scalar = str | float


class Tag(Shown):
    """A tag's live version, and how many people had a value when it was last refreshed."""

    id: str
    name: str
    dimension: str = ""
    layer: str = "behaviour"
    """`base`, `behaviour` or `result`."""
    owner: str = ""
    weight: int = 0
    """How much it counts among the exclusive tags of its dimension."""
    exclusive: bool = False
    """Whether nobody has a value of it and of another exclusive tag of its dimension."""
    description: str = ""
    definition: Mapping[str, JsonValue]
    """The document as it was saved."""
    version: int
    people: int | None = None
    disputed: int = 0
    """Of how many people the present value is said to be wrong."""
    refreshed_at: Instant | None = None
    expires_at: Instant | None = None
    """From when on values are shown no more, unless they are computed anew."""
    failed_at: Instant | None = None
    """When the last refresh failed; the values are those of `refreshed_at`."""
    problem: str | None = None
    grouping: "TagGrouping | None" = None
    """Of a tag that makes groups: how they came out at the last refresh."""


class TagGroup(Shown):
    """A group of customers: recency, frequency and money at its center."""

    value: str
    r: float
    f: float
    m: float


class TagGrouping(Shown):
    """Groups of customers, and how well they are separated."""

    silhouette: float
    """From -1 to 1: how much nearer people are to their own group than to the next."""
    by_chance: float
    """The same where recency, frequency and money have nothing to do with each other."""
    structure: Literal["clear", "none"]
    """`none` where people are cut into groups rather than found in them."""
    groups: list[TagGroup]


class Tags(Shown):
    """Every tag."""

    tags: list[Tag]
    next: str | None = None


class TagCounts(Shown):
    """How many people have a value of each tag."""

    tags: Mapping[str, int]


class TagValues(Shown):
    """People's values of a tag by user id; the anonymous under their profile id."""

    values: Mapping[str, JsonValue]
    next: str | None


class TagPresets(Shown):
    """The documents that we ship."""

    presets: list[str]


class TagPreset(Shown):
    """A document that we ship, written for one event: to be changed at will, and saved."""

    document: Mapping[str, JsonValue]


class TagShift(Shown):
    """How many people had one value and have another, or still the same; null is no value."""

    before: Scalar | None
    after: Scalar | None
    people: int


class TagChange(Shown):
    """One person's value before and after."""

    profile_id: ProfileText
    user_id: str | None
    before: Scalar | None
    after: Scalar | None


class TagDiff(Shown):
    """Whose value a document would change if it were saved."""

    id: str
    live_version: int | None
    as_of: Instant
    people: int
    """How many would have a value."""
    changed: int
    shifts: list[TagShift]
    """From each value to each; empty for numbers."""
    changes: list[TagChange]
    """By profile; with `as_of` handed back, pages do not move."""
    next: str | None


class TagMoment(Shown):
    """How many people had each value at one moment."""

    as_of: Instant
    values: Mapping[str, int]


class TagStep(Shown):
    """Who went where between two moments."""

    start: Instant
    end: Instant
    shifts: list[TagShift]


class TagTransitions(Shown):
    """How people went from value to value."""

    id: str
    moments: list[TagMoment]
    steps: list[TagStep]


class NeededEvent(Shown):
    """An event that a definition looks at; `*` is any."""

    name: str
    properties: list[str]


class TagUsers(Shown):
    """What rests on a tag."""

    tags: list[str]
    segments: list[str]
    journeys: list[str]


class TagLineage(Shown):
    """What a tag is made of, and what rests on it."""

    id: str
    events: list[NeededEvent]
    traits: list[str]
    tags: list[str]
    segments: list[str]
    used_by: TagUsers


class RecordedTagChange(Shown):
    """When a person's value became another."""

    tag: str
    version: int
    before: Scalar | None
    after: Scalar | None
    cause: str
    """`definition` where the document had changed, `refresh` where the person had."""
    changed_at: Instant


class PersonTags(Shown):
    """A person's tags now, and how they changed, the latest first."""

    values: Mapping[str, JsonValue]
    changes: list[RecordedTagChange]
    next: str | None


class DisputeGiven(Given):
    """Somebody's value is wrong."""

    user_id: str = Field(min_length=1, max_length=MAX_NAME)
    """A user id, or a profile as prf_…"""
    by: str = Field(default="", max_length=MAX_NAME)
    note: str = Field(default="", max_length=2_000)


class TagDispute(Shown):
    """What somebody says is wrong."""

    tag: str
    profile_id: ProfileText
    user_id: str | None
    value: Scalar
    """The value they had then."""
    version: int
    by: str
    note: str
    disputed_at: Instant


class TagDisputes(Shown):
    """What is said to be wrong of a tag."""

    people: int
    """How many have a value."""
    disputed: int
    """Of how many of them the present value is said to be wrong."""
    disputes: list[TagDispute]
    next: str | None
