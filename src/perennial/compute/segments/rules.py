"""Who came and who went: the difference between what is stored and what is true. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from perennial.compute.segments.model import Cause, Segment, SegmentFill, Shift, Standing
from perennial.compute.segments.schedule import next_after
from perennial.kernel.ids import ProfileId
from perennial.kernel.windows import EARLIEST, Zone

_STRETCH = 64
"""People who are compared at once."""


def shift_between(
    stored: NDArray[np.uint64], found: NDArray[np.uint64], *, segment: Segment, cause: Cause, at: datetime
) -> Shift:
    """What must change for the stored members to be those found; both ascending, without repeats."""
    return Shift(
        segment_id=segment.segment_id,
        version=segment.version,
        at=at,
        cause=cause,
        entered=_missing(found, stored),
        left=_missing(stored, found),
        people=len(found),
    )


def _missing(these: NDArray[np.uint64], among: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Who of these is not among others; both ascending, without repeats.

    Between two refreshes nearly all are: a stretch begins at the same person in both, and is compared from
    there on; only who does not stand where they should is looked for.
    """
    if not len(among) or not len(these):
        return these
    begins = np.searchsorted(among, these[::_STRETCH]) - np.arange(0, len(these), _STRETCH)
    places = np.arange(len(these)) + np.repeat(begins, _STRETCH)[: len(these)]
    others = these[among[np.minimum(places, len(among) - 1)] != these]
    places = np.minimum(np.searchsorted(among, others), len(among) - 1)
    return others[among[places] != others]


def follow(found: NDArray[np.uint64], became: Mapping[ProfileId, ProfileId]) -> NDArray[np.uint64]:
    """People as they are after some were merged, ascending: whoever is lost stands under the kept one."""
    is_lost = np.isin(found, np.array(list(became), dtype=np.uint64))
    if not is_lost.any():
        return found
    kept = np.array([became[ProfileId(one)] for one in found[is_lost].tolist()], dtype=np.uint64)
    return np.union1d(found[~is_lost], kept)


def cause_of_fill(segment: Segment, fill: SegmentFill | None, *, is_outdated: bool = False) -> Cause:
    """Why a refresh would change membership: the first fill, a new document, or people and time.

    `is_outdated`: the document of something it names is new.
    """
    if fill is None:
        return "initial"
    return "definition" if is_outdated or fill.version != segment.version else "refresh"


def due_at(
    segment: Segment, fill: SegmentFill | None, standing: Standing | None, *, interval: timedelta, zone: Zone
) -> datetime | None:
    """When a segment wants a refresh; None where it never does by itself.

    One never filled, or of another version, wants it at once; one that failed, after the interval.
    """
    if segment.kind == "list":
        return None
    if standing and standing.failed_at:
        return standing.failed_at + interval
    if fill is None or fill.version != segment.version:
        return EARLIEST
    regular = _regularly(segment, fill, interval, zone)
    asked = standing.due_at if standing and segment.kind == "live" else None
    return min((moment for moment in (regular, asked) if moment is not None), default=None)


def _regularly(segment: Segment, fill: SegmentFill, interval: timedelta, zone: Zone) -> datetime | None:
    if segment.kind == "frozen":
        return None
    if segment.schedule is not None:
        return next_after(segment.schedule, fill.refreshed_at, zone)
    return fill.refreshed_at + interval


def sample(people: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """So many of these people, the same whenever asked: who comes and goes changes nothing for the others.

    Those whose mixed id is smallest, ascending by it. Ids are hashes of names; mixing them once more makes
    the sample independent of whatever else is chosen by id.
    """
    mixed = _mixed(people)
    if len(people) > size:
        chosen = np.argpartition(mixed, size)[:size]
        people, mixed = people[chosen], mixed[chosen]
    return people[np.argsort(mixed, kind="stable")]


def overlap(groups: Sequence[NDArray[np.uint64]]) -> list[list[int]]:
    """How many people each two of these groups share, exactly; on the diagonal, how many each has.

    Each ascending, without repeats.
    """
    shared = [[0] * len(groups) for _ in groups]
    for row, one in enumerate(groups):
        shared[row][row] = len(one)
        for column in range(row + 1, len(groups)):
            both = len(np.intersect1d(one, groups[column], assume_unique=True))
            shared[row][column] = shared[column][row] = both
    return shared


def _mixed(people: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finalizer of SplitMix64: every bit depends on every bit."""
    mixed = people + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def touched_shift(
    touched: Sequence[ProfileId],
    *,
    was: Sequence[bool],
    now: Sequence[bool],
    fill: SegmentFill,
    at: datetime,
    cause: Cause = "event",
) -> Shift:
    """What changed for a few people: who was stored as a member against whose condition holds now."""
    people = np.asarray(touched, dtype=np.uint64)
    before, after = np.asarray(was, dtype=np.bool_), np.asarray(now, dtype=np.bool_)
    entered, left = people[after & ~before], people[before & ~after]
    return Shift(
        segment_id=fill.segment_id,
        version=fill.version,
        at=at,
        cause=cause,
        entered=entered,
        left=left,
        people=fill.people + len(entered) - len(left),
    )
