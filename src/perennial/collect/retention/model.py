"""The nouns of retention: for how long events are kept, from when on they are past, and what was removed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from perennial.kernel.values import Json

FOREVER = None
Days = int | None
"""Whole local days, or FOREVER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRules:
    """For how long the events of a workspace are kept."""

    default: Days
    """Of every event that is not named."""
    events: Mapping[str, Days]
    document: Mapping[str, Json]

    def days_of(self, event: str) -> Days:
        """For how long an event is kept."""
        return self.events.get(event, self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """The instants before which events are past, whole quarters of an hour; None where they never are."""

    default: datetime | None = None
    events: Mapping[str, datetime | None] = field(default_factory=dict[str, datetime | None])

    def of(self, event: str) -> datetime | None:
        """Before when an event of this name is past."""
        return self.events.get(event, self.default)

    @property
    def latest(self) -> datetime | None:
        """Before when any event is past; None where none ever is."""
        return max((one for one in (self.default, *self.events.values()) if one is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One removal of what was past: by which version of the rules, and how much went."""

    number: int
    version: int
    cutoffs: Cutoffs
    started_at: datetime
    finished_at: datetime | None = None
    """None while it is under way, or was broken off: before the next one begins it is ended."""
    removed: Mapping[str, int] = field(default_factory=dict[str, int])
    """Events by the names that the rules have, counted before it began; `*` stands for all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overreach:
    """A definition that looks further back than what it asks about is kept."""

    kind: str
    """`segment`, `tag` or `journey`."""
    id: str
    event: str
    asks_days: float | None
    """How far it looks back; None for ever."""
    kept_days: int
