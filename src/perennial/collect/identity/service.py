"""Taking a batch of calls to heart: whose they are, and what they told about people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from perennial.collect.consent.model import Consent
from perennial.collect.consent.ports import Consents
from perennial.collect.events.model import Call
from perennial.collect.events.ports import Batches, EventStore, Offsets
from perennial.collect.identity.columns import columns_of, joined, split
from perennial.collect.identity.key_rules import NO_KEYS, KeyRules, keys_of
from perennial.collect.identity.model import ANONYMOUS, USER, Merge, Resolution, Sighting, TraitTold
from perennial.collect.identity.operations import settle_operations
from perennial.collect.identity.ports import Identities, TraitChanges, Traits
from perennial.collect.identity.rules import candidates, gather, identifiers_of, resolve
from perennial.kernel.ids import ProfileId

_MERGES, _UNMERGES = "merges", "unmerges"
"""The streams of merges and of those that were taken back, as the event store is told of them."""
_TOLD_AT_ONCE = 10_000
_STEPS = 24
"""Bits for what one telling writes after another. Versions were counted from 1 once: those stay below."""


class CollectTransaction(Protocol):
    """The part of a state transaction that calls are taken to heart in."""

    @property
    def identities(self) -> Identities:
        """Which names lead to which profile."""
        ...

    @property
    def traits(self) -> Traits:
        """What people told us."""
        ...

    @property
    def trait_changes(self) -> TraitChanges:
        """What operations on traits came to."""
        ...

    @property
    def consents(self) -> Consents:
        """Who agreed to what."""
        ...

    @property
    def offsets(self) -> Offsets:
        """How far each reader of a stream has come."""
        ...

    @property
    def batches(self) -> Batches:
        """Cuts, each with whose its rows are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorbed:
    """What a batch came to: whose each call is, in order, and the merges it caused."""

    people: Sequence[ProfileId]
    merges: Sequence[Merge]


def absorb(calls: Sequence[Call], transaction: CollectTransaction, *, seed: str) -> Absorbed:
    """Settle whose calls these are; keep the names, traits and consents in them. A replay changes nothing."""
    rules = transaction.identities.rules()
    resolution = _by_columns(calls, transaction, seed) if rules == NO_KEYS else None
    if resolution is None:
        resolution = _one_by_one(calls, transaction, seed, rules)
    transaction.identities.save(resolution)
    people = resolution.profile_ids
    keep_told(calls, people, transaction)
    return Absorbed(people=people, merges=resolution.merges)


def _one_by_one(
    calls: Sequence[Call], transaction: CollectTransaction, seed: str, rules: KeyRules
) -> Resolution:
    """What calls come to, one profile for each."""
    named = (
        (call.user_id, call.anonymous_id, call.previous_id, call.occurred_at, call.message_id)
        for call in calls
    )
    sightings, places = gather(named, [keys_of(call, rules) for call in calls] if rules.kinds else None)
    read = _resolved(sightings, transaction, seed, rules)
    return replace(read, profile_ids=[read.profile_ids[place] for place in places])


def _by_columns(calls: Sequence[Call], transaction: CollectTransaction, seed: str) -> Resolution | None:
    """The same without an object for each call; None where each of them has to be looked at."""
    columns = columns_of(calls)
    if columns is None:
        return None
    identities = transaction.identities
    users, devices = (
        identities.leads(kind, [name for name in dict.fromkeys(names) if name])
        for kind, names in ((USER, columns.users), (ANONYMOUS, columns.devices))
    )
    parts = split(columns, users, devices)
    created = parts.candidates(seed=seed)
    ids = frozenset(created.values())
    if len(ids) < len(created) or identities.taken(sorted(ids)):
        return None
    sightings, places = gather(columns.named(parts.stirred))
    read = _resolved(sightings, transaction, seed, NO_KEYS) if sightings else Resolution(profile_ids=[])
    if not ids.isdisjoint(read.first_seen):
        return None
    return joined(parts, created, read, places)


