"""Which segments time may have moved since it was last looked for, and whom; and those that tags moved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from perennial.compute.definitions.service import DefinitionState, LiveDefinitions
from perennial.compute.profiles.ports import Population
from perennial.compute.segments.crossing import Passage, crossed, united
from perennial.compute.segments.model import Segment, Standing
from perennial.compute.segments.service import Segments
from perennial.compute.segments.upkeep import make_due
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.ids import SegmentId, TagId

CHECK_EVERY = timedelta(minutes=1)
"""How long somebody may stay in a segment whose window they fell out of."""
LONGEST = timedelta(hours=3)
"""After a longer pause more people were moved than it is worth asking one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Whom to ask again because time passed, and of which segments."""

    segments: tuple[SegmentId, ...]
    condition: Condition
    """Whoever meets it is to be asked; nobody else was moved."""
    overdue: tuple[SegmentId, ...]
    """Too long ago: these are to be answered for everyone."""


def crossing(
    service: Segments, *, at: Moment, population: Population, state: DefinitionState
) -> Crossing | None:
    """Whom time may have moved since the last look; None where it is too early for another.

    It is never too early before a full refresh: that is to find nothing to correct.
    """
    fills, standings = state.segments.fills(), state.segments.standings()
    asked: list[tuple[Segment, Passage]] = []
    for segment in service.live_at(at.as_of, state=state):
        fill = fills.get(segment.segment_id)
        if fill is None or fill.version != segment.version or segment.kind != "live":
            continue
        standing = standings.get(segment.segment_id)
        checked_at = standing.checked_at if standing else None
        since = max(fill.refreshed_at, checked_at or fill.refreshed_at)
        if since < at.as_of:
            asked.append((segment, Passage(since=since, until=at.as_of, zone=at.zone)))
    oldest = min((passed.since for _, passed in asked), default=at.as_of)
    if at.as_of - oldest < CHECK_EVERY and not (asked and service.due(at=at.as_of, state=state)):
        return None
    recent = [(segment, passed) for segment, passed in asked if at.as_of - passed.since <= LONGEST]
    overdue = [segment.segment_id for segment, passed in asked if at.as_of - passed.since > LONGEST]
    definitions = LiveDefinitions(state, at=at, population=population)
    found: list[tuple[SegmentId, Condition]] = []
    for segment, passed in recent:
        [moved] = crossed([service.resolved(segment, definitions)], passed)
        if moved is not None:
            found.append((segment.segment_id, moved))
    return Crossing(
        segments=tuple(segment_id for segment_id, _ in found),
        condition=united(condition for _, condition in found),
        overdue=tuple(overdue),
    )


def note_checked(segment_ids: Sequence[SegmentId], *, at: Moment, state: DefinitionState) -> None:
    """Note that everybody whom time moved by then was found."""
    standings = state.segments.standings()
    state.segments.stand(
        [replace(standings.get(one) or Standing(segment_id=one), checked_at=at.as_of) for one in segment_ids]
    )


def give_up(segment_ids: Sequence[SegmentId], *, at: Moment, state: DefinitionState) -> None:
    """Have everyone asked instead: too many were moved to ask them one by one."""
    make_due(segment_ids, at=at.as_of, state=state)


def follow_tags(service: Segments, tag_ids: Sequence[TagId], *, at: datetime, state: DefinitionState) -> None:
    """After stored values of tags changed: have the segments that ask about them answered anew."""
    footing = service.footing(state=state)
    resting = {SegmentId(one) for tag_id in tag_ids for one in footing.resting_on_stored(tag_id)}
    if not resting:
        return
    live = {one.segment_id for one in service.list(state=state) if one.kind == "live"}
    make_due(resting & live, at=at, state=state)
