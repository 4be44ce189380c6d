"""The nouns of the catalogue: what was counted in the log, and what people wrote beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

LeafType = Literal["number", "text", "boolean", "time", "list", "object", "empty"]
"""What a property's value is: `time` is a text written as ISO 8601, `empty` is null or an empty list."""

Status = Literal["planned", "live", "deprecated"]
"""How far people are with an event or property: it is to come, it is sent, it shall not be used any more."""
STATUSES: tuple[Status, ...] = ("planned", "live", "deprecated")

PiiKind = Literal["e-mail", "phone", "id_card"]

DriftCode = Literal["new_event", "new_property", "type_drift"]

WHOLE_EVENT = ""
"""The path of a description that is of the event itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """What the log says of one event name."""

    name: str
    kinds: Sequence[str]
    """The calls it came by: `track`, `page`, `screen`, `identify`, `group`."""
    events: int
    recent_events: int
    """Of those the ones that happened lately."""
    first_at: datetime
    last_at: datetime
    sources: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafFacts:
    """What the log says of one property where it is of one type."""

    path: str
    type: LeafType
    events: int
    first_at: datetime
    last_at: datetime
    samples: Sequence[str]
    looks_like: Sequence[tuple[PiiKind, int]]
    """Kinds of personal data that values look like, each with how many do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFacts:
    """What the log says of one property of one event, of one type, from one source."""

    event: str
    path: str
    type: LeafType
    source: str
    events: int
    first_at: datetime
    last_at: datetime
    sample: str
    looks_like: Sequence[tuple[PiiKind, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What people say of an event, or of one of its properties; versions never change."""

    event: str
    path: str = WHOLE_EVENT
    version: int = 0
    """0 where nobody said anything yet."""
    description: str = ""
    owner: str = ""
    status: Status | None = None
    is_pii: bool = False
    """Its values are personal: they are masked wherever values are listed."""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """An event in the catalogue. One that was described and never sent has no facts."""

    name: str
    facts: EventFacts | None
    said: Description


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyEntry:
    """A property in the catalogue, with every type it was seen as, the most frequent first."""

    path: str
    leaves: Sequence[LeafFacts]
    event_count: int
    """Events of this name in all: those without the property, too."""
    said: Description

    @property
    def events(self) -> int:
        """Events that have the property."""
        return sum(leaf.events for leaf in self.leaves)

    @property
    def share(self) -> float:
        """The part of the event's events that have it, from 0 to 1."""
        return self.events / self.event_count if self.event_count else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A property that is not what it was: one that nobody expects, or one of an unexpected type."""

    event: str
    path: str
    code: DriftCode
    expected: str
    """The usual or planned type, or who says that it is unexpected."""
    found: str
    events: int
    first_at: datetime
    last_at: datetime
    sources: Sequence[str]
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A property whose values look personal and which nobody flagged."""

    event: str
    path: str
    kind: PiiKind
    matching: int
    events: int
    sample: str = field(repr=False)
    """Masked."""
