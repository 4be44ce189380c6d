"""A segment's nouns: its definition, how far its membership is up to date, and who came and went."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from perennial.kernel.conditions.model import Condition
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.kernel.values import Json

Cause = Literal["initial", "definition", "refresh", "event", "import"]
"""Why membership changed.

- `initial`: the segment was filled for the first time; nothing happened to the person
- `definition`: the segment's document changed, not the person
- `refresh`: a regular refresh found that the person had changed, or that time had
- `event`: an event of the person's own
- `import`: history came in; what we know changed, not the person
"""

Direction = Literal["entered", "left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDraft:
    """A segment's document, read and found well-formed; it has no version yet."""

    segment_id: SegmentId
    name: str
    condition: Condition
    document: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One version of a segment: a question about people that is always being answered."""

    segment_id: SegmentId
    version: int
    name: str
    condition: Condition
    document: Mapping[str, Json]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFill:
    """How far a segment's stored membership is up to date."""

    segment_id: SegmentId
    version: int
    refreshed_at: datetime
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentChange:
    """One person came into a segment or left it."""

    segment_id: SegmentId
    version: int
    profile_id: ProfileId
    direction: Direction
    at: datetime
    cause: Cause

    def event(self) -> EmittedEvent:
        """The fact for the log; its message id is the same on every retry."""
        name = f"segment_{self.direction}"
        return EmittedEvent(
            name=name,
            profile_id=self.profile_id,
            occurred_at=self.at,
            message_id=f"{name}:{self.segment_id}:{self.version}:{self.profile_id}:{self.at.isoformat()}",
            properties={"segment": self.segment_id, "version": self.version, "cause": self.cause},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Everyone who came into one segment and everyone who left it, at one instant and for one cause."""

    segment_id: SegmentId
    version: int
    at: datetime
    cause: Cause
    entered: NDArray[np.uint64]
    left: NDArray[np.uint64]
    people: int
    """Members afterwards."""

    def changes(self) -> Iterator[SegmentChange]:
        """Each person's change: those who entered, then those who left, by profile id."""
        for profile_id in self.entered.tolist():
            yield self._change(ProfileId(profile_id), "entered")
        for profile_id in self.left.tolist():
            yield self._change(ProfileId(profile_id), "left")

    def _change(self, profile_id: ProfileId, direction: Direction) -> SegmentChange:
        return SegmentChange(
            segment_id=self.segment_id,
            version=self.version,
            profile_id=profile_id,
            direction=direction,
            at=self.at,
            cause=self.cause,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentChanges:
    """What one refresh changed, segment by segment."""

    shifts: tuple[Shift, ...] = field(default=())

    def changes(self) -> Iterator[SegmentChange]:
        """Every person's change, in the order of the segments."""
        for shift in self.shifts:
            yield from shift.changes()

    def events(self) -> Iterator[EmittedEvent]:
        """The same as facts for the log: `segment_entered` and `segment_left`."""
        for change in self.changes():
            yield change.event()
