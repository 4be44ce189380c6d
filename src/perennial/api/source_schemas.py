"""What is said of sources, their keys and their limits."""

from datetime import datetime

from pydantic import Field

from perennial.access.sources import Source
from perennial.api.schemas import Given, Shown


class SourceOrder(Given):
    """A source to make; without a number it may send as much as the server can take."""

    name: str
    events_per_second: int | None = None
    burst: int | None = None
    """How many events at once after a quiet while; one second's where nobody says."""


class SourceLimit(Given):
    """How much a source may send; no number: as much as the server can take."""

    events_per_second: int | None = None
    burst: int | None = None


class SourceKey(Shown):
    """One write key. Not a secret: browsers show it to everyone."""

    write_key: str
    created_at: datetime


class SourceShown(Shown):
    """A source, its keys, and what it may send to each process of the server."""

    name: str
    keys: list[SourceKey] = Field(default_factory=list[SourceKey])
    events_per_second: int | None
    burst: int | None


class SourcePage(Shown):
    """Some of the sources, by name."""

    sources: list[SourceShown]
    next: str | None


class SourceRevoked(Shown):
    """How many keys let nobody in any more."""

    revoked: int


def show_source(source: Source) -> SourceShown:
    """A source as it is shown."""
    return SourceShown.model_validate(
        {
            "name": source.name,
            "keys": source.keys,
            "events_per_second": None if source.limit is None else source.limit.events_per_second,
            "burst": None if source.limit is None else source.limit.burst,
        }
    )
