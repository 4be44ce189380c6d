"""Writing who came and went, and what else stands of a segment from then on."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from perennial.compute.segments.model import Segment, SegmentFill, Shift, Size, Standing
from perennial.compute.segments.ports import SegmentShelf
from perennial.kernel.ids import SegmentId


class SegmentState(Protocol):
    """The part of a state transaction that segments live in."""

    @property
    def segments(self) -> SegmentShelf:
        """Segments and their members."""
        ...


def write_shift(shift: Shift, *, refreshed_at: datetime, state: SegmentState) -> None:
    """Write who came and went, how many are in it now, and how far it is up to date."""
    state.segments.apply(shift)
    state.segments.record_fill(
        SegmentFill(
            segment_id=shift.segment_id,
            version=shift.version,
            refreshed_at=refreshed_at,
            people=shift.people,
        )
    )
    state.segments.record_size(shift.segment_id, Size(at=shift.at, people=shift.people))


def settled(segment: Segment, shift: Shift, standing: Standing | None, *, is_moved: bool) -> Standing | None:
    """How a segment stands after it was answered for everyone; None where that is as before.

    Whoever it corrects should have been found before, where time and touch were followed up to that very
    moment and nothing it rests on had changed (`is_moved`): such corrections are counted as drift.
    """
    before = standing or Standing(segment_id=shift.segment_id)
    was_asked_for = before.due_at is not None and before.due_at <= shift.at
    after = replace(before, failed_at=None, problem=None, due_at=None if was_asked_for else before.due_at)
    corrected = len(shift.entered) + len(shift.left)
    is_expected = was_asked_for or is_moved or shift.cause != "refresh" or before.checked_at != shift.at
    if corrected and segment.kind == "live" and not is_expected:
        after = replace(after, drift=before.drift + corrected, drifted_at=shift.at)
    return None if after == before else after


def make_due(segment_ids: Collection[SegmentId], *, at: datetime, state: SegmentState) -> None:
    """Have segments answered anew at once: somebody they refer to changed."""
    standings = state.segments.standings()
    state.segments.stand(
        [replace(standings.get(one) or Standing(segment_id=one), due_at=at) for one in sorted(segment_ids)]
    )


def drifted(before: Mapping[SegmentId, Standing], after: Mapping[SegmentId, Standing]) -> dict[str, int]:
    """People corrected between two looks at the same segments, by segment."""
    grown = {one: now.drift - (before[one].drift if one in before else 0) for one, now in after.items()}
    return {one: people for one, people in grown.items() if people}
