"""Whom a name leads to: promotion, linking, handing over, merging. The reasons are in ADR 0011."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from perennial.collect.identity.model import Graph, Identifier, Merge, Resolution, Sighting
from perennial.kernel.ids import ProfileId, derive_number

_SPARE_IDS = 2


Names = tuple[str, str, str, datetime, str]
"""What one call says of who it is from: user id, anonymous id, previous id, when it occurred, message id."""


def gather(named: Iterable[Names]) -> tuple[list[Sighting], list[int]]:
    """The sightings of a batch, and for each call which of them it is.

    Where a call puts the same names together as the one before it did on the same device (or as any other
    without a device), it teaches nothing more: they are one sighting. Only an alias can change that.
    """
    rows = list(named)
    if any(previous_id for _, _, previous_id, _, _ in rows):
        return [_sighting(row) for row in rows], list(range(len(rows)))
    kept: list[Names] = []
    earliest: list[datetime] = []
    places: list[int] = []
    latest: dict[tuple[str, str], int] = {}
    for row in rows:
        user_id, anonymous_id, _, occurred_at, _ = row
        key = ("device", anonymous_id) if anonymous_id else ("user", user_id)
        place = latest.get(key)
        if place is None or kept[place][0] != user_id:
            place = latest[key] = len(kept)
            kept.append(row)
            earliest.append(occurred_at)
        elif occurred_at < earliest[place]:
            earliest[place] = occurred_at
        places.append(place)
    return [_sighting(row, at) for row, at in zip(kept, earliest, strict=True)], places


def _sighting(row: Names, earliest: datetime | None = None) -> Sighting:
    user_id, anonymous_id, previous_id, occurred_at, cause = row
    return Sighting(
        user_id=user_id,
        anonymous_id=anonymous_id,
        previous_id=previous_id,
        occurred_at=occurred_at,
        earliest=earliest,
        cause=cause,
    )


def identifiers_of(sightings: Sequence[Sighting]) -> list[Identifier]:
    """Every name in a batch, once, in the order of first appearance."""
    found: dict[Identifier, None] = {}
    for sighting in sightings:
        if sighting.user_id:
            found[Identifier("user", sighting.user_id)] = None
        if sighting.anonymous_id:
            found[Identifier("anonymous", sighting.anonymous_id)] = None
        if sighting.previous_id:
            # An alias does not say which kind of name it was.
            found[Identifier("user", sighting.previous_id)] = None
            found[Identifier("anonymous", sighting.previous_id)] = None
    return list(found)


def candidate(identifier: Identifier, *, seed: str, attempt: int = 0) -> ProfileId:
    """The id a profile gets that is first seen under this name; further ones should it be taken."""
    counter = [str(attempt)] if attempt else []
    return ProfileId(derive_number(seed, identifier.kind, identifier.value, *counter))


def candidates(identifiers: Sequence[Identifier], *, seed: str) -> list[ProfileId]:
    """The ids that new profiles of a batch may get, so that the store can say which are taken."""
    return [
        candidate(name, seed=seed, attempt=attempt) for name in identifiers for attempt in range(_SPARE_IDS)
    ]


def resolve(sightings: Sequence[Sighting], graph: Graph, *, seed: str) -> Resolution:
    """Settle whom each sighting is of, in the order given. Same input, same ids; a replay teaches nothing."""
    batch = _Batch(graph, seed)
    seen = [batch.see(sighting) for sighting in sightings]
    return batch.resolution(seen)


class _Batch:
    """The graph as it grows while one batch is read."""

    def __init__(self, graph: Graph, seed: str) -> None:
        self._seed = seed
        self._taken = set(graph.taken)
        self._known = dict(graph.profiles)
        self._users = dict(graph.users)
        self._links: dict[Identifier, ProfileId] = {}
        self._named: dict[ProfileId, str] = {}
        self._first_seen: dict[ProfileId, datetime] = {}
        self._became: dict[ProfileId, ProfileId] = {}
        self._merges: list[Merge] = []

    def see(self, sighting: Sighting) -> ProfileId:
        """Whom one call is of."""
        user = Identifier("user", sighting.user_id) if sighting.user_id else None
        device = Identifier("anonymous", sighting.anonymous_id) if sighting.anonymous_id else None
        if user and sighting.previous_id:
            self._alias(user, sighting)
        if user and device:
            profile_id = self._pair(user, device, sighting)
        elif user:
            profile_id = self._known_or_new(user)
        elif device:
            profile_id = self._known_or_new(device)
        else:
            raise ValueError("a sighting names nobody")
        seen_at = sighting.earliest or sighting.occurred_at
        earlier = self._first_seen.get(profile_id)
        if earlier is None or seen_at < earlier:
            self._first_seen[profile_id] = seen_at
        return profile_id

    def resolution(self, seen: Sequence[ProfileId]) -> Resolution:
        """What the batch came to, every profile under its final id."""
        return Resolution(
            profile_ids=[self._final(profile_id) for profile_id in seen],
            first_seen=self._first_seen,
            links={name: self._final(profile_id) for name, profile_id in self._links.items()},
            users={
                profile_id: user for profile_id, user in self._named.items() if profile_id not in self._became
            },
            merges=[
                Merge(lost=each.lost, kept=self._final(each.kept), merged_at=each.merged_at, cause=each.cause)
                for each in self._merges
            ],
        )

    def _pair(self, user: Identifier, device: Identifier, sighting: Sighting) -> ProfileId:
        """A user on a device: the device's anonymous history, if nobody else's, becomes the user's."""
        person, visitor = self._find(user), self._find(device)
        is_nobodys = visitor is not None and visitor not in self._users
        if person is None:
            person = visitor if visitor is not None and is_nobodys else self._create(user)
            self._name(person, user)
        elif visitor is not None and is_nobodys and visitor != person:
            self._merge(visitor, person, sighting)
        # Where the device was another user's, it has changed hands: from now on it speaks for this one.
        self._link(device, person)
        return person

    def _alias(self, user: Identifier, sighting: Sighting) -> None:
        """Two names of one person. Two known users merge, and the one now in use is kept."""
        former_user = Identifier("user", sighting.previous_id)
        former_device = Identifier("anonymous", sighting.previous_id)
        former, device = self._find(former_user), self._find(former_device)
        visitor = device if device is not None and device not in self._users else None
        person = self._find(user)
        if person is None:
            person = former or visitor or self._create(user)
            self._name(person, user)
        for other in (former, visitor):
            if other is not None and self._final(other) != person:
                self._merge(self._final(other), person, sighting)
        self._link(former_user, person)
        self._link(former_device, person)

    def _known_or_new(self, identifier: Identifier) -> ProfileId:
        known = self._find(identifier)
        if known is not None:
            return known
        created = self._create(identifier)
        if identifier.kind == "user":
            self._name(created, identifier)
        else:
            self._link(identifier, created)
        return created

    def _find(self, identifier: Identifier) -> ProfileId | None:
        profile_id = self._known.get(identifier)
        return None if profile_id is None else self._final(profile_id)

    def _final(self, profile_id: ProfileId) -> ProfileId:
        while profile_id in self._became:
            profile_id = self._became[profile_id]
        return profile_id

    def _create(self, identifier: Identifier) -> ProfileId:
        attempt = 0
        while (created := candidate(identifier, seed=self._seed, attempt=attempt)) in self._taken:
            attempt += 1
        self._taken.add(created)
        return created

    def _name(self, profile_id: ProfileId, user: Identifier) -> None:
        self._users[profile_id] = user.value
        self._named[profile_id] = user.value
        self._link(user, profile_id)

    def _link(self, identifier: Identifier, profile_id: ProfileId) -> None:
        if self._find(identifier) != profile_id:
            self._known[identifier] = profile_id
            self._links[identifier] = profile_id

    def _merge(self, lost: ProfileId, kept: ProfileId, sighting: Sighting) -> None:
        self._became[lost] = kept
        self._users.pop(lost, None)
        self._merges.append(Merge(lost=lost, kept=kept, merged_at=sighting.occurred_at, cause=sighting.cause))
