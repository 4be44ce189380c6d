"""What was known of people in the recorded past, asked of the stores: many people at once, nobody alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from perennial.compute.definitions.service import LiveDefinitions
from perennial.decide.journeys.model import CHANNELS, Channel
from perennial.decide.policies import TRANSACTIONAL
from perennial.decide.rehearsals import Reached, Wish
from perennial.deliver.messages.rules import (
    ADDRESS_TRAITS,
    TO_PROGRAMS,
    ZONE_TRAIT,
    address_of,
    own_zones,
    zone_of,
)
from perennial.kernel.conditions import resolve
from perennial.kernel.conditions.model import Condition, ConsentIs, InSegment, Rank, Test, Trait
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.conditions.tagrule import TagRule
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.runtime.consequences import Stages

_GRANTED, _SET = Test(operator="=", literal="granted"), Test(operator="set", literal=True)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _AsThen:
    """Tags and segments as they are defined today; who ranks where is as of the past."""

    defined: LiveDefinitions
    population_at: Moment
    stages: Stages

    @property
    def tag_ids(self) -> Sequence[str]:
        return list(self.defined.tag_ids)

    @property
    def segment_ids(self) -> Sequence[str]:
        return list(self.defined.segment_ids)

    def segment(self, segment_id: str) -> Condition | None:
        return self.defined.segment(segment_id)

    def tag(self, tag_id: str) -> TagRule | None:
        return self.defined.tag(tag_id)

    def cut(self, rank: Rank) -> float | None:
        return self.stages.population.cut(rank, at=self.population_at)


@dataclass(slots=True)
class Recorded:
    """`Facts` of one workspace. Definitions of today, facts of then; addresses and zones of today."""

    stages: Stages
    now: datetime
    """The real present: what is defined by now may be asked about."""
    _resolved: dict[tuple[str, datetime], Condition] = field(
        default_factory=dict[tuple[str, datetime], Condition]
    )

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, known_by: datetime
    ) -> Sequence[tuple[bool, ...]]:
        """Each ask's verdict on each condition, by what had been received then."""
        resolved = [self.resolve(one, known_by) for one in conditions]
        at = Moment(as_of=known_by, zone=self.stages.zone, known_by=known_by)
        return self.stages.population.verdicts(resolved, asks, at=at)

    def reach(self, wishes: Sequence[Wish], *, known_by: datetime) -> Mapping[ProfileId, Reached]:
        """Consents and whether there was an address as of then, in one question."""
        people = sorted({wish.profile_id for wish in wishes})
        channels: list[Channel] = [one for one in CHANNELS if any(wish.channel == one for wish in wishes)]
        ways = sorted({(wish.channel, wish.topic) for wish in wishes if wish.topic != TRANSACTIONAL})
        asked: list[Condition] = [
            *(Trait(trait=ADDRESS_TRAITS[one], test=_SET) for one in channels if one in ADDRESS_TRAITS),
            *(ConsentIs(channel=channel, topic=topic, test=_GRANTED) for channel, topic in ways),
        ]
        instants = {wish.profile_id: wish.at for wish in wishes}
        asks = [Ask(profile_id=person, as_of=instants[person]) for person in people]
        answers = self.verdicts(asked, asks, known_by=known_by)
        with self.stages.state.read() as transaction:
            told = transaction.traits.of(people)
            silent = {channel: self._suppressed(told, channel) for channel in channels}
        return {
            person: _reached(
                _Answer(channels=channels, ways=ways, holds=answers[place]),
                told.get(person, {}),
                silent=frozenset(channel for channel in channels if person in silent[channel]),
                zone=self.stages.zone,
            )
            for place, person in enumerate(people)
        }

    def zones(self, profile_ids: Sequence[ProfileId], *, known_by: datetime) -> Mapping[ProfileId, Zone]:
        """Whose own zone is known, by what is known of them today."""
        with self.stages.state.read() as transaction:
            return own_zones(transaction.traits.of(profile_ids), self.stages.zone)

    def members(self, segment: SegmentId, *, at: datetime) -> frozenset[ProfileId]:
        """Who met a segment's condition of today then."""
        condition = self.resolve(InSegment(segment=segment), at)
        moment = Moment(as_of=at, zone=self.stages.zone, known_by=at)
        [found] = self.stages.population.members([condition], at=moment)
        return frozenset(ProfileId(one) for one in found.tolist())

    def resolve(self, condition: Condition, at: datetime) -> Condition:
        """A condition with tags and segments in their place; ranks as of that day's beginning, in UTC."""
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        key = (repr(condition), day)
        if key not in self._resolved:
            present = Moment(as_of=self.now, zone=self.stages.zone)
            with self.stages.state.read() as transaction:
                defined = LiveDefinitions(transaction, at=present, population=self.stages.population)
                then = _AsThen(defined, Moment(as_of=day, zone=self.stages.zone), self.stages)
                self._resolved[key] = resolve(condition, then)
        return self._resolved[key]

    def _suppressed(
        self, told: Mapping[ProfileId, Mapping[str, Json]], channel: Channel
    ) -> frozenset[ProfileId]:
        addresses = {person: address_of(traits, channel) for person, traits in told.items()}
        spelled = sorted({one for each in addresses.values() if each for one in (each, each.lower())})
        with self.stages.state.read() as transaction:
            found = transaction.suppressions.among(spelled, channel=channel)
        return frozenset(
            person
            for person, address in addresses.items()
            if address is not None and (address in found or address.lower() in found)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What was answered of one person: addresses first, then consents."""

    channels: Sequence[Channel]
    ways: Sequence[tuple[str, str]]
    holds: tuple[bool, ...]


def _reached(answer: _Answer, traits: Mapping[str, Json], *, silent: frozenset[str], zone: Zone) -> Reached:
    with_address = [one for one in answer.channels if one in ADDRESS_TRAITS]
    holds = iter(answer.holds)
    addressed = {channel for channel in with_address if next(holds)}
    told = traits.get(ZONE_TRAIT)
    return Reached(
        channels=frozenset(one for one in answer.channels if one in addressed or one in TO_PROGRAMS),
        consented=frozenset(way for way in answer.ways if next(holds)),
        suppressed=silent,
        zone=zone_of(told, zone) if isinstance(told, str) and told else None,
    )
