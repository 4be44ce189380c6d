"""What must hold, judged from what was found. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from perennial.collect.events.model import Batch
from perennial.collect.identity.model import Merge
from perennial.compute.segments import Standing
from perennial.decide.journeys import PublishedJourney
from perennial.deliver.messages.model import STATES
from perennial.kernel.ids import JourneyId, NodeId, ProfileId, SegmentId
from perennial.runtime.doctor.model import Finding

BEHIND_AFTER = timedelta(minutes=10)
"""Calls and events that wait longer than this are stuck rather than on their way."""
SENDING_AT_MOST = timedelta(minutes=30)
"""No provider takes longer to answer for a batch."""
CLOCK_LEAD = timedelta(minutes=1)
"""How far the past may seem to lie in the future: clocks of several machines differ a little."""
DRIFT_TOLD = timedelta(days=1)
"""How long it is told that a full refresh had to correct a segment."""
MIN_FREE_BYTES = 512 * 2**20
_SHOWN = 5


def none_of(found: Sequence[str] | None, *, fine: str, wrong: str) -> Finding:
    """There must be none of these; None is a search that was given up."""
    if found is None:
        return Finding(
            ok=True, detail="Nothing was found in the time there was; not all of it was looked at."
        )
    if not found:
        return Finding(ok=True, detail=fine)
    return Finding(ok=False, detail=f"{wrong}: {listed(found)}")


def listed(found: Sequence[str]) -> str:
    """The first few of a list in one line."""
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more


def judge_schemas(schemas: Mapping[str, tuple[str, str]]) -> Finding:
    """Every store must be at the migration of this version."""
    behind = [
        f"{store} is at {present}, not {head}"
        for store, (present, head) in schemas.items()
        if present != head
    ]
    current = ", ".join(head for _, head in schemas.values())
    return none_of(behind, fine=f"At {current}.", wrong="Not migrated")


def judge_progress(
    what: str, *, offset: int, position: int, waiting_since: datetime | None, now: datetime
) -> Finding:
    """A reader must not be ahead of its stream, nor behind it for long."""
    if offset > position:
        return Finding(
            ok=False, detail=f"{what}: processed up to {offset}, but only {position} were accepted."
        )
    waiting = position - offset
    if waiting_since is not None and now - waiting_since > BEHIND_AFTER:
        since = waiting_since.isoformat(timespec="seconds")
        return Finding(ok=False, detail=f"{what}: {waiting} have been waiting since {since}.")
    return Finding(ok=True, detail=f"{what}: {position}, of which {waiting} on their way.")


def judge_cuts(cuts: Sequence[Batch], *, offset: int, skipped: Iterable[tuple[Batch, int]]) -> Finding:
    """Cuts of a stream must follow each other, skip nothing, and end where the reader stands.

    `skipped` says behind which cut how many entries stand that no cut holds.
    """
    wrong = [f"{one.token} begins before it ends" for one in cuts if one.first > one.last]
    wrong += [
        f"{after.token} overlaps {before.token}"
        for before, after in pairwise(cuts)
        if after.first <= before.last
    ]
    wrong += [f"{number} left out after {before.token}" for before, number in skipped if number]
    if cuts and cuts[-1].last != offset:
        wrong.append(f"the last ends at {cuts[-1].last}, the reader stands at {offset}")
    return none_of(wrong, fine=f"{len(cuts)} finished ones, in order.", wrong="Batches")


def judge_rollup(differences: Sequence[tuple[str, datetime, int, int]], *, days: int) -> Finding:
    """The rollup must say what the log says."""
    told = [f"{name} on {day:%Y-%m-%d}: {rolled} for {logged}" for name, day, logged, rolled in differences]
    return none_of(told, fine=f"Equal to the log on the last {days} days.", wrong="Other than the log")


def judge_places(
    standing: Sequence[tuple[JourneyId, int, NodeId, int]],
    versions: Mapping[tuple[JourneyId, int], PublishedJourney],
) -> Finding:
    """Every active enrollment must stand on a node of a version there is."""
    wrong: list[str] = []
    for journey_id, version, node, people in standing:
        published = versions.get((journey_id, version))
        if published is None:
            wrong.append(f"{people} in {journey_id} version {version}, which is not there")
        elif node not in published.journey.nodes:
            wrong.append(f"{people} at {node!r}, no node of {journey_id} version {version}")
    active = sum(people for *_, people in standing)
    return none_of(wrong, fine=f"{active} active, all on a node of their version.", wrong="Enrollments")


def judge_repeats(
    repeated: Sequence[tuple[JourneyId, int, int, int]],
    versions: Mapping[tuple[JourneyId, int], PublishedJourney],
) -> Finding:
    """Nobody may be in a journey twice at once under one key, nor twice at all where re-entry is `never`."""
    wrong: list[str] = []
    for journey_id, version, runs, keys in repeated:
        published = versions.get((journey_id, version))
        is_once = published is not None and published.journey.reentry == "never"
        if runs > keys or is_once:
            wrong.append(f"{runs} runs of one person through {journey_id} under {keys} keys")
    return none_of(wrong, fine="Nobody is in a journey twice who may not be.", wrong="Active at once")


def judge_outbox(
    counts: Mapping[str, int], stuck: Sequence[str] | None, contradictory: Sequence[str] | None
) -> Finding:
    """Messages must be in a state there is, leave `sending`, and have been sent when they say so."""
    wrong = [f"{count} in the state {state!r}" for state, count in counts.items() if state not in STATES]
    wrong += [f"{one} is `sending` for longer than {SENDING_AT_MOST}" for one in stuck or ()]
    wrong += [f"{one} contradicts itself about having been sent" for one in contradictory or ()]
    return none_of(wrong, fine=f"{sum(counts.values())} messages, in known states.", wrong="Messages")


def judge_merges(merges: Sequence[Merge], overrides: Mapping[ProfileId, ProfileId]) -> Finding:
    """The event store must count every lost profile as the one that is kept in the end, and no other."""
    became = {merge.lost: merge.kept for merge in merges}
    wrong = sum(overrides.get(lost) != _final(lost, became) for lost in became)
    strangers = len(overrides.keys() - became.keys())
    told = [f"{wrong} merged profiles count as another"] if wrong else []
    told += [f"{strangers} profiles count as another and were never merged"] if strangers else []
    return none_of(told, fine=f"{len(became)} merged profiles, counted as those kept.", wrong="Merges")


def judge_standings(standings: Collection[Standing], *, now: datetime) -> Finding:
    """Every segment was answered when it was last asked, and no full refresh had to correct one of late."""
    wrong = [f"{one.segment_id} failed: {one.problem}" for one in standings if one.failed_at]
    wrong += [
        f"{one.segment_id} had {one.drift} people corrected, last at {one.drifted_at.isoformat()}"
        for one in standings
        if one.drifted_at and now - one.drifted_at <= DRIFT_TOLD
    ]
    return none_of(wrong, fine="Full refreshes find nothing to correct.", wrong="Segments")


def judge_members(
    memberships: Mapping[SegmentId, tuple[int, int, int]], logged: Mapping[SegmentId, int]
) -> Finding:
    """A segment must have the people it says, and they must be those whose last event says they entered."""
    wrong: list[str] = []
    for segment_id, (said, stored, never_merged) in memberships.items():
        entered = logged.get(segment_id, 0)
        if stored > said or (said != stored and stored == never_merged):
            wrong.append(f"{segment_id} says {said} and has {stored}")
        if entered != never_merged:
            wrong.append(f"{segment_id} has {never_merged}, by the log {entered}")
    return none_of(wrong, fine=f"{len(memberships)} segments agree with the log.", wrong="Segments")


def judge_disk(free: int, total: int) -> Finding:
    """There must be room for what is accepted next."""
    told = f"{free / 2**30:.1f} GB of {total / 2**30:.1f} GB are free."
    return Finding(ok=free >= MIN_FREE_BYTES, detail=told)


def judge_clock(latest: datetime | None, *, now: datetime) -> Finding:
    """What was written down must not lie in the future: else the clock went back, and timers wait."""
    if latest is not None and latest - now > CLOCK_LEAD:
        return Finding(
            ok=False,
            detail=f"It is {now.isoformat(timespec='seconds')}, but a batch was cut at "
            f"{latest.isoformat(timespec='seconds')}.",
        )
    return Finding(ok=True, detail="Nothing lies in the future.")


def _final(profile_id: ProfileId, became: Mapping[ProfileId, ProfileId]) -> ProfileId:
    while profile_id in became:
        profile_id = became[profile_id]
    return profile_id
