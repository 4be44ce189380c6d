"""Examining one workspace while it runs. It changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pyarrow as pa

from perennial.collect.events.model import Batch
from perennial.decide.journeys import PublishedJourney
from perennial.kernel.errors import PerennialError, Unavailable
from perennial.kernel.ids import JourneyId
from perennial.runtime.doctor import rules
from perennial.runtime.doctor.model import Check, Diagnosis, Finding
from perennial.runtime.doctor.ports import LogExam, RecordsExam
from perennial.runtime.ports import StateTransaction
from perennial.runtime.processor import Stages
from perennial.runtime.replay import EMITTED, INTAKE, REPLAYED_BATCHES, emitted_rows, intake_rows

ROLLUP_DAYS = 3
DOUBLES_WITHIN = timedelta(days=2)
CARRIED_WITHIN = timedelta(minutes=30)
"""How long accepted rows of an import may be on their way to the event store."""
_PATIENCE = 10.0
"""Seconds that a second look waits for the present turn to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """Asks one workspace's stores whether everything that must always hold does hold."""

    stages: Stages
    records: RecordsExam
    log: LogExam
    disk: Callable[[], tuple[int, int]]
    """Free and total bytes where the data directory is."""

    def examine(self, *, catch_up: Callable[..., None]) -> Diagnosis:
        """Every check, in the order of the loop. What seems wrong is looked at again while nothing moves.

        What was accepted gets a few seconds to arrive first (`catch_up`); a check tells if it does not.
        """
        with suppress(Unavailable):
            catch_up(timeout=_PATIENCE)
        return Diagnosis(checks=[self._check(name, look) for name, look in self._looks().items()])

    def _looks(self) -> Mapping[str, Callable[[], Finding]]:
        return {
            "disk_space": lambda: rules.judge_disk(*self.disk()),
            "clock": self._clock,
            "state_intact": lambda: rules.none_of(
                self.records.damage(), fine="No damage was found.", wrong="Damaged"
            ),
            "state_schema": lambda: rules.judge_schemas(self.records.schemas()),
            "state_durable": lambda: rules.none_of(
                self.records.weak_settings(), fine="A commit survives a power cut.", wrong="Not durable"
            ),
            "events_schema": self._events_schema,
            "events_settings": lambda: rules.none_of(
                self.log.strange_settings(), fine="As they must be.", wrong="Other than they must be"
            ),
            "calls_processed": self._calls_processed,
            "calls_in_batches": lambda: self._cuts(INTAKE),
            "calls_stored": lambda: self._stored(self._rows_of_calls()),
            "imports_carried": lambda: rules.none_of(
                self.records.imports_waiting_since_before(self._now() - CARRIED_WITHIN),
                fine="No accepted row of an import waits.",
                wrong="Accepted rows wait: import the same file again. Imports",
            ),
            "own_events_copied": self._own_events_copied,
            "own_events_in_batches": lambda: self._cuts(EMITTED),
            "own_events_stored": lambda: self._stored(self._rows_of_own_events()),
            "events_once": self._events_once,
            "rollup": self._rollup,
            "names": lambda: rules.none_of(
                self.records.lost_names(),
                fine="Every name leads to a profile.",
                wrong="Names lead to profiles that are not there or were merged",
            ),
            "merges": self._merges,
            "segment_members": lambda: rules.judge_members(
                self.records.memberships(), self.log.segment_members()
            ),
            "segments_fresh": self._segments_fresh,
            "enrollments_placed": self._enrollments_placed,
            "enrollments_once": self._enrollments_once,
            "messages": self._messages,
            "message_causes": lambda: rules.none_of(
                self.records.causeless_messages(),
                fine="Every message has an enrollment that asked for it.",
                wrong="Messages without a cause",
            ),
        }

    def _check(self, name: str, look: Callable[[], Finding]) -> Check:
        found = self._ask(look)
        if not found.ok:
            found = self._look_again(look, found)
        return Check(name=name, ok=found.ok, detail=found.detail)

    def _look_again(self, look: Callable[[], Finding], first: Finding) -> Finding:
        """While events flow, two stores are never read at one instant; so nobody writes during this look."""
        turn = self.stages.turn
        if not turn.acquire(timeout=_PATIENCE):
            return Finding(ok=False, detail=f"{first.detail} (The workspace was busy: ask again.)")
        try:
            with self.stages.state.begin():
                return self._ask(look)
        finally:
            turn.release()

    def _ask(self, look: Callable[[], Finding]) -> Finding:
        try:
            return look()
        except PerennialError as error:
            return Finding(ok=False, detail=f"{error.message} {error.hint}".strip())

    def _now(self) -> datetime:
        return self.stages.clock.now()

    # --- the looks that need more than one question -----------------------------------------------

    def _clock(self) -> Finding:
        with self.stages.state.read() as transaction:
            cuts = [cut.recorded_at for stream in (INTAKE, EMITTED) for cut in _finished(transaction, stream)]
        return rules.judge_clock(max(cuts, default=None), now=self._now())

    def _events_schema(self) -> Finding:
        present, head = self.log.schema()
        return rules.judge_schemas({"The event store": (str(present), str(head))})

    def _segments_fresh(self) -> Finding:
        with self.stages.state.read() as transaction:
            standings = transaction.segments.standings()
        return rules.judge_standings(standings.values(), now=self._now())

    def _calls_processed(self) -> Finding:
        position = self.stages.intake.position()
        with self.stages.state.read() as transaction:
            offset = transaction.offsets.get(INTAKE)
        waiting = self.stages.intake.read(after=offset, limit=1).calls if offset < position else ()
        since = waiting[0].received_at if waiting else None
        return rules.judge_progress(
            "Calls", offset=offset, position=position, waiting_since=since, now=self._now()
        )

    def _own_events_copied(self) -> Finding:
        with self.stages.state.read() as transaction:
            offset, position = transaction.offsets.get(EMITTED), transaction.emitted.position()
            waiting = transaction.emitted.read(after=offset, limit=1)
        since = waiting[0][1].occurred_at if waiting else None
        return rules.judge_progress(
            "Own events", offset=offset, position=position, waiting_since=since, now=self._now()
        )

    def _cuts(self, stream: str) -> Finding:
        with self.stages.state.read() as transaction:
            cuts = _finished(transaction, stream)
            offset = transaction.offsets.get(stream)
            skipped = [
                (before, self._entries_between(transaction, before.last, after.first, stream))
                for before, after in pairwise(cuts)
                if after.first > before.last + 1
            ]
        return rules.judge_cuts(cuts, offset=offset, skipped=skipped)

    def _entries_between(self, transaction: StateTransaction, last: int, first: int, stream: str) -> int:
        """Entries of a stream between two positions: numbers may be left out, entries may not."""
        limit = first - last - 1
        if stream == INTAKE:
            return len(self.stages.intake.read(after=last, limit=limit).upto(first - 1))
        return sum(position < first for position, _ in transaction.emitted.read(after=last, limit=limit))

    def _rows_of_calls(self) -> pa.Table:
        with self.stages.state.read() as transaction:
            return intake_rows(self.stages.intake, transaction)

    def _rows_of_own_events(self) -> pa.Table:
        with self.stages.state.read() as transaction:
            return emitted_rows(transaction)

    def _stored(self, rows: pa.Table) -> Finding:
        missing = self.log.missing(rows) if rows.num_rows else ()
        fine = f"The last {rows.num_rows} are in the event store."
        return rules.none_of(missing, fine=fine, wrong="Not in the event store")

    def _events_once(self) -> Finding:
        since = self._now() - DOUBLES_WITHIN
        doubled = self.log.doubled(since=since)
        return rules.none_of(doubled, fine="No row stands twice.", wrong="There twice")

    def _rollup(self) -> Finding:
        today = self._now().replace(hour=0, minute=0, second=0, microsecond=0)
        end = today + timedelta(days=1)
        start = end - timedelta(days=ROLLUP_DAYS)
        return rules.judge_rollup(self.log.rollup_differences(start=start, end=end), days=ROLLUP_DAYS)

    def _merges(self) -> Finding:
        with self.stages.state.read() as transaction:
            merges, _ = transaction.identities.merges()
        return rules.judge_merges(merges, self.log.overrides())

    def _enrollments_placed(self) -> Finding:
        standing = self.records.standing()
        return rules.judge_places(standing, self._versions([(one[0], one[1]) for one in standing]))

    def _enrollments_once(self) -> Finding:
        repeated = self.records.repeated_runs()
        return rules.judge_repeats(repeated, self._versions([(one[0], one[1]) for one in repeated]))

    def _messages(self) -> Finding:
        return rules.judge_outbox(
            self.records.messages_by_state(),
            self.records.sending_since_before(self._now() - rules.SENDING_AT_MOST),
            self.records.contradictory_messages(),
        )

    def _versions(
        self, wanted: Sequence[tuple[JourneyId, int]]
    ) -> Mapping[tuple[JourneyId, int], PublishedJourney]:
        with self.stages.state.read() as transaction:
            return transaction.journeys.versions(sorted(set(wanted)))


def _finished(transaction: StateTransaction, stream: str) -> list[Batch]:
    return [settled.batch for settled in transaction.batches.settled(stream, limit=REPLAYED_BATCHES)]
