"""Lists of people: from names to profiles, and the list as it is to be, a portion at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from perennial.collect.identity.model import ANONYMOUS, USER, Identifier
from perennial.compute.segments.naming import PROFILE, NamedPerson
from perennial.compute.segments.service import NotAList
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.ids import ProfileId, SegmentId, parse_profile
from perennial.kernel.values import Json
from perennial.runtime.consequences import Stages
from perennial.runtime.ports import StateTransaction
from perennial.runtime.refreshing import record_refresh

Mode = Literal["replace", "add", "remove"]
"""What becomes of who is on the list already: replaced by who is named, joined by them, or without them."""
PORTION = 5_000
FOLLOWED = 2_000
"""Up to so many people, whoever asks about the list is asked again for them alone; else for everyone."""
SHOWN = 100
"""Unknown names that are told one by one; of the others, how many."""


@dataclass(kw_only=True)
class Listed:
    """What became of a list of names."""

    read: int = 0
    people: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    """Whoever was known, ascending, once each."""
    unknown: int = 0
    examples: list[NamedPerson] = field(default_factory=list[NamedPerson])


def resolve_people(
    stages: Stages,
    named: Iterable[NamedPerson],
    *,
    on_unknown: Callable[[Sequence[NamedPerson]], None] | None = None,
) -> Listed:
    """Whose the names are, a portion at a time; what is unknown is counted, or handed to `on_unknown`."""
    found = Listed()
    gathered: list[NDArray[np.uint64]] = []
    for portion in _portions(named):
        people, unknown = _resolved(stages, portion)
        gathered.append(np.array(people, dtype=np.uint64))
        found.read += len(portion)
        found.unknown += len(unknown)
        found.examples += unknown[: SHOWN - len(found.examples)]
        if unknown and on_unknown is not None:
            on_unknown(unknown)
    if gathered:
        found.people = np.unique(np.concatenate(gathered))
    return found


def identify_calls(unknown: Sequence[NamedPerson], segment_id: SegmentId) -> list[Json]:
    """What makes people of unknown names: an identify call each, the same on every retry.

    A bare id becomes a user id; an e-mail address or another key alone makes nobody.
    """
    calls: list[Json] = []
    for one in unknown:
        for name in one.names:
            if name.kind in (USER, ANONYMOUS):
                key = "userId" if name.kind == USER else "anonymousId"
                message_id = f"list:{segment_id}:{name.kind}:{name.value}"
                calls.append({"type": "identify", key: name.value, "messageId": message_id})
                break
    return calls


def present_list(stages: Stages, segment_id: SegmentId) -> NDArray[np.uint64]:
    """Who is on a list now, ascending. Raises SegmentNotFound, NotAList."""
    with stages.state.read() as transaction:
        segment = stages.segments.get(segment_id, state=transaction)
        if segment.kind != "list":
            message = f"{segment_id!r} is a {segment.kind} segment, and nobody is put on it by hand."
            raise NotAList(message, hint="A list says `kind: list` in its document.")
        return transaction.segments.members(segment_id)


def change_list(
    stages: Stages,
    segment_id: SegmentId,
    *,
    add: NDArray[np.uint64],
    remove: NDArray[np.uint64],
    now: datetime,
) -> tuple[int, int]:
    """Put people on a list and take others off; how many came and went. The same again changes nothing.

    Each portion commits by itself, with its events: broken off, the same call ends it. Whom merges gave other
    ids since they were looked up is found under the kept one.
    """
    entered = left = 0
    for start in range(0, max(len(add), len(remove)), PORTION):
        came, went = _put(
            stages, segment_id, add[start : start + PORTION], remove[start : start + PORTION], now=now
        )
        entered, left = entered + came, left + went
    if 0 < entered + left <= FOLLOWED:
        _follow(stages, segment_id, np.concatenate([add, remove]), now=now)
    return entered, left


def _put(
    stages: Stages,
    segment_id: SegmentId,
    add: NDArray[np.uint64],
    remove: NDArray[np.uint64],
    *,
    now: datetime,
) -> tuple[int, int]:
    with stages.state.begin() as transaction:
        became = transaction.identities.merged(_ids(np.concatenate([add, remove])))
        coming, going = ([became.get(one, one) for one in _ids(each)] for each in (add, remove))
        changes = stages.segments.put(segment_id, add=coming, remove=going, at=now, state=transaction)
        record_refresh(stages, changes, transaction, now=now)
    [shift] = changes.shifts
    return len(shift.entered), len(shift.left)


def _follow(stages: Stages, segment_id: SegmentId, people: NDArray[np.uint64], *, now: datetime) -> None:
    """Ask these few again, in the segments that rest on the list: everyone need not be for that."""
    with stages.state.begin() as transaction:
        resting = stages.segments.footing(state=transaction).resting_on(segment_id)
        if not resting:
            return
        changes = stages.segments.refresh_touched(
            _ids(people),
            at=Moment(as_of=now, zone=stages.zone),
            population=stages.population,
            state=transaction,
            among=[SegmentId(one) for one in resting],
            cause="list",
        )
        stages.segments.followed(resting, at=now, state=transaction)
        record_refresh(stages, changes, transaction, now=now)


def _resolved(stages: Stages, portion: Sequence[NamedPerson]) -> tuple[list[ProfileId], list[NamedPerson]]:
    with stages.state.read() as transaction:
        whose = _whose(portion, transaction)
    people: list[ProfileId] = []
    unknown: list[NamedPerson] = []
    for one in portion:
        found = next((whose[name] for name in one.names if name in whose), None)
        if found is None:
            unknown.append(one)
        else:
            people.append(found)
    return people, unknown


def _whose(portion: Sequence[NamedPerson], transaction: StateTransaction) -> dict[Identifier, ProfileId]:
    """The profile of each name that is somebody's; a lost one's is whoever was kept."""
    names = {name for one in portion for name in one.names}
    profiles = {name: parse_profile(name.value) for name in names if name.kind == PROFILE}
    told = [profile_id for profile_id in profiles.values() if profile_id is not None]
    graph = transaction.identities.graph(sorted(name for name in names if name.kind != PROFILE), told)
    merged = transaction.identities.merged(told)
    whose = dict(graph.profiles)
    for name, profile_id in profiles.items():
        if profile_id is not None and profile_id in graph.taken:
            whose[name] = merged.get(profile_id, profile_id)
    return whose


def _portions(named: Iterable[NamedPerson]) -> Iterator[Sequence[NamedPerson]]:
    rest = iter(named)
    while portion := list(islice(rest, PORTION)):
        yield portion


def _ids(people: NDArray[np.uint64]) -> list[ProfileId]:
    return [ProfileId(one) for one in people.tolist()]
