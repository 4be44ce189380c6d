"""The use cases of a workspace that decide and say something: journeys, templates, messages."""

from collections.abc import Callable, Sequence

from perennial.compute.definitions.service import vocabulary
from perennial.decide import journeys
from perennial.decide.journeys import JourneyVocabulary
from perennial.deliver.messages.service import message_state
from perennial.deliver.templates import list_templates, save_template
from perennial.kernel.documents import read_document
from perennial.kernel.errors import Problem
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import JourneyId
from perennial.runtime import shown
from perennial.runtime.approval import entering_now
from perennial.runtime.documents import with_lines
from perennial.runtime.ports import StateTransaction
from perennial.runtime.shown import Page, Shown
from perennial.runtime.tagging import Tagging


class Deciding(Tagging):
    """A workspace as far as it decides what should happen, and says it."""

    # --- decide -----------------------------------------------------------------------------------

    def validate_journey(self, text: str) -> Sequence[Problem]:
        """Every mistake in a journey's document."""
        with self._stages.state.read() as transaction:
            return journeys.validate(text, name="journey", known=self._journey_vocabulary(transaction))

    def publish_journey(self, text: str, *, approve: bool = False) -> Shown:
        """Publish a journey's document as its next version, live from now on.

        Raises ApprovalNeeded, with their number, where present members would come in at once.
        """
        document = read_document(text, name="journey")
        with self._processor.turn:
            now = self._now()
            with self._stages.state.read() as transaction:
                journey = journeys.read_journey(document, known=self._journey_vocabulary(transaction))
            # Everyone may be asked: before the writer's turn, so that nobody waits for it meanwhile.
            self._processor.fill_for(journey, now=now)
            with self._stages.state.begin() as transaction:
                members = self._processor.present_members(journey, transaction)
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
            listed = journeys.list_journeys(transaction.journeys)
            newest = transaction.journeys.versions([(one.journey_id, one.version) for one in listed])
            rows = [shown.journey(one, newest[one.journey_id, one.version].journey.name) for one in listed]
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

    # --- shared -----------------------------------------------------------------------------------

    def _journey_vocabulary(self, transaction: StateTransaction) -> JourneyVocabulary:
        templates = [one.template.template_id for one in list_templates(transaction.templates)]
        return JourneyVocabulary(conditions=vocabulary(transaction), templates=templates)

    def _change_journey(self, journey_id: str, change: Callable[..., None]) -> Shown:
        with self._processor.turn, self._stages.state.begin() as transaction:
            change(transaction.journeys, JourneyId(journey_id), now=self._now())
            return self._journey_status(transaction, journey_id)

    def _journey_status(self, transaction: StateTransaction, journey_id: str) -> Shown:
        status = journeys.get_status(transaction.journeys, JourneyId(journey_id))
        return shown.journey(
            status, journeys.get_journey(transaction.journeys, status.journey_id).journey.name
        )
