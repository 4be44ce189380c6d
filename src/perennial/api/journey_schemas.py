"""What the API takes and gives about people who are called into journeys."""

from typing import Annotated

from pydantic import Field, JsonValue

from perennial.api.schemas import Given, Shown


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
