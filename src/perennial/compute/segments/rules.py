"""Who came and who went: the difference between what is stored and what is true. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from perennial.compute.segments.model import Cause, Segment, SegmentFill, Shift
from perennial.kernel.ids import ProfileId


def shift_between(
    stored: NDArray[np.uint64], found: NDArray[np.uint64], *, segment: Segment, cause: Cause, at: datetime
) -> Shift:
    """What must change for the stored members to be those found; both ascending, without repeats."""
    return Shift(
        segment_id=segment.segment_id,
        version=segment.version,
        at=at,
        cause=cause,
        entered=np.setdiff1d(found, stored, assume_unique=True),
        left=np.setdiff1d(stored, found, assume_unique=True),
        people=len(found),
    )


def follow(found: NDArray[np.uint64], became: Mapping[ProfileId, ProfileId]) -> NDArray[np.uint64]:
    """People as they are after some were merged, ascending: whoever is lost stands under the kept one."""
    is_lost = np.isin(found, np.array(list(became), dtype=np.uint64))
    if not is_lost.any():
        return found
    kept = np.array([became[ProfileId(one)] for one in found[is_lost].tolist()], dtype=np.uint64)
    return np.union1d(found[~is_lost], kept)


def cause_of_fill(segment: Segment, fill: SegmentFill | None) -> Cause:
    """Why a refresh would change membership: the first fill, a new document, or people and time."""
    if fill is None:
        return "initial"
    return "refresh" if fill.version == segment.version else "definition"


def is_due(segment: Segment, fill: SegmentFill | None, *, interval: timedelta, at: datetime) -> bool:
    """Whether a segment wants a refresh: never filled, another version, or older than the interval."""
    return fill is None or fill.version != segment.version or fill.refreshed_at + interval <= at


def touched_shift(
    touched: Sequence[ProfileId],
    *,
    was: Sequence[bool],
    now: Sequence[bool],
    fill: SegmentFill,
    at: datetime,
) -> Shift:
    """What changed for a few people: who was stored as a member against whose condition holds now."""
    people = np.asarray(touched, dtype=np.uint64)
    before, after = np.asarray(was, dtype=np.bool_), np.asarray(now, dtype=np.bool_)
    entered, left = people[after & ~before], people[before & ~after]
    return Shift(
        segment_id=fill.segment_id,
        version=fill.version,
        at=at,
        cause="event",
        entered=entered,
        left=left,
        people=fill.people + len(entered) - len(left),
    )
