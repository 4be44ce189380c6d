"""What the API takes and gives about insights. Each kind's own numbers are told by its JSON Schema's page."""

from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from perennial.api.schemas import Given, Limit, ProfileText, Shown
from perennial.api.segment_schemas import SegmentId


class InsightResult(Shown):
    """An insight's numbers, and where they come from; what else it holds depends on its kind."""

    model_config = ConfigDict(extra="allow", from_attributes=True)

    kind: str
    spec: JsonValue
    definition_version: int
    timezone: str
    range: JsonValue
    interval: str
    as_of: str
    answered_at: str
    events_read: int
    late_events: int


class InsightPeopleAsked(Given):
    """An insight, and the cell of one of its numbers."""

    spec: JsonValue
    cell: JsonValue
    limit: Limit = 100
    after: str | None = None


class Contributor(Shown):
    """Somebody who makes up a number, and with how much of it."""

    profile_id: ProfileText
    user_id: str | None
    amount: float


class InsightPeople(Shown):
    """Who makes up a number, by profile id."""

    count: int
    people: list[Contributor]
    next: str | None


class InsightSegmentAsked(Given):
    """An insight, the cell of one of its numbers, and the list to keep its people as."""

    spec: JsonValue
    cell: JsonValue
    segment_id: SegmentId
    name: Annotated[str | None, Field(max_length=256)] = None


class InsightSegment(Shown):
    """The list that the people of a number are kept as."""

    segment: str
    people: int
