"""Whom a name leads to: promotion, linking, handing over, merging, keys. Reasons: ADR 0011 and 0027."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from perennial.collect.identity.key_rules import NO_KEYS, KeyRules
from perennial.collect.identity.knowledge import Knowledge
from perennial.collect.identity.model import (
    ANONYMOUS,
    USER,
    Graph,
    Identifier,
    Resolution,
    Sighting,
)
from perennial.kernel.ids import ProfileId, derive_number

_SPARE_IDS = 2


Names = tuple[str, str, str, datetime, str]
"""What one call says of who it is from: user id, anonymous id, previous id, when it occurred, message id."""
Keys = tuple[Identifier, ...]


def gather(named: Iterable[Names], brought: Sequence[Keys] | None = None) -> tuple[list[Sighting], list[int]]:
    """The sightings of a batch, and for each call which of them it is; `brought`: the keys of each call.

    Where a call puts the same names together as the one before it did on the same device (or as any other
    without a device), it teaches nothing more: they are one sighting. Only an alias can change that.
    """
    rows = list(named)
    keys: Sequence[Keys] = brought if brought is not None else [()] * len(rows)
    if any(previous_id for _, _, previous_id, _, _ in rows):
        return [_sighting(row, keys[place]) for place, row in enumerate(rows)], list(range(len(rows)))
    kept: list[tuple[Names, Keys]] = []
    earliest: list[datetime] = []
    places: list[int] = []
    latest: dict[tuple[str, str], int] = {}
    for row, own in zip(rows, keys, strict=True):
        user_id, anonymous_id, _, occurred_at, _ = row
        key = (ANONYMOUS, anonymous_id) if anonymous_id else (USER, user_id)
        place = latest.get(key)
        if place is None or kept[place][0][0] != user_id or kept[place][1] != own:
            place = latest[key] = len(kept)
            kept.append((row, own))
            earliest.append(occurred_at)
        elif occurred_at < earliest[place]:
            earliest[place] = occurred_at
        places.append(place)
    return [_sighting(*one, at) for one, at in zip(kept, earliest, strict=True)], places


def _sighting(row: Names, keys: Keys, earliest: datetime | None = None) -> Sighting:
    user_id, anonymous_id, previous_id, occurred_at, cause = row
    return Sighting(
        user_id=user_id,
        anonymous_id=anonymous_id,
        previous_id=previous_id,
        occurred_at=occurred_at,
        earliest=earliest,
        cause=cause,
        keys=keys,
    )


def identifiers_of(sightings: Sequence[Sighting]) -> list[Identifier]:
    """Every name in a batch, once, in the order of first appearance."""
    found: dict[Identifier, None] = {}
    for sighting in sightings:
        if sighting.user_id:
            found[Identifier(USER, sighting.user_id)] = None
        if sighting.anonymous_id:
            found[Identifier(ANONYMOUS, sighting.anonymous_id)] = None
        if sighting.previous_id:
            found[Identifier(USER, sighting.previous_id)] = None
            found[Identifier(ANONYMOUS, sighting.previous_id)] = None
        found.update(dict.fromkeys(sighting.keys))
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


def resolve(
    sightings: Sequence[Sighting], graph: Graph, *, seed: str, rules: KeyRules = NO_KEYS
) -> Resolution:
    """Settle whom each sighting is of, in the order given. Same input, same ids; a replay teaches nothing."""
    batch = _Batch(graph, seed, rules)
    seen = [batch.see(sighting) for sighting in sightings]
    return batch.known.resolution(seen)


class _Batch:
    """Reads one batch: which names of each call count, and what they make of whom."""

    def __init__(self, graph: Graph, seed: str, rules: KeyRules) -> None:
        self.known = Knowledge(graph)
        self._seed = seed
        self._rules = rules

    def see(self, sighting: Sighting) -> ProfileId:
        """Whom one call is of."""
        known = self.known
        known.begin(sighting)
        user = Identifier(USER, sighting.user_id) if sighting.user_id else None
        device = Identifier(ANONYMOUS, sighting.anonymous_id) if sighting.anonymous_id else None
        if user is None and device is None:
            raise ValueError("a sighting names nobody")
        refused: Identifier | None = None
        if user and device:
            # One of the two is enough to know whose the call is; a name of nobody joins nobody.
            if self._rules.is_blocked(user.value):
                user, refused = None, user
            elif self._rules.is_blocked(device.value):
                device, refused = None, device
        if user and sighting.previous_id:
            self._alias(user, sighting)
        if user and device:
            person = self._pair(user, device, sighting)
        else:
            person = self._known_or_new(user or device, sighting)  # pyright: ignore[reportArgumentType]  # one is left
        if refused is not None:
            known.refuse(person, refused, "blocked")
        for name in sighting.keys:
            person = self._key(person, name)
        known.see(person)
        return person

    def _pair(self, user: Identifier, device: Identifier, sighting: Sighting) -> ProfileId:
        """A user on a device: the device's anonymous history, if nobody else's, becomes the user's."""
        known = self.known
        person, visitor = known.find(user), known.find(device)
        if known.is_quarantined(device):
            known.refuse(person or (person := self._known_or_new(user, sighting)), device, "quarantined")
            return person
        is_nobodys = visitor is not None and known.user_of(visitor) is None
        if person is None:
            person = visitor if visitor is not None and is_nobodys else self._create(user, sighting)
            known.name(person, user)
        elif visitor is not None and is_nobodys and visitor != person:
            if known.are_apart(visitor, person):
                known.refuse(person, device, "parted", visitor)
                return person
            known.merge(visitor, person, "login")
        # Where the device was another user's, it has changed hands: from now on it speaks for this one.
        bound = self._rules.device_people
        former = None if is_nobodys or visitor == person else visitor
        if bound and former is not None and known.stranger(person, device, former, bound=bound):
            known.link(device, self._fresh(device))  # what nobody logs in on from now on is of nobody known
        else:
            known.link(device, person)
        return person

    def _alias(self, user: Identifier, sighting: Sighting) -> None:
        """Two names of one person. Two known users merge, and the one now in use is kept."""
        known = self.known
        former_user = Identifier(USER, sighting.previous_id)
        former_device = Identifier(ANONYMOUS, sighting.previous_id)
        former, device = known.find(former_user), known.find(former_device)
        visitor = device if device is not None and known.user_of(device) is None else None
        person = known.find(user)
        is_blocked = self._rules.is_blocked(user.value) or self._rules.is_blocked(sighting.previous_id)
        if is_blocked or known.is_quarantined(former_device):
            person = self._known_or_new(user, sighting)
            reason = "blocked" if is_blocked else "quarantined"
            known.refuse(person, former_device if former is None else former_user, reason, former or device)
            return
        if person is None:
            person = former or visitor or self._create(user, sighting)
            known.name(person, user)
        for other in (former, visitor):
            if other is None or (final := known.final(other)) == person:
                continue
            if known.are_apart(final, person):
                known.refuse(person, former_user if other is former else former_device, "parted", final)
                return
            known.merge(final, person, "alias")
        known.link(former_user, person)
        known.link(former_device, person)

    def _key(self, person: ProfileId, name: Identifier) -> ProfileId:
        """A further name of somebody: it becomes theirs, joins them with whom it leads to, or is refused."""
        known, kind = self.known, self._rules.kind(name.kind)
        owner = known.find(name)
        if owner == person or kind is None:
            return person
        if self._rules.is_blocked(name.value) or known.is_quarantined(name):
            reason = "quarantined" if known.is_quarantined(name) else "blocked"
            known.refuse(person, name, reason, owner)
        elif owner is None:
            if kind.limit is not None and known.count(person, kind.name) >= kind.limit:
                known.refuse(person, name, "limit")
            else:
                known.link(name, person)
        elif not kind.joins:
            known.refuse(person, name, "describes_only", owner)
        elif reason := self._obstacle(person, owner):
            known.refuse(person, name, reason, owner)
            known.stranger(person, name, owner, bound=kind.people)
        else:
            # The one with a user id is kept; of two visitors the one the key has led to.
            kept, lost = (owner, person) if known.user_of(person) is None else (person, owner)
            known.merge(lost, kept, kind.name)
            return kept
        return person

    def _obstacle(self, one: ProfileId, other: ProfileId) -> str:
        """Why two people may not become one by a key; empty where they may."""
        known = self.known
        if known.user_of(one) is not None and known.user_of(other) is not None:
            return "two_user_ids"
        if known.are_apart(one, other):
            return "parted"
        for kind in self._rules.kinds:
            if (
                kind.limit is not None
                and known.count(one, kind.name) + known.count(other, kind.name) > kind.limit
            ):
                return "limit"
        return ""

    def _known_or_new(self, name: Identifier, sighting: Sighting) -> ProfileId:
        known = self.known.find(name)
        if known is not None:
            return known
        created = self._create(name, sighting)
        if name.kind == USER:
            self.known.name(created, name)
        else:
            self.known.link(name, created)
        return created

    def _create(self, name: Identifier, sighting: Sighting) -> ProfileId:
        """Whoever a key of the call leads to already, where nothing speaks against it; else a new profile."""
        if sighting.keys and not self._rules.is_blocked(name.value):
            for key in sighting.keys:
                owner, kind = self.known.find(key), self._rules.kind(key.kind)
                may_lead = kind is not None and kind.joins and not self.known.is_quarantined(key)
                if owner is None or not may_lead or self._rules.is_blocked(key.value):
                    continue
                if name.kind != USER or self.known.user_of(owner) is None:
                    return owner
        return self._fresh(name)

    def _fresh(self, name: Identifier) -> ProfileId:
        attempt = 0
        while self.known.is_taken(created := candidate(name, seed=self._seed, attempt=attempt)):
            attempt += 1
        self.known.take(created)
        return created
