"""The use cases of a workspace that decide and say something: journeys, templates, messages."""

from collections.abc import Callable, Mapping, Sequence

from perennial.decide import journeys
from perennial.decide.journeys.model import CALLED, EventEntry
from perennial.deliver.messages.service import message_state
from perennial.deliver.templates import list_templates, save_template
from perennial.kernel.errors import Problem, Refused
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import JourneyId, derive_text, mint_secret, profile_text
from perennial.kernel.values import Json
from perennial.runtime import shown
from perennial.runtime.documents import with_lines
from perennial.runtime.persons import profile_named
from perennial.runtime.publishing import Publishing
from perennial.runtime.shown import Page, Shown


class NotCalled(Refused):
    """The journey takes nobody in by a call."""

    code = "journey_not_called"


class Deciding(Publishing):
    """A workspace as far as it decides what should happen, and says it."""

    # --- decide -----------------------------------------------------------------------------------

    def validate_journey(self, text: str) -> Sequence[Problem]:
        """Every mistake in a journey's document."""
        with self._stages.state.read() as transaction:
            return journeys.validate(text, name="journey", known=self._journey_vocabulary(transaction))

    def pause_journey(self, journey_id: str) -> Shown:
        """Stop a journey's clockwork; everybody keeps their place."""
        return self._change_journey(journey_id, journeys.pause)

    def resume_journey(self, journey_id: str) -> Shown:
        """Let a paused journey run on."""
        return self._change_journey(journey_id, journeys.resume)

    def enter_journey(
        self,
        journey_id: str,
        user_id: str,
        *,
        properties: Mapping[str, Json],
        request_id: str | None = None,
    ) -> Mapping[str, Json]:
        """Ask that a person come into a journey whose entry is `api`; its rules say whether they do.

        The same `request_id` again asks nothing more. Raises JourneyNotFound, NotCalled, NobodyKnown.
        """
        with self._stages.state.begin() as transaction:
            journey = journeys.get_journey(transaction.journeys, JourneyId(journey_id)).journey
            if not (isinstance(journey.entry.on, EventEntry) and journey.entry.on.is_called):
                raise NotCalled(
                    f"People come into {journey_id!r} otherwise.",
                    hint="A journey that is called says `entry: {on: api}`.",
                    path="$.entry.on",
                )
            profile_id = profile_named(user_id, transaction)
            named = request_id or mint_secret("call_")
            called = EmittedEvent(
                name=CALLED,
                profile_id=profile_id,
                occurred_at=self._now(),
                message_id=derive_text("cal_", journey_id, profile_text(profile_id), named),
                properties={**properties, "journey": journey_id},
            )
            transaction.emitted.record([called])
        return {"journey": journey_id, "user_id": user_id, "message_id": called.message_id}

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

    def _change_journey(self, journey_id: str, change: Callable[..., None]) -> Shown:
        with self._processor.turn, self._stages.state.begin() as transaction:
            change(transaction.journeys, JourneyId(journey_id), now=self._now())
            return self._journey_status(transaction, journey_id)
