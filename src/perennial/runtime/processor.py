"""The processor turns what was accepted into what is known and what follows, one micro-batch at a time.

A batch: its boundaries are recorded; identity is settled; its rows go to the event store under their
token; whoever it touched is asked again; journeys take their turn; and everything that follows is
committed together with the offset, in one transaction of the state store. A crash anywhere replays the
same batch to the same ids.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock

import structlog

from perennial.collect.events import Intake
from perennial.collect.events.model import Batch, Call, LoggedCalls
from perennial.collect.events.ports import EventStore
from perennial.collect.events.rows import table_of
from perennial.collect.identity.service import absorb
from perennial.compute.definitions.service import LiveDefinitions
from perennial.compute.profiles.ports import Population
from perennial.compute.segments import SegmentChanges
from perennial.compute.segments.service import Segments
from perennial.compute.tags.service import Tags
from perennial.decide.journeys import (
    Enrollment,
    Journey,
    Occurrence,
    PublishedJourney,
    current_member,
)
from perennial.decide.journeys.model import SegmentEntry
from perennial.deliver.messages import Delivery
from perennial.kernel.clock import Clock
from perennial.kernel.conditions import resolve
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.events import EVENT_KINDS, EmittedEvent
from perennial.kernel.ids import ProfileId
from perennial.kernel.windows import Zone
from perennial.runtime.journey_turn import JourneyTurn, TurnEffects, names_listened_to, next_wake
from perennial.runtime.loop import RHYTHM
from perennial.runtime.ports import StateStore, StateTransaction
from perennial.runtime.replay import EMITTED, INTAKE, REPLAYED_BATCHES, emitted_table, keep_rows

_log = structlog.get_logger(__name__)

BATCH_CALLS = 10_000
PUMP_EVENTS = 20_000
DUE_RUNS = 5_000
KEPT_CALLS = 100_000
"""Processed calls that stay in the intake log, beyond what the event store has made durable."""
FORGET_EVERY = 50_000
"""Calls between two cleanings of the log: each makes whoever submits wait for it."""


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
class _CurrentVerdicts:
    """Answers conditions as journeys write them: names of tags and segments are put in place first."""

    stages: Stages
    transaction: StateTransaction
    now: datetime

    def verdicts(self, conditions: Sequence[Condition], asks: Sequence[Ask]) -> Sequence[tuple[bool, ...]]:
        at = Moment(as_of=self.now, zone=self.stages.zone)
        definitions = LiveDefinitions(self.transaction, at=at, population=self.stages.population)
        resolved = [resolve(condition, definitions) for condition in conditions]
        return self.stages.population.verdicts(resolved, asks, at=at)


class Processor:
    """Turns one workspace's loop. One thread at a time is inside; imports take the same turn."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self.turn = stages.turn
        """Held by whoever settles identities: batches of the processor and of imports take turns."""

    def drain(self) -> int:
        """Process everything accepted so far and copy what we emitted; how many calls that were.

        No timer fires that nobody's event has reached, nothing is refreshed, nothing is sent.
        """
        with self.turn:
            processed = sum(self._drain_calls(upto=self._stages.intake.position()))
            self._pump()
        return processed

    def cycle(self) -> None:
        """One full turn: what was accepted, the segments and tags that are due, the timers, the pump."""
        with self.turn:
            now = self._stages.clock.now()
            for _ in self._drain_calls(upto=self._stages.intake.position()):
                pass
            self._refresh_due(now)
            self._fire_timers(now)
            self._pump()

    def is_pending(self, *, upto: int) -> bool:
        """Whether calls up to a position, or events of ours, are still on their way to the event store."""
        with self._stages.state.read() as transaction:
            calls = transaction.offsets.get(INTAKE) < upto
            return calls or transaction.offsets.get(EMITTED) < transaction.emitted.position()

    def record_refresh(
        self, changes: SegmentChanges, transaction: StateTransaction, *, now: datetime
    ) -> None:
        """Let journeys see who entered or left a segment, and record it."""
        occurrences = [_occurrence_of(event) for event in changes.events()]
        effects = self._journeys(transaction, occurrences, due=(), is_drained=True, now=now)
        self._record(transaction, changes, effects, now=now)

    def present_members(
        self, journey: Journey, transaction: StateTransaction, *, now: datetime
    ) -> Sequence[ProfileId]:
        """The present members of a journey's segment, where its author asked for them; nobody otherwise."""
        on = journey.entry.on
        if not isinstance(on, SegmentEntry) or not on.include_current:
            return ()
        if on.segment not in transaction.segments.fills():
            at = Moment(as_of=now, zone=self._stages.zone)
            changes = self._stages.segments.refresh(
                [on.segment], at=at, population=self._stages.population, state=transaction
            )
            self.record_refresh(changes, transaction, now=now)
        return [ProfileId(one) for one in transaction.segments.members(on.segment).tolist()]

    def take_in(
        self,
        members: Sequence[ProfileId],
        published: PublishedJourney,
        transaction: StateTransaction,
        *,
        now: datetime,
    ) -> None:
        """Let present members of a journey's segment in; those who came in before are not taken again."""
        on = published.journey.entry.on
        if not isinstance(on, SegmentEntry):
            return
        occurrences = [current_member(on.segment, one, published, at=now) for one in members]
        effects = self._journeys(transaction, occurrences, due=(), is_drained=True, now=now)
        self._record(transaction, SegmentChanges(), effects, now=now)

    def rest(self) -> timedelta:
        """How long nothing will be due."""
        with self._stages.state.read() as transaction:
            return next_wake(transaction.enrollments.next_due(), now=self._stages.clock.now(), at_most=RHYTHM)

    # --- calls ------------------------------------------------------------------------------------

    def _drain_calls(self, *, upto: int) -> Iterator[int]:
        while True:
            batch, calls, is_begun = self._cut(upto)
            if batch is None:
                return
            self._take(batch, calls, is_begun=is_begun, is_drained=batch.last >= upto)
            yield len(calls)

    def _cut(self, upto: int) -> tuple[Batch | None, LoggedCalls, bool]:
        """The next batch: one that was begun and not finished, else a new one; and which of the two."""
        stages = self._stages
        with stages.state.read() as transaction:
            position = transaction.offsets.get(INTAKE)
            recorded = transaction.batches.after(INTAKE, position=position)
        if recorded:
            batch = recorded[0]
            calls = stages.intake.read(after=batch.first - 1, limit=batch.last - batch.first + 1)
            return batch, calls, True
        if position >= upto:
            return None, LoggedCalls(), False
        calls = stages.intake.read(after=position, limit=BATCH_CALLS)
        first, last = calls.positions[0], calls.positions[-1]
        batch = Batch(
            stream=INTAKE,
            first=first,
            last=last,
            token=f"{INTAKE}:{first}:{last}",
            recorded_at=stages.clock.now(),
        )
        with stages.state.begin() as transaction:
            transaction.batches.record(batch)
        return batch, calls, False

    def _take(self, batch: Batch, logged: LoggedCalls, *, is_begun: bool, is_drained: bool) -> None:
        stages, calls = self._stages, logged.calls
        now = stages.clock.now()
        with stages.state.begin() as transaction:
            absorbed = absorb(calls, transaction, seed=stages.seed)
            if absorbed.merges:
                stages.events.override({merge.lost: merge.kept for merge in absorbed.merges})
            keep_rows(stages.events, table_of(calls, absorbed.people), batch, is_begun=is_begun)
            touched = set(absorbed.people)
            changes = stages.segments.refresh_touched(
                touched,
                at=Moment(as_of=now, zone=stages.zone),
                population=stages.population,
                state=transaction,
            )
            heard = names_listened_to(transaction.journeys)
            occurrences = _occurrences(calls, absorbed.people, heard) + [
                _occurrence_of(one) for one in changes.events()
            ]
            effects = self._journeys(transaction, occurrences, due=(), is_drained=is_drained, now=now)
            self._record(transaction, changes, effects, now=now)
            transaction.offsets.advance(INTAKE, first=batch.first, last=batch.last)
            transaction.batches.settle(batch, absorbed.people)
            transaction.batches.forget(INTAKE, kept=REPLAYED_BATCHES)
        if batch.last // FORGET_EVERY > (batch.first - 1) // FORGET_EVERY:
            stages.intake.forget(upto=batch.last - KEPT_CALLS)
        _log.info("batch_processed", calls=len(calls), people=len(touched), position=batch.last)

    # --- time -------------------------------------------------------------------------------------

    def _refresh_due(self, now: datetime) -> None:
        """Answer the segments and tags that are due, all of each in one pass."""
        stages, at = self._stages, Moment(as_of=now, zone=self._stages.zone)
        with stages.state.read() as transaction:
            answers = stages.segments.ask(at=at, population=stages.population, state=transaction)
            values = stages.tags.ask(at=at, population=stages.population, state=transaction)
        if not answers.segments and not values:
            return
        with stages.state.begin() as transaction:
            changes = stages.segments.settle(answers, state=transaction)
            stages.tags.settle(values, state=transaction)
            self.record_refresh(changes, transaction, now=now)

    def _fire_timers(self, now: datetime) -> None:
        while True:
            with self._stages.state.begin() as transaction:
                due = transaction.enrollments.due(now, limit=DUE_RUNS)
                if not due:
                    return
                effects = self._journeys(transaction, (), due=due, is_drained=True, now=now)
                self._record(transaction, SegmentChanges(), effects, now=now)

    # --- what follows -----------------------------------------------------------------------------

    def _journeys(
        self,
        transaction: StateTransaction,
        occurrences: Sequence[Occurrence],
        *,
        due: Sequence[Enrollment],
        is_drained: bool,
        now: datetime,
    ) -> TurnEffects:
        turn = JourneyTurn(
            shelf=transaction.journeys,
            enrollments=transaction.enrollments,
            verdicts=_CurrentVerdicts(self._stages, transaction, now),
            zone=self._stages.zone,
            now=now,
        )
        return turn.run(occurrences, due=due, is_drained=is_drained)

    def _record(
        self, transaction: StateTransaction, changes: SegmentChanges, effects: TurnEffects, *, now: datetime
    ) -> None:
        transaction.enrollments.save(effects.runs)
        transaction.enrollments.record(effects.decisions)
        queued = self._stages.delivery.accept(effects.sends, transaction, now=now)
        transaction.emitted.record([*changes.events(), *effects.events, *queued])

    def _pump(self) -> None:
        """Copy events of ours to the event store, and let journeys see them, until none is left."""
        while self._pump_some():
            pass

    def _pump_some(self) -> int:
        stages = self._stages
        with stages.state.read() as transaction:
            recorded = transaction.batches.after(EMITTED, position=transaction.offsets.get(EMITTED))
            limit = recorded[0].last - recorded[0].first + 1 if recorded else PUMP_EVENTS
            emitted = transaction.emitted.read(after=transaction.offsets.get(EMITTED), limit=limit)
        if recorded:  # numbers may be missing, and so more may have been read than was cut
            emitted = [each for each in emitted if each[0] <= recorded[0].last]
        if not emitted:
            return 0
        first, last = emitted[0][0], emitted[-1][0]
        now = stages.clock.now()
        batch = Batch(
            stream=EMITTED, first=first, last=last, token=f"{EMITTED}:{first}:{last}", recorded_at=now
        )
        with stages.state.begin() as transaction:
            transaction.batches.record(batch)
        rows = emitted_table([event for _, event in emitted])
        keep_rows(stages.events, rows, batch, is_begun=bool(recorded))
        with stages.state.begin() as transaction:
            # Segment changes were shown to journeys when they happened.
            occurrences = [
                _occurrence_of(event) for _, event in emitted if not event.name.startswith("segment_")
            ]
            effects = self._journeys(transaction, occurrences, due=(), is_drained=False, now=now)
            self._record(transaction, SegmentChanges(), effects, now=now)
            transaction.offsets.advance(EMITTED, first=first, last=last)
            transaction.batches.settle(batch, [event.profile_id for _, event in emitted])
            transaction.batches.forget(EMITTED, kept=REPLAYED_BATCHES)
        return len(emitted)


def _occurrences(
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


def _occurrence_of(event: EmittedEvent) -> Occurrence:
    return Occurrence(
        profile_id=event.profile_id,
        name=event.name,
        kind="perennial",
        occurred_at=event.occurred_at,
        message_id=event.message_id,
        properties=event.properties,
    )
