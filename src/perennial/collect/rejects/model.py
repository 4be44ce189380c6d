"""The nouns of rejects: which are looked for, how each is mended, what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from perennial.kernel.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectQuery:
    """Which rejects are meant; what is left out does not matter."""

    ids: Sequence[int] | None = None
    code: str | None = None
    source: str | None = None
    event: str | None = None
    start: datetime | None = None
    """Received at or after this."""
    end: datetime | None = None
    """Received before this."""
    search: str | None = None
    """A text inside the payload, an id of the person or the message; case does not matter."""
    is_waiting: bool = False
    """Only those that were not taken since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCount:
    """How many calls were refused for one reason, among what is kept."""

    code: str
    events: int
    replayed: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What is changed in each refused call before it is tried again."""

    values: Mapping[str, Json] = field(default_factory=dict[str, Json])
    """By dotted path: `properties.amount`."""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Other names of events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """What became of the rejects that were tried again."""

    tried: int
    replayed: int
    """Taken now, or before: an event is there, once."""
    refused: int
    """Refused again; each has its new reason."""
    skipped: int
    """Not whole, or rows of an imported file: they cannot be tried from here."""
