"""Taking a batch of calls to heart: whose they are, and what they told about people."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from perennial.collect.consent.model import Consent
from perennial.collect.consent.ports import Consents
from perennial.collect.events.model import Call
from perennial.collect.identity.model import Graph, Merge, Resolution, Sighting, TraitTold
from perennial.collect.identity.ports import Identities, Traits
from perennial.collect.identity.rules import candidates, gather, identifiers_of, resolve
from perennial.kernel.ids import ProfileId


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
    def consents(self) -> Consents:
        """Who agreed to what."""
        ...


class CollectState(Protocol):
    """A state store that such transactions are begun on."""

    def begin(self) -> AbstractContextManager[CollectTransaction]:
        """One transaction; it commits at the end of the block."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorbed:
    """What a batch came to: whose each call is, in order, and the merges it caused."""

    people: Sequence[ProfileId]
    merges: Sequence[Merge]


def absorb(calls: Sequence[Call], transaction: CollectTransaction, *, seed: str) -> Absorbed:
    """Settle whose calls these are; keep the names, traits and consents in them. A replay changes nothing."""
    sightings, places = gather(
        (call.user_id, call.anonymous_id, call.previous_id, call.occurred_at, call.message_id)
        for call in calls
    )
    resolution = recognise(sightings, transaction, seed=seed)
    people = [resolution.profile_ids[place] for place in places]
    keep_told(calls, people, transaction)
    return Absorbed(people=people, merges=resolution.merges)


def recognise(sightings: Sequence[Sighting], transaction: CollectTransaction, *, seed: str) -> Resolution:
    """Settle whom these sightings are of, and keep what they teach about names."""
    names = identifiers_of(sightings)
    graph = transaction.identities.graph(names)
    unknown = [name for name in names if name not in graph.profiles]
    if unknown:
        taken = transaction.identities.graph([], candidates(unknown, seed=seed)).taken
        graph = Graph(profiles=graph.profiles, users=graph.users, taken=taken)
    resolution = resolve(sightings, graph, seed=seed)
    transaction.identities.save(resolution)
    return resolution


def keep_told(
    calls: Sequence[Call], profile_ids: Sequence[ProfileId], transaction: CollectTransaction
) -> None:
    """Keep the traits of identify calls and the statements of consent calls."""
    told: list[TraitTold] = []
    consents: list[Consent] = []
    for call, profile_id in zip(calls, profile_ids, strict=True):
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
