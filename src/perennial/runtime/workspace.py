"""One workspace as the edges and notebooks see it: every use case, called the same from everywhere."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Lock

from perennial.collect.consent.rules import consent_call
from perennial.collect.events import IntakeLog, Receipt, Reception
from perennial.collect.imports.model import ImportResult
from perennial.collect.imports.service import Imports
from perennial.compute.definitions.service import LiveDefinitions, vocabulary
from perennial.compute.profiles import EVERYONE, Profiles
from perennial.decide import journeys
from perennial.decide.journeys import JourneyVocabulary
from perennial.deliver.messages.service import message_state
from perennial.deliver.templates import list_templates, save_template
from perennial.evaluate import readouts
from perennial.kernel.conditions import Condition, InSegment, Moment, moment_asked, parse_condition, resolve
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import JourneyId, SegmentId, TagId, mint_secret
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.runtime import glances, shown
from perennial.runtime.approval import entering_now
from perennial.runtime.doctor import Diagnosis, Doctor
from perennial.runtime.documents import with_lines
from perennial.runtime.glances import Glance, LogFacts
from perennial.runtime.holdings import Holdings, UnderstandingState
from perennial.runtime.ports import StateTransaction
from perennial.runtime.processor import Processor, Stages
from perennial.runtime.refreshing import caused_by_import, refreshed
from perennial.runtime.shown import Page, Shown
from perennial.runtime.turning import Turning

API_SOURCE = "api"
"""The source of calls that came through the API or the library rather than with a write key."""


class Workspace:
    """Everything one workspace can be asked and told. Safe to use from several threads."""

    def __init__(
        self,
        name: str,
        stages: Stages,
        *,
        intake_log: IntakeLog,
        imports: Imports,
        facts: LogFacts,
        doctor: Doctor,
        is_rehearsal: bool,
    ) -> None:
        self.name = name
        self.is_rehearsal = is_rehearsal
        """Lives on a clock of its own: a server processes what it is sent, and turns nothing by itself."""
        self._stages = stages
        self._log = intake_log
        self._imports = imports
        self._facts = facts
        self._doctor = doctor
        holdings = Holdings(stages.state.leases)
        self._processor = Processor(replace(stages, state=UnderstandingState(stages.state, holdings)))
        self._importing = Lock()
        self._turning = Turning(name, stages, self._processor, holdings, is_rehearsal=is_rehearsal)

    @property
    def zone(self) -> Zone:
        """Where days and weeks begin."""
        return self._stages.zone

    # --- running ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Turn the loop in the background, until `stop`."""
        self._turning.start()

    def wake(self) -> None:
        """Say that something was accepted."""
        self._turning.wake()

    def stop(self) -> None:
        """End the present turn and the loop; then nothing more is accepted."""
        self._turning.stop()
        self._stages.intake.close()

    def turn(self) -> None:
        """Turn the loop once by hand: process, refresh what is due, fire timers, send what may be sent."""
        self._turning.turn()

    def wait_accepted(self, *, timeout: float = 60.0) -> None:
        """Return once everything accepted before now is queryable. Raises Behind after `timeout` seconds."""
        self._turning.wait_accepted(timeout=timeout)

    # --- collect ----------------------------------------------------------------------------------

    def submit_calls(
        self, documents: Sequence[Json], reception: Reception, *, context: Mapping[str, Json] | None = None
    ) -> Future[Receipt]:
        """Hand calls in; the future is done once they are durable. Raises Unavailable, keeping nothing."""
        received = reception if reception.received_at else replace(reception, received_at=self._now())
        return self._stages.intake.submit_future(documents, received, context=context)

    def send(self, documents: Sequence[Json], *, source: str = API_SOURCE) -> Receipt:
        """Hand calls in as a client would, and wait until they are durable."""
        reception = Reception(source=source, received_at=self._now(), zone=self.zone, is_trusted=True)
        return self.submit_calls(documents, reception).result()

    def import_file(
        self,
        file: Path,
        *,
        mapping: Mapping[str, Json] | None = None,
        name: str | None = None,
        progress: Callable[[int, int | None], None] = lambda _read, _total: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> ImportResult:
        """Import a file of history. It starts no journey; segments are brought up to date at the end."""
        with self._importing:
            result = self._imports.run(
                file, mapping=mapping, name=name, progress=progress, is_cancelled=is_cancelled
            )
        if result.accepted:
            self._refresh_quietly()
        return result

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

    def list_rejects(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Calls that were refused, newest first."""
        position = None if after is None else shown.read_position(after)
        kept, following = self._log.rejects(limit=limit, after=position)
        return Page([shown.reject(one) for one in kept], None if following is None else str(following))

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

    def count_people(self, condition: Json = None, *, as_of: datetime | None = None) -> int:
        """How many people meet a condition."""
        at = self._at(as_of)
        with self._stages.state.read() as transaction:
            return self._stages.population.count(self._resolved(condition, transaction, at), at=at)

    def list_people(
        self,
        condition: Json = None,
        *,
        as_of: datetime | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> Page:
        """Who meets a condition, by user id."""
        at = self._at(as_of)
        with self._stages.state.read() as transaction:
            resolved = self._resolved(condition, transaction, at)
            return self._page(resolved, transaction, at, limit, after)

    def save_segment(self, text: str) -> Shown:
        """Save a segment's document as its newest version."""
        with self._stages.state.begin() as transaction:
            saved = with_lines(
                text,
                "segment",
                lambda document: self._stages.segments.create(document, state=transaction, now=self._now()),
            )
            return shown.segment(saved, self._stages.segments.fill(saved.segment_id, state=transaction))

    def list_segments(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every segment's live version."""
        with self._stages.state.read() as transaction:
            fills = transaction.segments.fills()
            found = self._stages.segments.list(state=transaction)
            rows = [shown.segment(one, fills.get(one.segment_id)) for one in found]
            return shown.by_id(rows, limit=limit, after=after)

    def refresh_segments(self, ids: Sequence[str] | None = None) -> Mapping[str, int]:
        """Answer segments anew (all unless named); how many people are in each."""
        with self._processor.turn:
            now = self._now()
            with self._stages.state.begin() as transaction:
                changes = refreshed(self._stages, ids, transaction, now=now)
                self._processor.record_refresh(changes, transaction, now=now)
            return {shift.segment_id: shift.people for shift in changes.shifts}

    def segment_people(self, segment_id: str, *, limit: int = 100, after: str | None = None) -> Page:
        """Who is in a segment now, by user id."""
        at = self._at(None)
        with self._stages.state.read() as transaction:
            self._stages.segments.get(SegmentId(segment_id), state=transaction)
            definitions = LiveDefinitions(transaction, at=at, population=self._stages.population)
            resolved = resolve(InSegment(segment=segment_id), definitions)
            return self._page(resolved, transaction, at, limit, after)

    def save_tag(self, text: str) -> Shown:
        """Save a tag's document as its newest version."""
        with self._stages.state.begin() as transaction:
            saved = with_lines(
                text,
                "tag",
                lambda document: self._stages.tags.create(document, state=transaction, now=self._now()),
            )
            return shown.tag(saved, transaction.tags.fills().get(saved.tag_id))

    def list_tags(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every tag's live version."""
        with self._stages.state.read() as transaction:
            fills = transaction.tags.fills()
            found = self._stages.tags.list(state=transaction)
            rows = [shown.tag(one, fills.get(one.tag_id)) for one in found]
            return shown.by_id(rows, limit=limit, after=after)

    def refresh_tags(self, ids: Sequence[str] | None = None) -> Mapping[str, int]:
        """Compute tags anew (all unless named); how many people have a value of each."""
        at = self._at(None)
        with self._processor.turn, self._stages.state.begin() as transaction:
            known = [one.tag_id for one in self._stages.tags.list(state=transaction)]
            wanted = known if ids is None else [TagId(one) for one in ids]
            population = self._stages.population
            fills = self._stages.tags.refresh(wanted, at=at, population=population, state=transaction)
            return {fill.tag_id: fill.people for fill in fills}

    def tag_values(
        self, tag_id: str, *, limit: int = 100, after: str | None = None
    ) -> tuple[Mapping[str, Json], str | None]:
        """People's values by user id (`prf_…` for the anonymous), and the next page's cursor."""
        with self._stages.state.read() as transaction:
            page = self._stages.tags.values(TagId(tag_id), limit=limit, after=after, state=transaction)
            return dict(page.by_user()), page.next

    # --- decide -----------------------------------------------------------------------------------

    def validate_journey(self, text: str) -> Sequence[Problem]:
        """Every mistake in a journey's document."""
        with self._stages.state.read() as transaction:
            return journeys.validate(text, name="journey", known=self._journey_vocabulary(transaction))

    def publish_journey(self, text: str, *, approve: bool = False) -> Shown:
        """Publish a journey's document as its next version, live from now on.

        Raises ApprovalNeeded, with their number, where present members would come in at once.
        """
        with self._processor.turn, self._stages.state.begin() as transaction:
            now = self._now()
            document = read_document(text, name="journey")
            journey = journeys.read_journey(document, known=self._journey_vocabulary(transaction))
            members = self._processor.present_members(journey, transaction, now=now)
            if members and not approve:
                raise entering_now(len(members))
            published = journeys.publish(transaction.journeys, journey, now=now)
            self._processor.take_in(members, published, transaction, now=now)
            return self._journey_status(transaction, published.journey.journey_id)

    def pause_journey(self, journey_id: str) -> Shown:
        """Stop a journey's clockwork; everybody keeps their place."""
        return self._change_journey(journey_id, journeys.pause)

    def resume_journey(self, journey_id: str) -> Shown:
        """Let a paused journey run on."""
        return self._change_journey(journey_id, journeys.resume)

    def end_journey(self, journey_id: str) -> Shown:
        """Stop a journey for good, and take everyone out of it."""
        with self._processor.turn, self._stages.state.begin() as transaction:
            steps = journeys.end(
                transaction.journeys, transaction.enrollments, JourneyId(journey_id), now=self._now()
            )
            transaction.emitted.record(
                [one for step in steps for one in step.effects if isinstance(one, EmittedEvent)]
            )
            return self._journey_status(transaction, journey_id)

    def list_journeys(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every journey and its state."""
        with self._stages.state.read() as transaction:
            rows = [shown.journey(one) for one in journeys.list_journeys(transaction.journeys)]
            return shown.by_id(rows, limit=limit, after=after)

    # --- deliver ----------------------------------------------------------------------------------

    def save_template(self, text: str) -> Shown:
        """Save a template's document as its newest version."""
        with self._stages.state.begin() as transaction:
            saved = with_lines(
                text,
                "template",
                lambda document: save_template(transaction.templates, document, now=self._now()),
            )
            return shown.template(saved)

    def list_templates(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every template's live version."""
        with self._stages.state.read() as transaction:
            rows = [shown.template(one) for one in list_templates(transaction.templates)]
            return shown.by_id(rows, limit=limit, after=after)

    def list_messages(
        self,
        *,
        user_id: str | None = None,
        state: str | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> Page:
        """Messages and what became of them, in the order they were decided."""
        wanted = None if state is None else message_state(state)
        with self._stages.state.read() as transaction:
            page = transaction.outbox.page(user_id=user_id, state=wanted, limit=limit, after=after)
            return Page(page.messages, page.next)

    # --- evaluate ---------------------------------------------------------------------------------

    def read_journey(self, journey_id: str) -> Mapping[str, Json]:
        """Whether a journey helped."""
        with self._stages.state.read() as transaction:
            facts = self._facts.journeys
            readout = readouts.read(transaction.journeys, facts, JourneyId(journey_id), now=self._now())
        return readouts.readout_document(readout)

    def show_journey(self, journey_id: str) -> Glance:
        """A journey's document with what is counted at each node."""
        with self._stages.state.read() as transaction:
            return glances.journey(self._stages, self._facts, transaction, JourneyId(journey_id))

    def doctor(self) -> Diagnosis:
        """Whether everything that must always hold does hold, check by check."""
        return self._doctor.examine(catch_up=self._turning.wait_accepted)

    def read_today(self) -> Glance:
        """How the workspace stands: activity by day, segments, journeys, messages."""
        people = self.count_people()
        with self._stages.state.read() as transaction:
            return glances.today(self._stages, self._facts, transaction, people=people)

    # --- shared -----------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return self._stages.clock.now()

    def _at(self, as_of: datetime | None) -> Moment:
        return moment_asked(as_of or self._now(), zone=self.zone)

    def _resolved(self, condition: Json, transaction: StateTransaction, at: Moment) -> Condition:
        if condition is None:
            return EVERYONE
        parsed = parse_condition(condition, known=vocabulary(transaction))
        definitions = LiveDefinitions(transaction, at=at, population=self._stages.population)
        return resolve(parsed, definitions)

    def _page(
        self, condition: Condition, transaction: StateTransaction, at: Moment, limit: int, after: str | None
    ) -> Page:
        profiles = Profiles(self._stages.population, transaction.people)
        return shown.people(profiles.page(condition, at=at, limit=limit, after=after))

    def _refresh_quietly(self) -> None:
        """Bring segments up to date after an import: it is recorded, and no journey starts from it."""
        with self._processor.turn, self._stages.state.begin() as transaction:
            changes = refreshed(self._stages, None, transaction, now=self._now())
            transaction.emitted.record(list(caused_by_import(changes).events()))
        self._turning.catch_up()

    def _journey_vocabulary(self, transaction: StateTransaction) -> JourneyVocabulary:
        templates = [one.template.template_id for one in list_templates(transaction.templates)]
        return JourneyVocabulary(conditions=vocabulary(transaction), templates=templates)

    def _change_journey(self, journey_id: str, change: Callable[..., None]) -> Shown:
        with self._processor.turn, self._stages.state.begin() as transaction:
            change(transaction.journeys, JourneyId(journey_id), now=self._now())
            return self._journey_status(transaction, journey_id)

    def _journey_status(self, transaction: StateTransaction, journey_id: str) -> Shown:
        return shown.journey(journeys.get_status(transaction.journeys, JourneyId(journey_id)))
