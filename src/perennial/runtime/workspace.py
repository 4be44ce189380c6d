"""One workspace as the edges and notebooks see it: every use case, called the same from everywhere."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from perennial.collect.acquisition import ClickFacts
from perennial.collect.consent.rules import consent_call
from perennial.collect.events import Receipt, Reception
from perennial.collect.imports.model import ImportResult
from perennial.collect.imports.suggesting import Suggestion
from perennial.collect.rejects import Rejects
from perennial.collect.retention import PastEvents
from perennial.compute.profiles.facts import PersonFacts
from perennial.evaluate import readouts
from perennial.evaluate.insights import Insights
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.ids import JourneyId, SegmentId, mint_secret
from perennial.kernel.values import Json
from perennial.runtime import glances, shown
from perennial.runtime.acquiring import Acquiring
from perennial.runtime.doctor import Diagnosis, Doctor
from perennial.runtime.documents import with_lines
from perennial.runtime.erasing import Erasing
from perennial.runtime.explaining import Explaining
from perennial.runtime.exports import ExportOrder, ExportResult, Watching
from perennial.runtime.exports.service import EventsAsked
from perennial.runtime.finding import Finding
from perennial.runtime.following import Following
from perennial.runtime.forgetting import Forgetting
from perennial.runtime.glances import Glance
from perennial.runtime.holdings import Holdings, UnderstandingState
from perennial.runtime.log_facts import LogFacts
from perennial.runtime.loop import Loop
from perennial.runtime.messaging import Messaging
from perennial.runtime.moving import Moving
from perennial.runtime.noting import Noting
from perennial.runtime.processor import Processor, Stages
from perennial.runtime.reaching import Reaching
from perennial.runtime.reasoning import Reasoning
from perennial.runtime.refreshing import record_import, refresh_segments
from perennial.runtime.refused import Refusing
from perennial.runtime.rehearsing.ports import Past
from perennial.runtime.rehearsing.service import Rehearsing
from perennial.runtime.retaining import LOOK_EVERY, Retaining
from perennial.runtime.schema import SchemaFacts
from perennial.runtime.segmenting import Segmenting
from perennial.runtime.sharing import Sharing, SharingBoards
from perennial.runtime.shown import Page, Shown
from perennial.runtime.transfers import Databases, Scheduling, Transfers
from perennial.runtime.transfers.service import RHYTHM as TRANSFER_RHYTHM
from perennial.runtime.turning import Turning

API_SOURCE = "api"
"""The source of calls that came through the API or the library rather than with a write key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a workspace works with besides the stages of its loop."""

    rejects: Rejects
    moving: Moving
    databases: Databases
    facts: LogFacts
    schema: SchemaFacts
    doctor: Doctor
    erasing: Erasing
    clicks: ClickFacts
    past: PastEvents
    persons: PersonFacts
    rehearsed: Past
    insights: Insights
    sharing: Sharing


class Workspace(
    Explaining,
    Segmenting,
    Reasoning,
    Finding,
    Forgetting,
    Retaining,
    Reaching,
    Scheduling,
    Refusing,
    Acquiring,
    Following,
    Messaging,
    Rehearsing,
    SharingBoards,
):
    """Everything one workspace can be asked and told. Safe to use from several threads."""

    def __init__(
        self,
        name: str,
        stages: Stages,
        services: Services,
        *,
        is_rehearsal: bool,
    ) -> None:
        self.name = name
        self.is_rehearsal = is_rehearsal
        """Lives on a clock of its own: a server processes what it is sent, and turns nothing by itself."""
        holdings = Holdings(stages.state.leases)
        processor = Processor(replace(stages, state=UnderstandingState(stages.state, holdings)))
        super().__init__(stages, processor, services.schema)
        self._noting = Noting(stages.state)
        self._rejects = services.rejects
        self._moving = services.moving
        self._transfers = Transfers(
            stages, services.databases, import_rows=self._import_rows, directory=services.moving.directory
        )
        self._transferring = Loop(f"transfer-{name}", self._transfer, rhythm=TRANSFER_RHYTHM)
        self._facts = services.facts
        self._clicks = services.clicks
        self._doctor = services.doctor
        self._erasing = services.erasing
        self._forgetting = self._erasing_loop()
        self._past = services.past
        self._person_facts = services.persons
        self._rehearsed = services.rehearsed
        self._insights = services.insights
        self._sharing = services.sharing
        self._retaining = Loop(f"retain-{name}", self._retain, rhythm=LOOK_EVERY)
        self._turning = Turning(name, stages, processor, holdings, is_rehearsal=is_rehearsal)

    # --- running ----------------------------------------------------------------------------------

    def recover(self) -> None:
        """Look for what a power cut took, where nobody else understands this workspace now.

        Elsewhere it was looked for, or will be when this process takes over.
        """
        self._turning.recover()

    def start(self) -> None:
        """Turn the loop in the background, until `stop`."""
        self._turning.start()
        if not self.is_rehearsal:
            self._transferring.start()
            self._retaining.start()
        self._forgetting.start()

    def wake(self) -> None:
        """Say that something was accepted."""
        self._turning.wake()

    def stop(self) -> None:
        """End the present turn and the loop; then nothing more is accepted."""
        self._transfers.stop()
        self._transferring.stop()
        self._retaining.stop()
        self._forgetting.stop()
        self._turning.stop()
        self._stages.intake.close()

    def turn(self) -> None:
        """Turn the loop once by hand: process, refresh what is due, fire timers, send what may be sent."""
        if not self.is_rehearsal:
            self._transfers.turn()
        self._turning.turn()
        if not self.is_rehearsal:
            self.remove_daily()

    def wait_accepted(self, *, timeout: float = 60.0) -> None:
        """Return once everything accepted before now is queryable. Raises Behind after `timeout` seconds."""
        self._turning.wait_accepted(timeout=timeout)

    def _catch_up(self) -> None:
        self.wait_accepted()

    # --- collect ----------------------------------------------------------------------------------

    def submit_calls(
        self, documents: Sequence[Json], reception: Reception, *, context: Mapping[str, Json] | None = None
    ) -> Future[Receipt]:
        """Hand calls in; the future is done once they are durable. Raises Unavailable, keeping nothing."""
        received = reception if reception.received_at else replace(reception, received_at=self._now())
        screening = self._schema.screens.of(received.source)
        if screening is not None:
            received = replace(received, screening=screening)
        return self._stages.intake.submit_future(documents, received, context=context)

    def send(self, documents: Sequence[Json], *, source: str = API_SOURCE) -> Receipt:
        """Hand calls in as a client would, and wait until they are durable."""
        reception = Reception(source=source, received_at=self._now(), zone=self.zone, is_trusted=True)
        return self.submit_calls(documents, reception).result()

    def import_file(
        self,
        file: Path | str,
        *,
        mapping: Mapping[str, Json] | None = None,
        name: str | None = None,
        progress: Callable[[int, int | None], None] = lambda _read, _total: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> ImportResult:
        """Import history: a file, a folder, a pattern, or one of these in object storage (`s3://…`).

        It starts no journey; segments are brought up to date at the end.
        """
        result = self._moving.import_place(
            str(file), mapping=mapping, name=name, progress=progress, is_cancelled=is_cancelled
        )
        if result.accepted:
            self._refresh_quietly()
        return result

    def suggest_mapping(self, file: Path | str) -> Suggestion:
        """Which mapping a file's header and first rows speak for, why, and three rows read by it."""
        return self._moving.suggest(str(file))

    def upload_place(self, name: str) -> tuple[Path, int]:
        """Where to put the bytes of a file that is sent to be imported, and how many there may be."""
        return self._moving.upload_place(name)

    # --- exports ----------------------------------------------------------------------------------

    def download_place(self, export_id: str) -> Path:
        """Where an export is written that somebody will fetch."""
        return self._moving.download_place(export_id)

    def export_events(
        self, order: ExportOrder, *, asked: EventsAsked | None = None, watching: Watching | None = None
    ) -> ExportResult:
        """Write events to a file or to object storage; JSON Lines can be imported again as they are."""
        return self._moving.export_events(asked or EventsAsked(), order, watching=watching or Watching())

    def export_people(
        self,
        order: ExportOrder,
        *,
        condition: Json = None,
        as_of: datetime | None = None,
        watching: Watching | None = None,
    ) -> ExportResult:
        """Write people with their traits and tags: everyone, or who meets a condition."""
        at = self._at(as_of)
        with self._stages.state.read() as transaction:
            resolved = None if condition is None else self._resolved(condition, transaction, at)
        return self._moving.export_people(resolved, order, at=at, watching=watching or Watching())

    def export_segment(
        self, segment_id: str, order: ExportOrder, *, watching: Watching | None = None
    ) -> ExportResult:
        """Write the people of a segment as of its last refresh, with their traits and tags."""
        return self._moving.export_segment(
            SegmentId(segment_id), order, now=self._now(), watching=watching or Watching()
        )

    # --- calls by hand ----------------------------------------------------------------------------

    def record_consent(self, user_id: str, *, consent: str, state: str, proof: str) -> None:
        """Note that a person granted or withdrew a consent."""
        message_id = mint_secret("consent_")
        call = consent_call(user_id, consent=consent, state=state, proof=proof, message_id=message_id)
        receipt = self.send([call])
        mistakes = [
            Problem(path=reject.path, code=reject.code, message=reject.message, hint=reject.hint)
            for reject in receipt.rejected
        ]
        if mistakes:
            raise InvalidDocument(mistakes)

    def count_events(
        self, event: str | None = None, *, start: datetime | None = None, end: datetime | None = None
    ) -> int:
        """Events in a half-open span; those of clients only, unless one of ours is named."""
        return self._stages.events.count(event=event, start=start, end=end)

    def counts_by_event(self) -> Mapping[str, int]:
        """How many events of clients there are under each name."""
        return self._stages.events.counts_by_event()

    def message_ids(self, event: str | None = None) -> Sequence[str]:
        """Every row's message id, repeats included: for reconciling with a client's own list."""
        return self._stages.events.message_ids(event=event)

    # --- compute ----------------------------------------------------------------------------------

    def save_segment(self, text: str) -> Shown:
        """Save a segment's document as its newest version."""
        with self._stages.state.begin() as transaction:
            saved = with_lines(
                text,
                "segment",
                lambda document: self._stages.segments.create(document, state=transaction, now=self._now()),
            )
            return self._shown_segment(saved, transaction)

    def list_segments(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every segment's live version."""
        with self._stages.state.read() as transaction:
            fills, standings = transaction.segments.fills(), transaction.segments.standings()
            found = self._stages.segments.list(state=transaction)
            rows = [
                shown.segment(one, fills.get(one.segment_id), standings.get(one.segment_id)) for one in found
            ]
            return shown.by_id(rows, limit=limit, after=after)

    def refresh_segments(self, ids: Sequence[str] | None = None) -> Mapping[str, int]:
        """Answer segments anew (all unless named); how many people are in each."""
        with self._processor.turn:
            changes = refresh_segments(self._stages, ids, now=self._now())
            return {shift.segment_id: shift.people for shift in changes.shifts}

    # --- evaluate ---------------------------------------------------------------------------------

    def read_journey(self, journey_id: str) -> Mapping[str, Json]:
        """Whether a journey helped."""
        facts = self._facts.at(self._now())
        with self._stages.state.read() as transaction:
            readout = readouts.read(
                transaction.journeys, facts.journeys, JourneyId(journey_id), now=facts.now
            )
        return readouts.readout_document(readout)

    def show_journey(self, journey_id: str) -> Glance:
        """A journey's document with what is counted at each node."""
        facts = self._facts.at(self._now())
        with self._stages.state.read() as transaction:
            return glances.journey(self._stages, facts, transaction, JourneyId(journey_id))

    def doctor(self) -> Diagnosis:
        """Whether everything that must always hold does hold, check by check."""
        return self._doctor.examine(catch_up=self._turning.wait_accepted)

    def read_today(self) -> Glance:
        """How the workspace stands: activity by day, segments, journeys, messages."""
        facts = self._facts.at(self._now())
        people = facts.people(lambda: self.count_people(as_of=facts.now))
        with self._stages.state.read() as transaction:
            return glances.today(self._stages, facts, transaction, people=people)

    # --- transfers --------------------------------------------------------------------------------

    def _transfer(self) -> timedelta:
        """Move what is due, where this workspace's work is this process's."""
        return self._transfers.turn() if self._turning.is_understanding else TRANSFER_RHYTHM

    def _retain(self) -> timedelta:
        """Of several processes, the one that understands removes what is past."""
        if self._turning.is_understanding:
            self.remove_daily()
        return LOOK_EVERY

    def _import_rows(self, file: Path, mapping: Mapping[str, Json], name: str) -> ImportResult:
        result = self._moving.import_rows(file, mapping, name)
        if result.accepted:
            self._refresh_quietly()
        return result

    # --- after an import ---------------------------------------------------------------------------

    def _refresh_quietly(self) -> None:
        """Bring segments up to date after an import: it is recorded, and no journey starts from it."""
        with self._processor.turn:
            refresh_segments(self._stages, None, now=self._now(), record=record_import)
        self._turning.catch_up()
