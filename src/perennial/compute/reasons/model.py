"""Reasons: what was asked of a person, part by part, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from perennial.compute.profiles.ports import Cut, Quantity
from perennial.compute.tags.model import Scalar
from perennial.kernel.conditions.model import Condition, Rank, Told
from perennial.kernel.conditions.tagrule import TagRule
from perennial.kernel.ids import SegmentId, TagId
from perennial.kernel.values import Json

Finding = Json | datetime
"""A value that was found; instants are UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One part of a question before it is answered: what has to be looked up for it."""

    path: str
    """Where it stands, as a JSON path; inside a tag or segment it begins with that one's name."""
    condition: Condition
    """As it was written, references and all."""
    meant: Condition
    """The same with references put in their place: what the engines are asked."""
    wanted: tuple[Quantity, ...] = ()
    told: Told | None = None
    """What the person, or we, last said of it decides."""
    ranked: Rank | None = None
    """Of a rank, with references in it put in their place: the share whose border decides."""
    kept: SegmentId | None = None
    stored: TagId | None = None
    """The tag whose stored value decides."""
    rule: TagRule | None = None
    value: str | None = None
    """Within a tag: the value a person has where this part is the first that holds."""
    parts: tuple["Inquiry", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTold:
    """What was last told of a trait, a consent or an arm: its value, when, and by which source."""

    value: Json
    told_at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that was looked up about one person."""

    verdicts: Mapping[Condition, bool]
    numbers: Mapping[Quantity, float | None] = field(default_factory=dict[Quantity, float | None])
    cuts: Mapping[Rank, Cut] = field(default_factory=dict[Rank, Cut])
    """The borders that the verdicts went by."""
    told: Mapping[Told, LastTold] = field(default_factory=dict[Told, LastTold])
    """What was ever told."""
    kept: Mapping[SegmentId, datetime] = field(default_factory=dict[SegmentId, datetime])
    """Since when the person is in segments whose members are kept; those they are not in are absent."""
    stored: Mapping[TagId, Scalar] = field(default_factory=dict[TagId, Scalar])
    """The values that were stored by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Whether one part of a condition holds for a person, and what was seen that decided it."""

    path: str
    condition: Condition
    holds: bool
    seen: Mapping[str, Finding] = field(default_factory=dict[str, Finding])
    """By name: `count`, `value`, `last_at`, `now`, `before` …; absent where there is nothing to see."""
    value: str | None = None
    parts: tuple["Reason", ...] = ()
