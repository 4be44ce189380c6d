"""A segment's nouns: its definition, how far its membership is up to date, and who came and went."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from perennial.kernel.conditions.model import Condition
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.kernel.values import Json

Kind = Literal["live", "scheduled", "frozen", "list"]
"""How a segment is kept up to date.

- `live`: always; whoever something happens to is asked again at once
- `scheduled`: on its schedule only; between two answers nothing moves
- `frozen`: never; it was answered once, as of one moment
- `list`: by hand; people are added and removed, nobody is asked
"""
KINDS: tuple[Kind, ...] = ("live", "scheduled", "frozen", "list")

Cause = Literal["initial", "definition", "refresh", "event", "import", "list"]
"""Why membership changed.

- `initial`: the segment was filled for the first time; nothing happened to the person
- `definition`: the segment's document changed, not the person
- `refresh`: a regular refresh found that the person had changed, or that time had
- `event`: an event of the person's own
- `import`: history came in; what we know changed, not the person
- `list`: somebody put the person on a list, or took them off
"""

Direction = Literal["entered", "left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a scheduled segment is answered anew: after a span, or at a local time of every (week)day."""

    every: timedelta | None = None
    at: time | None = None
    weekday: int | None = None
    """Monday is 0; every day without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDraft:
    """A segment's document, read and found well-formed; it has no version yet."""

    segment_id: SegmentId
    name: str
    condition: Condition
    """Of a list, one that nobody meets."""
    document: Mapping[str, Json]
    kind: Kind = "live"
    schedule: Schedule | None = None
    as_of: datetime | None = None
    """The moment a frozen segment keeps; that of its first answer unless told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One version of a segment: a question about people that is always being answered."""

    segment_id: SegmentId
    version: int
    name: str
    condition: Condition
    document: Mapping[str, Json]
    created_at: datetime
    kind: Kind = "live"
    schedule: Schedule | None = None
    as_of: datetime | None = None

    @property
    def is_kept(self) -> bool:
        """Whether its members are what is stored, whatever its condition says by now."""
        return self.kind != "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFill:
    """How far a segment's stored membership is up to date."""

    segment_id: SegmentId
    version: int
    refreshed_at: datetime
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a segment stands besides: whether its last refresh failed, whether one had to correct anything."""

    segment_id: SegmentId
    checked_at: datetime | None = None
    """Whom time alone moved was looked for until then."""
    due_at: datetime | None = None
    """From then on it is to be answered anew, whatever its interval."""
    failed_at: datetime | None = None
    problem: str | None = None
    """Why its last refresh failed; its members are those of the last one that did not."""
    drift: int = 0
    """People whom a full refresh had to correct, though nothing should have been left to it; ever."""
    drifted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many were in a segment at a moment: the last of its hour."""

    at: datetime
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One person is in one segment."""

    segment_id: SegmentId
    profile_id: ProfileId
    entered_at: datetime


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
