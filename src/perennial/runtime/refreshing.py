"""Bringing segments up to date for everyone, because somebody asked or because history came in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from perennial.compute.segments import SegmentChanges
from perennial.kernel.conditions import Moment
from perennial.kernel.ids import SegmentId
from perennial.runtime.ports import StateTransaction
from perennial.runtime.processor import Stages


def refreshed(
    stages: Stages, ids: Sequence[str] | None, transaction: StateTransaction, *, now: datetime
) -> SegmentChanges:
    """Answer these segments (all unless named) for everyone; the caller records what changed."""
    known = [one.segment_id for one in stages.segments.list(state=transaction)]
    wanted = known if ids is None else [SegmentId(one) for one in ids]
    at = Moment(as_of=now, zone=stages.zone)
    return stages.segments.refresh(wanted, at=at, population=stages.population, state=transaction)


def caused_by_import(changes: SegmentChanges) -> SegmentChanges:
    """The same changes, said to come from history: what we know changed, not the person."""
    shifts = [replace(one, cause="import") if one.cause == "refresh" else one for one in changes.shifts]
    return SegmentChanges(shifts=tuple(shifts))
