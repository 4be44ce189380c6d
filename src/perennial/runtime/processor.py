"""The processor turns what was accepted into what is known and what follows, one micro-batch at a time.

A batch: its boundaries are recorded and it is settled, for good, whose its calls are. Then its rows go to
the event store under their token; whoever it touched is asked again; journeys take their turn; and
everything that follows is committed together with the offset, in one transaction of the state store. A
crash anywhere replays the same batch to the same ids.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta

import structlog

from perennial.collect.acquisition import note_touches
from perennial.collect.events.model import Batch, Call, LoggedCalls
from perennial.collect.events.rows import table_of
from perennial.collect.identity.operations import as_settled
from perennial.collect.identity.service import absorb, tell_merges
from perennial.compute.segments import SegmentChanges
from perennial.decide.journeys import Journey, PublishedJourney, current_member
from perennial.decide.journeys.model import SegmentEntry
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId
from perennial.runtime.agenda import LONGEST_REST, next_wake
from perennial.runtime.consequences import (
    Stages,
    effects_of,
    happened,
    occurrence_of,
    occurrences_of_calls,
    record_effects,
)
from perennial.runtime.journey_turn import names_listened_to
from perennial.runtime.ports import StateTransaction
from perennial.runtime.refreshing import refresh_due, refresh_segments
from perennial.runtime.replay import (
    EMITTED,
    INTAKE,
    REPLAYED_BATCHES,
    emitted_table,
    keep_rows,
    replay,
)
from perennial.runtime.timekeeping import Ahead, refresh_crossed

__all__ = ["INTAKE", "Processor", "Stages"]

_log = structlog.get_logger(__name__)

BATCH_CALLS = 10_000
BATCH_BYTES = 32 * 2**20
"""Of calls as they are logged, where that is fewer of them: some are a thousand times larger than others."""
PUMP_EVENTS = 20_000
PUMP_ROUNDS = 3
"""Portions of our own events that are copied in one turn."""
DUE_RUNS = 5_000
KEPT_CALLS = 100_000
"""Processed calls that stay in the intake log, beyond what the event store has made durable."""
KEPT_EVENTS = 100_000
"""Events of ours that stay in the state after they were copied: for the same reason, and to be looked for."""
FORGET_EVERY = 50_000
"""Calls between two cleanings of the log: each makes whoever submits wait for it."""


class Processor:
    """Turns one workspace's loop. One thread at a time is inside; imports take the same turn."""

    def __init__(
        self, stages: Stages, *, batch_calls: int = BATCH_CALLS, kept_events: int = KEPT_EVENTS
    ) -> None:
        self._stages = stages
        self._batch_calls = batch_calls
        self._kept_events = kept_events
        self._is_recovered = False
        self._ahead = Ahead()
        self._merged: Set[ProfileId] | None = None
        """Who became one in the batch that is taken; None where it was settled before."""
        self.turn = stages.turn
        """Held by whoever settles identities: batches of the processor and of imports take turns."""

    def recover(self) -> None:
        """Look, the first time this process understands, for what a power cut took of the last batches."""
        with self.turn:
            if not self._is_recovered:
                replay(self._stages.intake, self._stages.state, self._stages.events)
                self._is_recovered = True

    def drain(self, *, batches: int | None = None) -> int:
        """Process everything accepted so far, or so many batches, and copy what we emitted; how many calls.

        No timer fires that nobody's event has reached, nothing is refreshed, nothing is sent.
        """
        self.recover()
        upto, taken = self._stages.intake.position(), 0
        while batches is None or batches > 0:
            with self.turn:
                calls = self._take_next(upto)
                if calls is None:
                    break
            taken += len(calls)
            batches = None if batches is None else batches - 1
        with self.turn:
            self._pump(rounds=None if batches is None else PUMP_ROUNDS)
        return taken

    def cycle(self) -> bool:
        """One turn: a batch of what was accepted, what is due, a part of what we emitted; whether more waits.

        No more than that, so that stopping is prompt. While calls wait, only those timers fire that were due
        before the last call that had its effects came in: every call before them has been heard.
        """
        self.recover()
        with self.turn:
            now, upto = self._stages.clock.now(), self._stages.intake.position()
            calls = self._take_next(upto)
            is_behind = calls is not None and calls.positions[-1] < upto
            refresh_crossed(self._stages, self._ahead, now=now)
            refresh_due(self._stages, now=now)
            self._fire_timers(min(now, calls.calls[-1].received_at) if calls and is_behind else now)
            self._pump(rounds=PUMP_ROUNDS)
        return self.is_pending(upto=upto)

    def is_pending(self, *, upto: int) -> bool:
        """Whether calls up to a position, or events of ours, are still on their way to the event store."""
        with self._stages.state.read() as transaction:
            calls = transaction.offsets.get(INTAKE) < upto
            return calls or transaction.offsets.get(EMITTED) < transaction.emitted.position()

    def fill_for(self, journey: Journey, *, now: datetime) -> None:
        """Answer a journey's segment for the first time, where its present members are wanted."""
        on = journey.entry.on
        if not isinstance(on, SegmentEntry) or not on.include_current:
            return
        with self._stages.state.read() as transaction:
            is_filled = on.segment in transaction.segments.fills()
        if not is_filled:
            refresh_segments(self._stages, [on.segment], now=now)

    def present_members(self, journey: Journey, transaction: StateTransaction) -> Sequence[ProfileId]:
        """The present members of a journey's segment, where its author asked for them; nobody otherwise.

        As of the segment's last refresh: see that it has had one (`fill_for`).
        """
        on = journey.entry.on
        if not isinstance(on, SegmentEntry) or not on.include_current:
            return ()
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
        effects = effects_of(self._stages, transaction, occurrences, is_drained=True, now=now)
        record_effects(self._stages, transaction, SegmentChanges(), effects, now=now)

    def rest(self) -> timedelta:
        """How long nothing will be due, as long as nothing changes: no timer, no segment and no tag."""
        stages = self._stages
        if self.is_pending(upto=stages.intake.position()):
            return timedelta(0)
        with stages.state.read() as transaction:
            moments = [
                transaction.enrollments.next_due(),
                stages.segments.next_due(state=transaction),
                stages.tags.next_due(state=transaction),
            ]
        next_due = min((moment for moment in moments if moment is not None), default=None)
        return next_wake(next_due, now=stages.clock.now(), at_most=LONGEST_REST)

    # --- calls ------------------------------------------------------------------------------------

    def _take_next(self, upto: int) -> LoggedCalls | None:
        """Process the next batch of the calls up to a position; None where there is none."""
        begun = self._begin_batch(upto)
        if begun is None:
            return None
        batch, calls, is_begun = begun
        self._take(batch, calls, is_begun=is_begun, is_drained=batch.last >= upto)
        return calls

    def _begin_batch(self, upto: int) -> tuple[Batch, LoggedCalls, bool] | None:
        """The next batch, cut and settled: one that was begun and not finished, else a new one; and which."""
        stages = self._stages
        with stages.state.read() as transaction:
            position = transaction.offsets.get(INTAKE)
            recorded = transaction.batches.after(INTAKE, position=position)
            is_settled = bool(recorded) and transaction.batches.people(recorded[0]) is not None
        if not recorded and position >= upto:
            return None
        if recorded:
            batch = recorded[0]
            calls = stages.intake.read(after=batch.first - 1, limit=batch.last - batch.first + 1)
        else:
            calls = stages.intake.read(after=position, limit=self._batch_calls, size=BATCH_BYTES)
            batch = _batch(INTAKE, calls.positions[0], calls.positions[-1], at=stages.clock.now())
        self._merged = None
        if not is_settled:
            self._settle(batch, calls.calls)
        return batch, calls, bool(recorded)

    def _settle(self, batch: Batch, calls: Sequence[Call]) -> None:
        """Settle for good whose these calls are, and take to heart what they tell about people.

        It commits before a row is written: names may mean somebody else by the time the batch is tried again,
        and its rows would be looked for, and written, a second time under another profile.
        """
        with self._stages.state.begin() as transaction:
            transaction.batches.record(batch)
            absorbed = absorb(calls, transaction, seed=self._stages.seed)
            note_touches(calls, absorbed.people, transaction)
            transaction.batches.settle(batch, absorbed.people)
            self._merged = frozenset(one for merge in absorbed.merges for one in (merge.lost, merge.kept))

    def _take(self, batch: Batch, logged: LoggedCalls, *, is_begun: bool, is_drained: bool) -> None:
        stages, calls = self._stages, logged.calls
        now = stages.clock.now()
        with stages.state.begin() as transaction:
            people = transaction.batches.people(batch) or ()
            tell_merges(transaction, stages.events)
            rows = table_of(as_settled(calls, transaction.trait_changes), people)
            keep_rows(stages.events, rows, batch, is_begun=is_begun)
            self._ahead.note(rows, now=now)
            # An import in another process may have merged some of them since.
            became = transaction.identities.merged(sorted(set(people)))
            people = [became.get(one, one) for one in people]
            changes = stages.segments.refresh_touched(
                people,
                at=Moment(as_of=now, zone=stages.zone),
                population=stages.population,
                state=transaction,
                happened=self._happened(calls, people, set(became.values())),
            )
            heard = names_listened_to(transaction.journeys)
            occurrences = occurrences_of_calls(calls, people, heard) + [
                occurrence_of(one) for one in changes.events()
            ]
            effects = effects_of(stages, transaction, occurrences, is_drained=is_drained, now=now)
            record_effects(stages, transaction, changes, effects, now=now)
            transaction.offsets.advance(INTAKE, first=batch.first, last=batch.last)
            transaction.batches.forget(INTAKE, kept=REPLAYED_BATCHES)
        if batch.last // FORGET_EVERY > (batch.first - 1) // FORGET_EVERY:
            stages.intake.forget(upto=batch.last - KEPT_CALLS)
        _log.info("batch_processed", calls=len(calls), people=len(set(people)), position=batch.last)

    def _happened(
        self, calls: Sequence[Call], people: Sequence[ProfileId], merged: Set[ProfileId]
    ) -> Mapping[ProfileId, Set[str]] | None:
        """What happened to whom, where nothing else can have changed; None where it is not known."""
        return None if self._merged is None else happened(calls, people, self._merged | merged)

    # --- time -------------------------------------------------------------------------------------

    def _fire_timers(self, now: datetime) -> None:
        stages = self._stages
        while self._has_due_runs(now):
            with stages.state.begin() as transaction:
                due = transaction.enrollments.due(now, limit=DUE_RUNS)
                effects = effects_of(stages, transaction, (), due=due, is_drained=True, now=now)
                record_effects(stages, transaction, SegmentChanges(), effects, now=now)

    def _has_due_runs(self, now: datetime) -> bool:
        """Whether it is worth waiting for the writer's turn."""
        with self._stages.state.read() as transaction:
            return bool(transaction.enrollments.due(now, limit=1))

    # --- what follows -----------------------------------------------------------------------------

    def _pump(self, *, rounds: int | None) -> None:
        """Copy events of ours to the event store, and let journeys see them, until none is left."""
        while rounds != 0 and self._pump_some():
            rounds = None if rounds is None else rounds - 1

    def _pump_some(self) -> int:
        stages = self._stages
        with stages.state.read() as transaction:
            offset = transaction.offsets.get(EMITTED)
            recorded = transaction.batches.after(EMITTED, position=offset)
            limit = recorded[0].last - recorded[0].first + 1 if recorded else PUMP_EVENTS
            emitted = transaction.emitted.read(after=offset, limit=limit)
        if recorded:  # numbers may be missing, and so more may have been read than was cut
            emitted = [each for each in emitted if each[0] <= recorded[0].last]
        if not emitted:
            return self._pass_over(recorded[0]) if recorded else 0
        batch = _batch(EMITTED, emitted[0][0], emitted[-1][0], at=stages.clock.now())
        events = [event for _, event in emitted]
        with stages.state.begin() as transaction:
            transaction.batches.record(batch)
            transaction.batches.settle(batch, [event.profile_id for event in events])
        self._copy(batch, events, is_begun=bool(recorded))
        return len(emitted)

    def _pass_over(self, batch: Batch) -> int:
        """Go on behind a cut of which nothing is left: whoever it was about was erased."""
        with self._stages.state.begin() as transaction:
            transaction.offsets.advance(EMITTED, first=batch.first, last=batch.last)
            transaction.batches.forget(EMITTED, kept=REPLAYED_BATCHES)
        return batch.last - batch.first + 1

    def _copy(self, batch: Batch, emitted: Sequence[EmittedEvent], *, is_begun: bool) -> None:
        stages, now = self._stages, batch.recorded_at
        with stages.state.begin() as transaction:
            keep_rows(stages.events, emitted_table(emitted), batch, is_begun=is_begun)
            became = transaction.identities.merged(sorted({event.profile_id for event in emitted}))
            # Segment changes were shown to journeys when they happened.
            occurrences = [
                occurrence_of(event, became.get(event.profile_id))
                for event in emitted
                if not event.name.startswith("segment_")
            ]
            effects = effects_of(stages, transaction, occurrences, is_drained=False, now=now)
            record_effects(stages, transaction, SegmentChanges(), effects, now=now)
            transaction.offsets.advance(EMITTED, first=batch.first, last=batch.last)
            transaction.batches.forget(EMITTED, kept=REPLAYED_BATCHES)
            transaction.emitted.forget(upto=batch.last - self._kept_events)


def _batch(stream: str, first: int, last: int, *, at: datetime) -> Batch:
    return Batch(stream=stream, first=first, last=last, token=f"{stream}:{first}:{last}", recorded_at=at)
