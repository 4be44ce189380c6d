"""The gate of a rehearsal: the live gate's pure verdicts, over messages that exist only here."""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from perennial.decide.assignment import is_held_out
from perennial.decide.journeys.model import SendMessage
from perennial.decide.policies import (
    TRANSACTIONAL,
    Candidate,
    Circumstances,
    Drop,
    GatePolicy,
    Hold,
    Pass,
    Taken,
    Verdict,
    decide_many,
)
from perennial.decide.rehearsals.model import Earlier, Fate, Reached, Wish
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

_NEW, _HELD = 0, 1
"""At one instant new messages are judged before those that waited, as the live loop does."""
_Entry = tuple[datetime, int, ProfileId, str, SendMessage]


class RehearsedGate:
    """Who would have got what, when: room under caps is what messages here have taken, and took in truth."""

    def __init__(self, policy: GatePolicy, *, zone: Zone, earlier: Earlier) -> None:
        self._policy = policy
        self._zone = zone
        self._earlier = earlier.taken
        self._taken: dict[ProfileId, list[Taken]] = defaultdict(list)
        self._waiting: list[_Entry] = []
        """New ones that are put to the gate in this step, and held ones until their time."""

    def ask(self, messages: Sequence[SendMessage], *, since: datetime, now: datetime) -> None:
        """Take messages that journeys asked for in the step from `since` to `now`.

        One that follows from what came in late is judged when that came in, not when it would have been due.
        """
        for one in messages:
            at = one.created_at if since < one.created_at <= now else now
            heapq.heappush(self._waiting, (at, _NEW, one.profile_id, one.message_id, one))

    def next_due(self) -> datetime | None:
        """When the next message is to be judged; None where none waits."""
        return self._waiting[0][0] if self._waiting else None

    @property
    def waiting(self) -> int:
        """How many messages are held now."""
        return len(self._waiting)

    def wishes(self, now: datetime) -> Sequence[Wish]:
        """What has to be known before `judge`: whom to reach by now, for what."""
        return [
            Wish(profile_id=one.profile_id, channel=one.channel, topic=one.topic, at=at)
            for at, _, _, _, one in _first(self._waiting, now)
        ]

    def judge(self, now: datetime, reached: Mapping[ProfileId, Reached]) -> Sequence[Fate]:
        """The verdict on everything whose time has come, in the order of time."""
        fates: list[Fate] = []
        while self._waiting and self._waiting[0][0] <= now:
            at, rank, person, _, first = heapq.heappop(self._waiting)
            together = [first]
            while self._waiting and self._waiting[0][:3] == (at, rank, person):
                together.append(heapq.heappop(self._waiting)[4])
            fates += self._judge_person(person, together, reached.get(person, Reached()), at=at)
        return fates

    def _judge_person(
        self, person: ProfileId, messages: Sequence[SendMessage], reached: Reached, *, at: datetime
    ) -> Sequence[Fate]:
        kept = is_held_out(person, self._policy.holdout, now=at, zone=self._zone)
        circumstances = Circumstances(
            addresses=dict.fromkeys(reached.channels, "somewhere"),
            consented=reached.consented,
            suppressed=reached.suppressed,
            taken=self._room_taken(person, at),
            zone=reached.zone or self._zone,
            is_held_out=kept,
        )
        shadows = {one.message_id for one in messages if _is_shadow(one, is_kept=kept)}
        real = [one for one in messages if one.message_id not in shadows]
        verdicts = decide_many([candidate_of(one) for one in real], circumstances, self._policy, now=at)
        fates = [self._settle(one, verdicts[one.message_id], at=at) for one in real]
        if not shadows:
            return fates
        # Judged apart and after, so that what is never sent takes no room from what is.
        after = replace(circumstances, taken=self._room_taken(person, at), is_held_out=False)
        shadowed = [one for one in messages if one.message_id in shadows]
        verdicts = decide_many([candidate_of(one) for one in shadowed], after, self._policy, now=at)
        return [*fates, *(_withheld(one, verdicts[one.message_id], at=at) for one in shadowed)]

    def _settle(self, message: SendMessage, verdict: Verdict, *, at: datetime) -> Fate:
        match verdict:
            case Pass():
                taken = Taken(channel=message.channel, topic=message.topic, at=at)
                self._taken[message.profile_id].append(taken)
                return Fate(message=message, word="sent", at=at)
            case Hold(reason=reason, until=until):
                entry = (until, _HELD, message.profile_id, message.message_id, message)
                heapq.heappush(self._waiting, entry)
                return Fate(message=message, word="held", reason=reason, at=at)
            case Drop(reason=reason):
                return Fate(message=message, word="dropped", reason=reason, at=at)

    def _room_taken(self, person: ProfileId, at: datetime) -> Sequence[Taken]:
        since = at - self._policy.longest_look_back
        mine = self._taken.get(person)
        if mine:
            mine[:] = [one for one in mine if one.at > since]
        theirs = [one for one in self._earlier.get(person, ()) if since < one.at <= at]
        return [*theirs, *(mine or ())]


def candidate_of(message: SendMessage) -> Candidate:
    """A message that a journey asks for, as the gate sees it."""
    return Candidate(
        message_id=message.message_id,
        channel=message.channel,
        topic=message.topic,
        priority=message.priority,
        value=message.value,
        at=message.at,
        created_at=message.created_at,
        expires_at=message.expires_at,
        over_cap=message.over_cap,
    )


def event_of(fate: Fate) -> EmittedEvent:
    """The event that a fate would leave, as journeys see it."""
    message = fate.message
    properties: dict[str, Json] = {
        "message": message.message_id,
        "journey": message.journey_id,
        "version": str(message.version),
        "enrollment": message.enrollment_id,
        "node": message.node,
        "arm": message.arm,
        "channel": message.channel,
        "topic": message.topic,
        "template": message.template_id,
    }
    if fate.reason:
        properties["reason"] = fate.reason
    name = f"message_{fate.word}"
    return EmittedEvent(
        name=name,
        profile_id=message.profile_id,
        occurred_at=fate.at,
        message_id=f"{message.message_id}:{name}:{fate.at.isoformat()}",
        properties=properties,
    )


def _withheld(message: SendMessage, verdict: Verdict, *, at: datetime) -> Fate:
    reason = "" if isinstance(verdict, Pass) else verdict.reason
    return Fate(message=message, word="withheld", reason=reason, at=at)


def _is_shadow(message: SendMessage, *, is_kept: bool) -> bool:
    return message.withheld or (is_kept and message.topic != TRANSACTIONAL)


def _first(heap: Sequence[_Entry], now: datetime) -> Iterator[_Entry]:
    """What of a heap is due, without looking at what is not."""
    places = [0]
    while places:
        place = places.pop()
        if place < len(heap) and heap[place][0] <= now:
            yield heap[place]
            places += (2 * place + 1, 2 * place + 2)
