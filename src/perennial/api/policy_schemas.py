"""What the API takes and gives about how people may be reached, precisely."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from perennial.api.schemas import Instant, Shown
from perennial.decide.journeys.model import Channel


class PolicyShown(Shown):
    """What the gate goes by."""

    version: int
    """0 is what holds until one is published."""
    created_at: Instant | None
    document: dict[str, JsonValue]
    """Complete: what was left out stands in it with what it means."""


class ForecastAsked(BaseModel):
    """Whom a message would be to, and what kind it is."""

    model_config = ConfigDict(extra="forbid")
    condition: JsonValue = None
    """Without one, everyone."""
    channel: Channel = "email"
    topic: str = Field(default="marketing", min_length=1, max_length=200)
    at: str | None = None
    """Were it at this instant, with what is known and waits now."""


class GateForecast(Shown):
    """How many people the gate would let through, hold or drop."""

    people: int
    counts: Mapping[str, int]
    """`pass`, `held`, `dropped`."""
    held: Mapping[str, int]
    """By reason."""
    dropped: Mapping[str, int]
    """By reason."""
    held_from: Instant | None
    """When the first of those who wait may get it."""
    held_until: Instant | None
    as_of: Instant
