"""What an operator does with journeys: check, publish, pause, resume, end."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from perennial.decide.journeys.grammar import JourneyVocabulary
from perennial.decide.journeys.model import (
    Journey,
    JourneyState,
    JourneyStatus,
    PublishedJourney,
    Step,
    Zones,
)
from perennial.decide.journeys.parse import parse_journey
from perennial.decide.journeys.plans import Plan, Stay, carry, fate_of, written_plan
from perennial.decide.journeys.ports import Enrollments, JourneyShelf
from perennial.decide.journeys.rules import end_run
from perennial.decide.journeys.write import journey_document
from perennial.kernel.documents import Document, read_document
from perennial.kernel.errors import InvalidDocument, NotFound, Problem, Refused, nearest
from perennial.kernel.ids import JourneyId, ProfileId
from perennial.kernel.values import canonical

END_BATCH = 5_000

ZonesOf = Callable[[Sequence[ProfileId]], Mapping[ProfileId, Zones]]
"""Says of each of these people which clocks they go by."""


class JourneyNotFound(NotFound):
    """No journey has this id."""

    code = "journey_not_found"


class JourneyEnded(Refused):
    """The journey has ended; an ended journey does not come back."""

    code = "journey_ended"


def validate(text: str, *, name: str, known: JourneyVocabulary) -> Sequence[Problem]:
    """Everything that is wrong with a journey file (YAML or JSON); empty where it can be published."""
    try:
        read_journey(read_document(text, name=name), known=known)
    except InvalidDocument as refused:
        return refused.problems
    return ()


def read_journey(document: Document, *, known: JourneyVocabulary) -> Journey:
    """The journey a file describes. Raises InvalidDocument with every mistake, its path and its line."""
    try:
        return parse_journey(document.value, known=known)
    except InvalidDocument as refused:
        raise document.placed(refused) from refused


def publish(
    shelf: JourneyShelf, journey: Journey, *, now: datetime, plan: Plan | None = None
) -> PublishedJourney:
    """Make a journey's document its newest version, live from now on; `carry_over` moves who is in already.

    The same document again is the same version. Raises JourneyEnded where the journey has ended.
    Publishing does not resume a paused journey.
    """
    status = shelf.status(journey.journey_id)
    if status is not None and status.state == "ended":
        raise JourneyEnded(hint="Publish it under another id.", path="$.id")
    newest = shelf.find(journey.journey_id)
    if newest is not None and is_same(newest.journey, journey):
        return newest
    version = 1 if newest is None else newest.version + 1
    published = PublishedJourney(
        journey=journey, version=version, published_at=now, plan=written_plan(plan or {})
    )
    shelf.add(published)
    return published


def carry_over(
    shelf: JourneyShelf,
    enrollments: Enrollments,
    published: PublishedJourney,
    plan: Plan,
    *,
    zones: ZonesOf,
) -> Sequence[Step]:
    """Do with everybody in earlier versions what the plan says; call once, in the publishing transaction.

    `zones` says whose clock is which. The runs are saved here; the caller records the steps' effects in the
    same transaction.
    """
    journey_id, steps, last = published.journey.journey_id, list[Step](), None
    while runs := enrollments.active_before(journey_id, published.version, limit=END_BATCH, after=last):
        last = runs[-1].enrollment_id
        known = shelf.versions([(run.journey_id, run.version) for run in runs])
        touched = [(run, fate_of(plan, run.node) or Stay()) for run in runs]
        clocks = zones([run.profile_id for run in runs])
        carried = [
            carry(
                run,
                fate,
                known[run.journey_id, run.version].journey.nodes.get(run.node),
                published,
                zones=clocks[run.profile_id],
            )
            for run, fate in touched
            if not isinstance(fate, Stay)
        ]
        enrollments.save([step.enrollment for step in carried])
        steps.extend(carried)
    return steps


def get_journey(shelf: JourneyShelf, journey_id: JourneyId) -> PublishedJourney:
    """The newest version. Raises JourneyNotFound with the nearest id."""
    found = shelf.find(journey_id)
    if found is None:
        known = [status.journey_id for status in shelf.list_all()]
        raise JourneyNotFound(f"No journey has the id {journey_id!r}.", hint=nearest(journey_id, known))
    return found


def get_status(shelf: JourneyShelf, journey_id: JourneyId) -> JourneyStatus:
    """Where a journey stands. Raises JourneyNotFound with the nearest id."""
    found = shelf.status(journey_id)
    if found is None:
        known = [status.journey_id for status in shelf.list_all()]
        raise JourneyNotFound(f"No journey has the id {journey_id!r}.", hint=nearest(journey_id, known))
    return found


def list_journeys(shelf: JourneyShelf) -> Sequence[JourneyStatus]:
    """Every journey and where it stands, by id."""
    return shelf.list_all()


def pause(shelf: JourneyShelf, journey_id: JourneyId, *, now: datetime) -> None:
    """Take nobody in and move nobody on; everyone keeps their place. Goals are still watched."""
    _set_state(shelf, journey_id, "paused", now)


def resume(shelf: JourneyShelf, journey_id: JourneyId, *, now: datetime) -> None:
    """Take people in and move them on again; what fell due meanwhile is due now."""
    _set_state(shelf, journey_id, "live", now)


def end(
    shelf: JourneyShelf, enrollments: Enrollments, journey_id: JourneyId, *, now: datetime
) -> Sequence[Step]:
    """End a journey for good and take everyone out of it.

    The runs are saved here; the caller records the steps' effects in the same transaction.
    """
    _set_state(shelf, journey_id, "ended", now)
    steps: list[Step] = []
    while runs := enrollments.active_of(journey_id, limit=END_BATCH):
        versions = shelf.versions([(run.journey_id, run.version) for run in runs])
        ended = [end_run(versions[run.journey_id, run.version], run, at=now) for run in runs]
        enrollments.save([step.enrollment for step in ended])
        steps.extend(ended)
    return steps


def is_same(first: Journey, second: Journey) -> bool:
    """Whether two versions say the same."""
    # Compared as written: as values, a test for `true` and one for `1` would be equal.
    return canonical(journey_document(first)) == canonical(journey_document(second))


def _set_state(shelf: JourneyShelf, journey_id: JourneyId, state: JourneyState, now: datetime) -> None:
    get_journey(shelf, journey_id)
    status = shelf.status(journey_id)
    if status is not None and status.state == "ended" and state != "ended":
        raise JourneyEnded(hint="Publish it under another id.")
    shelf.set_state(journey_id, state, at=now)
