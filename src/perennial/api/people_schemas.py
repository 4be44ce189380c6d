"""What the API takes and gives about one person, precisely."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from perennial.api.schemas import MAX_NAME, Given, Instant, Limit, ProfileText, Shown

Text = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]


class SearchAsked(Given):
    """Whom to find: by the beginning of any name, or by one trait."""

    text: Text | None = None
    """Looked for among all names, and the traits email, phone and name."""
    trait: Text | None = None
    starts_with: Text | None = None
    equals: JsonValue = None
    condition: JsonValue = None
    """Whoever is found and meets it now remains."""
    limit: Limit = 100
    after: str | None = None


class WhatWasFound(Shown):
    """By what somebody was found."""

    in_: Annotated[Literal["name", "trait"], Field(alias="in")]
    kind: str
    """Of a name its kind, of a trait its name."""
    value: JsonValue


class FoundPerson(Shown):
    """Somebody who was found."""

    profile_id: ProfileText
    user_id: str | None
    found: WhatWasFound
    traits: Mapping[str, JsonValue]


class FoundPeople(Shown):
    """A page of people; with a condition it may have fewer than asked for and still be followed."""

    people: list[FoundPerson]
    next: str | None


class NameShown(Shown):
    """A name that leads to a person."""

    kind: str
    value: str


class TraitShown(Shown):
    """A trait as it was last told: by which source, when."""

    name: str
    value: JsonValue
    told_at: Instant
    source: str | None
    """Nothing where the call is not in the event store."""


class EnteredSegment(Shown):
    """A segment a person is in, and since when."""

    segment: str
    entered_at: Instant


class ConsentShown(Shown):
    """What a person said last of a topic."""

    consent: str
    state: Literal["granted", "withdrawn"]
    said_at: Instant


class ActivityShown(Shown):
    """How often a person did one thing."""

    name: str
    events: int
    first_at: Instant
    last_at: Instant


class PersonShown(Shown):
    """Who somebody is."""

    profile_id: ProfileText
    user_id: str | None
    names: list[NameShown]
    traits: list[TraitShown]
    consents: list[ConsentShown]
    tags: Mapping[str, JsonValue]
    segments: list[EnteredSegment]
    first_seen_at: Instant | None
    last_seen_at: Instant | None
    events: list[ActivityShown]
    """The most frequent first."""


class PersonEvent(Shown):
    """A row of a person's history."""

    name: str
    kind: str
    origin: str
    """`source`: a client's; `perennial`: ours."""
    source: str
    occurred_at: Instant
    received_at: Instant
    message_id: str
    user_id: str
    anonymous_id: str
    properties: Mapping[str, JsonValue]
    context: Mapping[str, JsonValue]


class PersonEvents(Shown):
    """What happened to a person, newest first."""

    events: list[PersonEvent]
    next: str | None
