"""Merges in the event store: which profile's rows count as whose.

An override always names the profile that is kept in the end, so that queries follow no chains.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perennial.backends.clickhouse.arrow import as_array, integers
from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.kernel.ids import ProfileId

Ids = NDArray[np.uint64]
Places = NDArray[np.int64]
_IDS = np.dtype(np.uint64)


def planned_overrides(
    present: Mapping[ProfileId, ProfileId], merges: Mapping[ProfileId, ProfileId]
) -> dict[ProfileId, ProfileId]:
    """The overrides to write so that `merges` hold on top of those present: chains are followed."""
    united = dict(present)
    rows_of = defaultdict[ProfileId, list[ProfileId]](list)
    for row, canonical in united.items():
        rows_of[canonical].append(row)
    for profile_id, kept in merges.items():
        source, target = united.get(profile_id, profile_id), united.get(kept, kept)
        if source == target:
            continue
        moving = [source, *rows_of.pop(source, ())]
        rows_of[target] += moving
        united.update(dict.fromkeys(moving, target))
    return {row: canonical for row, canonical in united.items() if present.get(row) != canonical}


def record_overrides(transport: Transport, merges: Mapping[ProfileId, ProfileId], *, version: int) -> None:
    """Make every query count rows of each first profile as the second's. One writer at a time."""
    present = _touching(transport, {*merges.keys(), *merges.values()})
    _add(transport, planned_overrides(present, merges), version)


def restate_overrides(transport: Transport, people: Mapping[ProfileId, ProfileId], *, version: int) -> None:
    """Make every query count rows of each first profile as the second's, whatever was said before.

    A profile that is its own again has an override that names itself. One writer at a time.
    """
    present = _touching(transport, people.keys())
    changed = {row: person for row, person in people.items() if present.get(row, row) != person}
    _add(transport, changed, version)


def _add(transport: Transport, changed: Mapping[ProfileId, ProfileId], version: int) -> None:
    if not changed:
        return
    transport.command(
        statement("add_overrides"),
        {
            "profiles": Parameter(type="Array(UInt64)", value=list(changed)),
            "canonicals": Parameter(type="Array(UInt64)", value=list(changed.values())),
            "version": Parameter(type="UInt64", value=version),
        },
    )


def _touching(transport: Transport, people: Collection[ProfileId]) -> dict[ProfileId, ProfileId]:
    """The overrides of the same people as these profiles, whichever of their profiles these are."""
    asked = Parameter(type="Array(UInt64)", value=sorted(people))
    found = transport.query(statement("overrides_of"), {"profiles": asked})
    rows, kept = integers(found, "profile_id"), integers(found, "canonical_id")
    return {ProfileId(row): ProfileId(canonical) for row, canonical in zip(rows, kept, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Who had several profiles at one moment."""

    profiles: Ids
    """All of their profiles, ascending: those that are kept and those whose rows count as theirs."""
    people: Ids
    """The one that is kept, of each."""
    owners: Ids
    """Everyone who has several, ascending."""
    firsts: Places
    """In order of person: where each one's profiles begin, and the end."""
    places: Places
    """Where each profile stands in that order."""

    @classmethod
    def of(cls, lost: Ids, became: Ids) -> "Merged":
        """Where rows of each lost profile count as those of what it became, which is kept."""
        # `np.unique` hashes, and takes several times as long as sorting does.
        kept = np.sort(became)
        kept = kept[np.append(True, kept[1:] != kept[:-1])[: len(kept)]]
        profiles, people = np.concatenate([lost, kept]), np.concatenate([became, kept])
        ascending = np.argsort(profiles, kind="stable")
        profiles, people = profiles[ascending], people[ascending]
        by_person = np.argsort(people)
        places = np.empty(len(by_person), dtype=np.int64)
        places[by_person] = np.arange(len(by_person))
        firsts = np.append(np.searchsorted(people[by_person], kept), len(people))
        return cls(profiles=profiles, people=people, owners=kept, firsts=firsts, places=places)

    def __bool__(self) -> bool:
        return bool(len(self.profiles))

    def has(self, people: Ids) -> NDArray[np.bool_]:
        """Which of these profiles are among them."""
        if not self:
            return np.zeros(len(people), dtype=np.bool_)
        places = np.searchsorted(self.profiles, people)
        return self.profiles[np.minimum(places, len(self.profiles) - 1)] == people

    def among(self, people: Ids) -> tuple[Places, NDArray[np.bool_]]:
        """Where each of their profiles stands among these people (ascending), and whether it is there."""
        at = np.searchsorted(people, self.profiles)
        is_there = at < len(people)
        is_there[is_there] = people[at[is_there]] == self.profiles[is_there]
        return at, is_there

    def owning(self, places: Places) -> NDArray[np.bool_]:
        """Which of the owners have one of the profiles that stand at these places of that order."""
        named = np.zeros(len(self.places), dtype=np.bool_)
        named[places] = True
        return np.logical_or.reduceat(named, self.firsts[:-1])

    def profiles_of(self, people: Ids) -> Ids:
        """Every profile of these people."""
        return self.profiles[np.isin(self.people, people)]

    def people_of(self, profiles: Ids) -> Ids:
        """Whose these profiles are, which are among theirs."""
        return self.people[np.searchsorted(self.profiles, profiles)]


def merged_now(transport: Transport) -> Merged:
    """Who has several profiles now."""
    found = transport.query(statement("overrides"))
    return Merged.of(as_array(found, "profile_id", _IDS), as_array(found, "canonical_id", _IDS))


class KnownMerges:
    """Who has several profiles, read again only when something was told of it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._read: tuple[object, Merged] | None = None

    def now(self) -> Merged:
        """Who has several profiles now, whichever process said so."""
        # Asked before they are read: what is told in between is read twice rather than never.
        state = self._transport.query(statement("state_of_overrides")).to_pylist()
        if self._read is None or self._read[0] != state:
            self._read = (state, merged_now(self._transport))
        return self._read[1]


def has_overrides(transport: Transport) -> bool:
    """Whether anybody was merged."""
    return bool(integers(transport.query(statement("has_overrides")), "merged")[0])


def profiles_of(transport: Transport, people: Sequence[ProfileId]) -> dict[ProfileId, tuple[ProfileId, ...]]:
    """For each profile asked for, every profile whose rows count as the same person's, itself included."""
    canonical_of = _touching(transport, set(people))
    rows_of: dict[ProfileId, list[ProfileId]] = {}
    for row, canonical in canonical_of.items():
        rows = rows_of.setdefault(canonical, [canonical])
        if row != canonical:
            rows.append(row)
    united: dict[ProfileId, tuple[ProfileId, ...]] = {}
    for person in people:
        canonical = canonical_of.get(person, person)
        united[person] = tuple(rows_of.get(canonical, [canonical]))
    return united