def tell_merges(transaction: CollectTransaction, events: EventStore) -> None:
    """Tell the event store of every merge that is committed and that it was not told of yet.

    Inside the writing transaction that the merges are seen in, and never before they are committed: a merge
    that is undone could not be taken back, and two who tell at once could lose a chain.
    """
    told = transaction.offsets.get(_MERGES)
    parted_before = transaction.offsets.get(_UNMERGES)
    merges, last_merge = transaction.identities.merges(after=told)
    parted, last_parting = transaction.identities.parted(after=parted_before)
    _tell(merges, parted, events, number=last_merge + last_parting)
    if merges:
        transaction.offsets.advance(_MERGES, first=told + 1, last=last_merge)
    if parted:
        transaction.offsets.advance(_UNMERGES, first=parted_before + 1, last=last_parting)


def tell_all_merges(transaction: CollectTransaction, events: EventStore) -> None:
    """Tell the event store of every merge there ever was: what took rows may have taken merges too."""
    merges, last_merge = transaction.identities.merges()
    parted, last_parting = transaction.identities.parted()
    # The last merge may have been taken back, or erased with somebody.
    last_merge = max(last_merge, transaction.offsets.get(_MERGES))
    last_parting = max(last_parting, transaction.offsets.get(_UNMERGES))
    _tell(merges, parted, events, number=last_merge + last_parting)


def _tell(
    merges: Sequence[Merge], parted: Mapping[ProfileId, ProfileId], events: EventStore, *, number: int
) -> None:
    """Tell of merges, then of partings: they say how things are now, whatever was told in between.

    Versions come from what is told and not from what the event store has: who is held up until its
    transaction is over and its successor has told the same and more, writes too late, below it.
    """
    version = number << _STEPS
    for start in range(0, len(merges), _TOLD_AT_ONCE):
        told = {merge.lost: merge.kept for merge in merges[start : start + _TOLD_AT_ONCE]}
        events.override(told, version=version)
        version += 1
    if parted:
        events.restate(parted, version=version)


def recognise(
    sightings: Sequence[Sighting], transaction: CollectTransaction, *, seed: str, rules: KeyRules = NO_KEYS
) -> Resolution:
    """Settle whom these sightings are of, and keep what they teach about names."""
    resolution = _resolved(sightings, transaction, seed, rules)
    transaction.identities.save(resolution)
    return resolution


def _resolved(
    sightings: Sequence[Sighting], transaction: CollectTransaction, seed: str, rules: KeyRules
) -> Resolution:
    """Whom these sightings are of; nothing is kept yet."""
    names = identifiers_of(sightings)
    graph = transaction.identities.graph(names, rules=rules)
    # A device that is put away leads to somebody new, although it is known.
    bounded = ANONYMOUS if rules.device_people is not None else ""
    unknown = [name for name in names if name not in graph.profiles or name.kind == bounded]
    if unknown:
        taken = transaction.identities.graph([], candidates(unknown, seed=seed)).taken
        graph = replace(graph, taken=taken)
    return resolve(sightings, graph, seed=seed, rules=rules)


def keep_told(
    calls: Sequence[Call], profile_ids: Sequence[ProfileId], transaction: CollectTransaction
) -> None:
    """Keep the traits of identify calls and the statements of consent calls."""
    told: list[TraitTold] = []
    consents: list[Consent] = []
    settled = settle_operations(calls, profile_ids, transaction.traits, transaction.trait_changes)
    for call, profile_id in zip(settled, profile_ids, strict=True):
        if call.kind == "identify":
            told.extend(_traits(call, profile_id))
        elif call.kind == "consent":
            consents.append(_consent(call, profile_id))
    transaction.traits.tell(told)
    transaction.consents.record(consents)


def _traits(call: Call, profile_id: ProfileId) -> list[TraitTold]:
    return [
        TraitTold(
            profile_id=profile_id,
            name=name,
            value=value,
            occurred_at=call.occurred_at,
            message_id=call.message_id,
        )
        for name, value in call.properties.items()
    ]


def _consent(call: Call, profile_id: ProfileId) -> Consent:
    said = {name: str(value) for name, value in call.properties.items()}
    return Consent(
        profile_id=profile_id,
        channel=said["channel"],
        topic=said["topic"],
        state="granted" if said["state"] == "granted" else "withdrawn",
        proof=said.get("proof", ""),
        occurred_at=call.occurred_at,
        message_id=call.message_id,
    )
