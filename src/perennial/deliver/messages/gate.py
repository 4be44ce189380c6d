"""The gate: what is known of the people concerned, fetched at once, and the verdict on each message."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from perennial.decide.journeys.model import Channel
from perennial.decide.policies import TRANSACTIONAL, Circumstances, FrequencyCap, Verdict, decide_many
from perennial.deliver.messages.model import Message, Slot
from perennial.deliver.messages.ports import DeliveryState
from perennial.deliver.messages.rules import address_of, candidate_of
from perennial.kernel.ids import ProfileId


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A message with its address of today, and the gate's verdict on it."""

    message: Message
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the stores say about the people concerned, on one channel."""

    addresses: Mapping[ProfileId, str]
    consented: Mapping[ProfileId, frozenset[str]]
    suppressed: frozenset[ProfileId]
    slots: Mapping[ProfileId, Sequence[Slot]]


def judge(
    state: DeliveryState, messages: Sequence[Message], *, cap: FrequencyCap | None, now: datetime
) -> Sequence[Judged]:
    """The verdict on messages that want to go out now; those to one person compete with each other.

    None of them takes room from itself: what they already hold under the cap is not counted.
    """
    by_channel: dict[Channel, list[Message]] = defaultdict(list)
    for message in messages:
        by_channel[message.channel].append(message)
    return [
        one
        for channel, among in by_channel.items()
        for one in _judge_channel(state, channel, among, cap=cap, now=now)
    ]


def _judge_channel(
    state: DeliveryState,
    channel: Channel,
    messages: Sequence[Message],
    *,
    cap: FrequencyCap | None,
    now: datetime,
) -> Iterable[Judged]:
    known = _known(state, channel, messages, cap=cap, now=now)
    by_person: dict[ProfileId, list[Message]] = defaultdict(list)
    for message in messages:
        by_person[message.profile_id].append(message)
    for profile_id, theirs in by_person.items():
        circumstances = _circumstances(known, profile_id, cap)
        verdicts = decide_many([candidate_of(message) for message in theirs], circumstances, now=now)
        address = circumstances.address or ""
        for message in theirs:
            yield Judged(message=replace(message, address=address), verdict=verdicts[message.message_id])


def _known(
    state: DeliveryState,
    channel: Channel,
    messages: Sequence[Message],
    *,
    cap: FrequencyCap | None,
    now: datetime,
) -> _Known:
    people = sorted({message.profile_id for message in messages})
    addresses = {
        profile_id: address
        for profile_id, traits in state.traits.of(people).items()
        if (address := address_of(traits, channel)) is not None
    }
    topics = {message.topic for message in messages} - {TRANSACTIONAL}
    slots: dict[ProfileId, list[Slot]] = defaultdict(list)
    if cap is not None:
        ours = {message.message_id for message in messages}
        for slot in state.outbox.slots(people, channel=channel, topics=cap.topics, since=now - cap.window):
            if slot.message_id not in ours:
                slots[slot.profile_id].append(slot)
    return _Known(
        addresses=addresses,
        consented=_consented(state, channel, people, topics),
        suppressed=_suppressed(state, channel, addresses),
        slots=slots,
    )


def _consented(
    state: DeliveryState, channel: Channel, people: Sequence[ProfileId], topics: Iterable[str]
) -> Mapping[ProfileId, frozenset[str]]:
    granted: dict[ProfileId, set[str]] = defaultdict(set)
    for topic in sorted(topics):
        for profile_id, consent in state.consents.of(people, channel=channel, topic=topic).items():
            if consent.state == "granted":
                granted[profile_id].add(topic)
    return {profile_id: frozenset(theirs) for profile_id, theirs in granted.items()}


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


def _circumstances(known: _Known, profile_id: ProfileId, cap: FrequencyCap | None) -> Circumstances:
    taken: dict[str, list[datetime]] = defaultdict(list)
    for slot in known.slots.get(profile_id, ()):
        taken[slot.topic].append(slot.at)
    return Circumstances(
        address=known.addresses.get(profile_id),
        consented=known.consented.get(profile_id, frozenset()),
        is_suppressed=profile_id in known.suppressed,
        sent_at=taken,
        cap=cap,
    )
