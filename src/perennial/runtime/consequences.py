"""What follows from events and timers: journeys take their turn, and everything of it is recorded at once."""

from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock

from perennial.collect.events import Intake
from perennial.collect.events.model import Call
from perennial.collect.events.ports import EventStore
from perennial.compute.definitions.service import LiveDefinitions
from perennial.compute.profiles.ports import Population
from perennial.compute.segments import SegmentChanges
from perennial.compute.segments.service import Segments
from perennial.compute.tags.service import Tags
from perennial.decide.journeys import Enrollment, Occurrence
from perennial.deliver.messages import Delivery
from perennial.deliver.messages.rules import own_zones
from perennial.kernel.clock import Clock
from perennial.kernel.conditions import resolve
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.events import EVENT_KINDS, EmittedEvent
from perennial.kernel.ids import ProfileId
from perennial.kernel.windows import Zone
from perennial.runtime.journey_turn import JourneyTurn, TurnEffects
from perennial.runtime.ports import StateStore, StateTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What a workspace's processor works with."""

    intake: Intake
    state: StateStore
    events: EventStore
    population: Population
    segments: Segments
    tags: Tags
    delivery: Delivery
    clock: Clock
    zone: Zone
    seed: str
    turn: RLock = field(default_factory=RLock)
    """One thread at a time settles identities and what follows from them."""


@dataclass(frozen=True, slots=True)
class CurrentVerdicts:
    """`Verdicts` of conditions as journeys write them: names of tags and segments are put in place first."""

    stages: Stages
    transaction: StateTransaction
    now: datetime

    def verdicts(self, conditions: Sequence[Condition], asks: Sequence[Ask]) -> Sequence[tuple[bool, ...]]:
        """Each ask's verdict on each condition."""
        at = Moment(as_of=self.now, zone=self.stages.zone)
        definitions = LiveDefinitions(self.transaction, at=at, population=self.stages.population)
        resolved = [resolve(condition, definitions) for condition in conditions]
        return self.stages.population.verdicts(resolved, asks, at=at)

    def zones(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, Zone]:
        """Whose own zone is known."""
        return own_zones(self.transaction.traits.of(profile_ids), self.stages.zone)


def effects_of(
    stages: Stages,
    transaction: StateTransaction,
    occurrences: Sequence[Occurrence],
    *,
    due: Sequence[Enrollment] = (),
    is_drained: bool,
    now: datetime,
) -> TurnEffects:
    """What journeys make of these events and of these runs that are due."""
    turn = JourneyTurn(
        shelf=transaction.journeys,
        enrollments=transaction.enrollments,
        verdicts=CurrentVerdicts(stages, transaction, now),
        holdout=stages.delivery.gate(transaction).policy.holdout,
        zone=stages.zone,
        now=now,
    )
    return turn.run(occurrences, due=due, is_drained=is_drained)


def record_effects(
    stages: Stages,
    transaction: StateTransaction,
    changes: SegmentChanges,
    effects: TurnEffects,
    *,
    now: datetime,
) -> None:
    """Keep where runs are now, what was decided, the messages asked for, and our own events of it."""
    transaction.enrollments.save(effects.runs)
    transaction.enrollments.record(effects.decisions)
    queued = stages.delivery.accept(effects.sends, transaction, now=now)
    transaction.emitted.record([*changes.events(), *effects.events, *queued])


def occurrences_of_calls(
    calls: Sequence[Call], people: Sequence[ProfileId], heard: Container[str]
) -> list[Occurrence]:
    """The events among the calls that some journey listens to."""
    return [
        Occurrence(
            profile_id=profile_id,
            name=call.name,
            kind=call.kind,
            occurred_at=call.occurred_at,
            message_id=call.message_id,
            properties={"context": call.context, **call.properties},
        )
        for call, profile_id in zip(calls, people, strict=True)
        if call.kind in EVENT_KINDS and call.name in heard
    ]


def happened(
    calls: Sequence[Call], people: Sequence[ProfileId], merged: Container[ProfileId]
) -> Mapping[ProfileId, Set[str]]:
    """The names of each person's events, where nothing but events can have changed what is so of them."""
    found: dict[ProfileId, set[str]] = {}
    told: set[ProfileId] = set()
    for call, profile_id in zip(calls, people, strict=True):
        if call.kind in EVENT_KINDS:
            found.setdefault(profile_id, set()).add(call.name)
        else:
            told.add(profile_id)
    return {person: names for person, names in found.items() if person not in told and person not in merged}


def occurrence_of(event: EmittedEvent, profile_id: ProfileId | None = None) -> Occurrence:
    """One of our own events, as journeys see it; of the profile that is kept today, where that is another."""
    return Occurrence(
        profile_id=profile_id or event.profile_id,
        name=event.name,
        kind="perennial",
        occurred_at=event.occurred_at,
        message_id=event.message_id,
        properties=event.properties,
    )
