"""The past of an example: a handful of events in memory, judged by the language's own evaluator."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from perennial.decide.journeys import Occurrence
from perennial.decide.journeys.model import CHANNELS, Channel
from perennial.decide.policies import Taken
from perennial.decide.rehearsals import Heard, Reached, Wish
from perennial.deliver.messages.rules import ZONE_TRAIT, address_of, zone_of
from perennial.kernel.conditions.evaluator import HistoryEvent, PersonHistory, evaluate, trait_leaves
from perennial.kernel.conditions.model import Condition, ConsentIs, Test
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.events import ANY_EVENT, EVENT_KINDS
from perennial.kernel.ids import JourneyId, ProfileId, SegmentId
from perennial.kernel.windows import Zone

_GRANTED, _NOT = Test(operator="=", literal="granted"), Test(operator="=", literal="withdrawn")


class Recalled:
    """`Past` and `Facts` of one person who is made up."""

    def __init__(
        self,
        person: PersonHistory,
        *,
        zone: Zone,
        resolve: Callable[[Condition, datetime], Condition],
        is_reachable: bool,
    ) -> None:
        self._person = person
        self._zone = zone
        self._resolve = resolve
        self._is_reachable = is_reachable

    # --- Past ---------------------------------------------------------------------------------------

    def count(self, names: Collection[str], *, start: datetime, end: datetime) -> int:
        """How many events are given."""
        return len(self._person.events)

    def heard(
        self,
        names: Collection[str],
        *,
        start: datetime,
        end: datetime,
        besides: Collection[JourneyId] = (),
    ) -> Iterator[Heard]:
        """What is given, in the order in which it came in."""
        for one in sorted(self._person.events, key=lambda event: (event.received_at, event.occurred_at)):
            is_event = one.kind in (*EVENT_KINDS, "perennial")
            if is_event and (one.name in names or ANY_EVENT in names) and start < one.received_at <= end:
                yield Heard(occurrence=_occurrence(one, self._person.profile_id), received_at=one.received_at)

    def sent(
        self, *, since: datetime, end: datetime, besides: Collection[JourneyId]
    ) -> Iterator[tuple[ProfileId, Taken]]:
        """Nobody else wrote to somebody who is made up."""
        yield from ()

    # --- Facts --------------------------------------------------------------------------------------

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, known_by: datetime
    ) -> Sequence[tuple[bool, ...]]:
        """Each ask's verdict on each condition."""
        return [
            tuple(
                evaluate(self._resolve(one, ask.as_of), self._person, self._at(ask.as_of, known_by))
                for one in conditions
            )
            for ask in asks
        ]

    def reach(self, wishes: Sequence[Wish], *, known_by: datetime) -> Mapping[ProfileId, Reached]:
        """Everything is granted to whoever is taken for reachable; else it is as is given."""
        if not wishes:
            return {}
        at = self._at(max(wish.at for wish in wishes), known_by)
        ways = {(wish.channel, wish.topic) for wish in wishes}
        return {
            self._person.profile_id: Reached(
                channels=frozenset(one for one in CHANNELS if self._has_address(one, at)),
                consented=frozenset(way for way in ways if self._has_consented(way, at)),
                zone=self._own_zone(at),
            )
        }

    def zones(self, profile_ids: Sequence[ProfileId], *, known_by: datetime) -> Mapping[ProfileId, Zone]:
        """The zone the example gives."""
        own = self._own_zone(self._at(known_by, known_by))
        return {} if own is None else dict.fromkeys(profile_ids, own)

    def members(self, segment: SegmentId, *, at: datetime) -> frozenset[ProfileId]:
        """An example says itself who enters a segment: by an event `segment_entered`."""
        return frozenset()

    def _own_zone(self, at: Moment) -> Zone | None:
        told = trait_leaves(ZONE_TRAIT, self._person, at)
        return zone_of(str(told[0]), self._zone) if told else None

    def _has_address(self, channel: Channel, at: Moment) -> bool:
        if self._is_reachable:
            return True
        told = trait_leaves("email", self._person, at)
        return address_of({"email": told[0]} if told else {}, channel) is not None

    def _has_consented(self, way: tuple[str, str], at: Moment) -> bool:
        granted, withdrawn = (ConsentIs(channel=way[0], topic=way[1], test=one) for one in (_GRANTED, _NOT))
        if self._is_reachable:
            return not evaluate(withdrawn, self._person, at)
        return evaluate(granted, self._person, at)

    def _at(self, as_of: datetime, known_by: datetime) -> Moment:
        return Moment(as_of=as_of, zone=self._zone, known_by=known_by)


def _occurrence(event: HistoryEvent, person: ProfileId) -> Occurrence:
    return Occurrence(
        profile_id=person,
        name=event.name,
        kind=event.kind,
        occurred_at=event.occurred_at,
        message_id=event.message_id,
        properties={"context": {}, **event.properties},
    )
