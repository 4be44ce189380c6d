"""The gate: what is known of the people concerned, fetched at once, and the verdict on each message."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from perennial.decide.assignment import is_held_out
from perennial.decide.journeys.model import CHANNELS, Channel
from perennial.decide.policies import (
    TRANSACTIONAL,
    Circumstances,
    GatePolicy,
    Taken,
    Verdict,
    decide_many,
    decide_send,
)
from perennial.deliver.messages.model import Message
from perennial.deliver.messages.ports import DeliveryState
from perennial.deliver.messages.rules import ZONE_TRAIT, address_of, candidate_of, zone_of
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What the gate goes by."""

    policy: GatePolicy
    zone: Zone
    """The workspace's: of people whose own is not known, and of the quarters of the holdout."""
    knows_holdout: bool = True
    """False asks what the verdict were without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A message with its address of today, and the gate's verdict on it."""

    message: Message
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the stores say about the people concerned."""

    traits: Mapping[ProfileId, Mapping[str, Json]]
    addresses: Mapping[Channel, Mapping[ProfileId, str]]
    consented: Mapping[ProfileId, frozenset[tuple[str, str]]]
    suppressed: Mapping[Channel, frozenset[ProfileId]]
    taken: Mapping[ProfileId, Sequence[Taken]]


def judge(
    state: DeliveryState, messages: Sequence[Message], gate: Gate, *, now: datetime
) -> Sequence[Judged]:
    """The verdict on messages that want to go out now; those to one person compete with each other.

    None of them takes room from itself: what they already hold under a cap is not counted.
    """
    people = sorted({message.profile_id for message in messages})
    known = _known(state, people, messages, gate.policy, now=now)
    by_person: dict[ProfileId, list[Message]] = defaultdict(list)
    for message in messages:
        by_person[message.profile_id].append(message)
    return [
        one
        for profile_id, theirs in by_person.items()
        for one in _judge_person(theirs, _circumstances(known, profile_id, gate, now), gate.policy, now)
    ]


def judge_each(
    state: DeliveryState, people: Sequence[ProfileId], like: Message, gate: Gate, *, now: datetime
) -> Iterable[Verdict]:
    """The verdict on a message like this one to each of these people, were it asked for now."""
    known = _known(state, people, [like], gate.policy, now=now)
    candidate = candidate_of(like)
    # Whoever got nothing lately is like everyone else of their zone: most people are.
    alike: dict[tuple[object, ...], Verdict] = {}
    are_spread = any(one.spread for one in gate.policy.quiet_hours)
    for person in people:
        circumstances = _circumstances(known, person, gate, now)
        if circumstances.taken or are_spread:
            own = replace(candidate, message_id=f"{like.message_id}:{person}")
            yield decide_send(own, circumstances, gate.policy, now=now)
            continue
        kind = (
            like.channel in circumstances.addresses,
            circumstances.consented,
            circumstances.suppressed,
            circumstances.zone,
            circumstances.is_held_out,
        )
        if kind not in alike:
            alike[kind] = decide_send(candidate, circumstances, gate.policy, now=now)
        yield alike[kind]


def _judge_person(
    messages: Sequence[Message], circumstances: Circumstances, policy: GatePolicy, now: datetime
) -> Iterable[Judged]:
    candidates = [candidate_of(message) for message in messages]
    verdicts = decide_many(candidates, circumstances, policy, now=now)
    for message in messages:
        address = circumstances.addresses.get(message.channel, "")
        known = message if message.address == address else replace(message, address=address)
        yield Judged(message=known, verdict=verdicts[message.message_id])


def _known(
    state: DeliveryState,
    people: Sequence[ProfileId],
    messages: Sequence[Message],
    policy: GatePolicy,
    *,
    now: datetime,
) -> _Known:
    traits = state.traits.of(people)
    channels: list[Channel] = [
        channel for channel in CHANNELS if any(one.channel == channel for one in messages)
    ]
    addresses: dict[Channel, Mapping[ProfileId, str]] = {
        channel: _addresses(traits, channel) for channel in channels
    }
    ways: set[tuple[Channel, str]] = {
        (message.channel, message.topic) for message in messages if message.topic != TRANSACTIONAL
    }
    return _Known(
        traits=traits,
        addresses=addresses,
        consented=_consented(state, people, ways),
        suppressed={channel: _suppressed(state, channel, addresses[channel]) for channel in channels},
        taken=_taken(state, people, messages, policy, now=now),
    )


def _addresses(traits: Mapping[ProfileId, Mapping[str, Json]], channel: Channel) -> Mapping[ProfileId, str]:
    return {
        profile_id: address
        for profile_id, theirs in traits.items()
        if (address := address_of(theirs, channel)) is not None
    }


def _taken(
    state: DeliveryState,
    people: Sequence[ProfileId],
    messages: Sequence[Message],
    policy: GatePolicy,
    *,
    now: datetime,
) -> Mapping[ProfileId, Sequence[Taken]]:
    if not policy.caps:
        return {}
    ours = {message.message_id for message in messages}
    taken: dict[ProfileId, list[Taken]] = defaultdict(list)
    for slot in state.outbox.slots(people, since=now - policy.longest_look_back):
        if slot.message_id not in ours:
            taken[slot.profile_id].append(Taken(channel=slot.channel, topic=slot.topic, at=slot.at))
    return taken


def _consented(
    state: DeliveryState, people: Sequence[ProfileId], ways: Iterable[tuple[Channel, str]]
) -> Mapping[ProfileId, frozenset[tuple[str, str]]]:
    agreed: dict[ProfileId, frozenset[tuple[str, str]]] = {}
    for way in sorted(ways):
        only = frozenset([way])
        for profile_id in state.consents.granted(people, channel=way[0], topic=way[1]):
            agreed[profile_id] = agreed[profile_id] | only if profile_id in agreed else only
    return agreed


def _suppressed(
    state: DeliveryState, channel: Channel, addresses: Mapping[ProfileId, str]
) -> frozenset[ProfileId]:
    # A mailbox that asked for silence is the same mailbox in capitals.
    spellings = sorted(
        {spelling for address in addresses.values() for spelling in (address, address.lower())}
    )
    found = state.suppressions.among(spellings, channel=channel)
    return frozenset(
        profile_id
        for profile_id, address in addresses.items()
        if address in found or address.lower() in found
    )


def _circumstances(known: _Known, profile_id: ProfileId, gate: Gate, now: datetime) -> Circumstances:
    told = known.traits.get(profile_id, {}).get(ZONE_TRAIT)
    holdout = gate.policy.holdout if gate.knows_holdout else None
    addresses = {
        channel: theirs[profile_id] for channel, theirs in known.addresses.items() if profile_id in theirs
    }
    return Circumstances(
        addresses=addresses,
        consented=known.consented.get(profile_id, frozenset()),
        suppressed=frozenset(channel for channel, them in known.suppressed.items() if profile_id in them),
        taken=known.taken.get(profile_id, ()),
        zone=zone_of(told, gate.zone) if isinstance(told, str) and told else gate.zone,
        is_held_out=is_held_out(profile_id, holdout, now=now, zone=gate.zone),
    )
