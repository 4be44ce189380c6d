"""One turn of the journeys: everybody's events and timers, in everybody's own order, in waves (ADR 0014).

A wave takes the next event or timer of every person. Whoever needs verdicts says so as data; all
questions of a wave are answered in one pass over the event store, and the wave goes on.
"""

import heapq
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from perennial.decide.assignment import Holdout, is_held_out
from perennial.decide.journeys import (
    Decision,
    Effect,
    Enrollment,
    Enrollments,
    JourneyShelf,
    JourneyStatus,
    NotAdmitted,
    Occurrence,
    PublishedJourney,
    Question,
    SendMessage,
    Step,
    Verdicts,
    admit,
    advance,
    observe,
)
from perennial.decide.journeys.model import EventEntry, Facts, WaitClock, Waiting, WaitUntil, Zones
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.events import ANY_EVENT, EmittedEvent
from perennial.kernel.ids import EnrollmentId, JourneyId, ProfileId
from perennial.kernel.windows import Zone

_EVENT_RANK, _TIMER_RANK = 0, 1
"""At one instant events come before timers (exit, goal, event, timer)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEffects:
    """What a turn of the journeys wants done, in order."""

    sends: tuple[SendMessage, ...] = ()
    decisions: tuple[Decision, ...] = ()
    events: tuple[EmittedEvent, ...] = ()
    runs: tuple[Enrollment, ...] = ()
    """Runs as they stand after the turn; only those that changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timer:
    enrollment_id: EnrollmentId
    due_at: datetime


@dataclass(slots=True)
class _Person:
    """One person during a turn: what is still to come, in order, and their runs."""

    profile_id: ProfileId
    queue: list[tuple[datetime, int, str, Occurrence | _Timer]] = field(
        default_factory=list[tuple[datetime, int, str, Occurrence | _Timer]]
    )
    runs: dict[EnrollmentId, Enrollment] = field(default_factory=dict[EnrollmentId, Enrollment])
    former: dict[JourneyId, list[EnrollmentId]] = field(
        default_factory=lambda: defaultdict[JourneyId, list[EnrollmentId]](list)
    )
    horizon: datetime | None = None
    """Timers due by then belong to this turn."""
    zone: Zone | None = None
    """Their own, where some journey at hand goes by it and it is known."""

    def previous(self, journey_id: JourneyId) -> list[Enrollment]:
        return [self.runs[one] for one in self.former[journey_id]]

    def add(self, run: Enrollment) -> None:
        if run.enrollment_id not in self.runs:
            self.former[run.journey_id].append(run.enrollment_id)
        self.runs[run.enrollment_id] = run


@dataclass(frozen=True, slots=True)
class _AtBranch:
    """A run that waits for verdicts at a branch."""

    person: _Person
    question: Question
    run: Enrollment
    known: Facts
    """What was answered at this instant before."""


@dataclass(frozen=True, slots=True)
class _AtDoor:
    """A person who waits for the verdict on a journey's entry."""

    person: _Person
    question: Question
    published: PublishedJourney
    occurrence: Occurrence


_Open = _AtBranch | _AtDoor


class JourneyTurn:
    """Takes occurrences and due timers, and gives back what follows from them. Writes nothing itself."""

    def __init__(
        self,
        *,
        shelf: JourneyShelf,
        enrollments: Enrollments,
        verdicts: Verdicts,
        holdout: Holdout | None = None,
        zone: Zone,
        now: datetime,
        heard: Mapping[str, datetime] | None = None,
    ) -> None:
        self._heard = heard or {}
        """When events became known, by message id, where that was not now."""
        self._holdout = holdout
        self._enrollments = enrollments
        self._verdicts = verdicts
        self._zone = zone
        self._now = now
        self._live = shelf.live()
        self._states: Mapping[JourneyId, JourneyStatus] = {one.journey_id: one for one in shelf.list_all()}
        self._shelf = shelf
        self._versions: dict[tuple[JourneyId, int], PublishedJourney] = {
            (one.journey.journey_id, one.version): one for one in self._live
        }
        self._people: dict[ProfileId, _Person] = {}
        self._changed: dict[EnrollmentId, Enrollment] = {}
        self._effects: list[Effect] = []

    def run(
        self, occurrences: Sequence[Occurrence], *, due: Sequence[Enrollment] = (), is_drained: bool
    ) -> TurnEffects:
        """Let journeys see these events (any order) and these due runs.

        `is_drained` says that nothing accepted before `now` is still to come: only then do timers fire up
        to `now`; otherwise a person's timers fire up to the last of their events at hand.
        """
        self._gather(occurrences, due, is_drained=is_drained)
        while wave := [person for person in self._people.values() if person.queue]:
            self._settle([work for person in wave for work in self._begin(person)])
        return self._outcome()

    def _gather(
        self, occurrences: Sequence[Occurrence], due: Sequence[Enrollment], *, is_drained: bool
    ) -> None:
        ids = sorted({one.profile_id for one in occurrences} | {one.profile_id for one in due})
        if not ids:
            return
        since = min((one.occurred_at for one in occurrences), default=self._now)
        watching = [*self._enrollments.watching(ids, since=since), *due]
        self._load_versions(watching)
        names = self._names_of_interest(watching)
        relevant = [one for one in occurrences if one.name in names or ANY_EVENT in names]
        for occurrence in relevant:
            person = self._person(occurrence.profile_id)
            heapq.heappush(
                person.queue, (occurrence.occurred_at, _EVENT_RANK, occurrence.message_id, occurrence)
            )
            latest = (
                occurrence.occurred_at
                if person.horizon is None
                else max(person.horizon, occurrence.occurred_at)
            )
            person.horizon = latest
        for run in due:
            self._person(run.profile_id)
        for person in self._people.values():
            person.horizon = self._now if is_drained else person.horizon
        self._load_former(relevant)
        for run in watching:
            if run.profile_id in self._people:
                self._people[run.profile_id].add(run)
        self._load_zones()
        for person in self._people.values():
            for run in person.runs.values():
                self._schedule(person, run)

    def _person(self, profile_id: ProfileId) -> _Person:
        return self._people.setdefault(profile_id, _Person(profile_id=profile_id))

    def _load_versions(self, runs: Iterable[Enrollment]) -> None:
        wanted = {(run.journey_id, run.version) for run in runs} - set(self._versions)
        self._versions.update(self._shelf.versions(sorted(wanted)))

    def _load_former(self, occurrences: Sequence[Occurrence]) -> None:
        """Everybody's runs through the journeys they might come into now: re-entry is judged by them."""
        ids = sorted({one.profile_id for one in occurrences})
        journeys = [one.journey.journey_id for one in self._live]
        if not ids or not journeys:
            return
        former = self._enrollments.previous(journeys, ids)
        self._load_versions(run for runs in former.values() for run in runs)
        for (_, profile_id), runs in former.items():
            for run in runs:
                self._people[profile_id].add(run)

    def _load_zones(self) -> None:
        """People's own zones, where some version at hand waits by their clocks."""
        if self._people and any(_goes_by_own_clock(one) for one in self._versions.values()):
            for profile_id, zone in self._verdicts.zones(sorted(self._people)).items():
                self._people[profile_id].zone = zone

    def _zones(self, person: _Person) -> Zones:
        return Zones(workspace=self._zone, person=person.zone)

    def _names_of_interest(self, watching: Sequence[Enrollment]) -> set[str]:
        # The live ones too: who comes in with one event of these may meet the goal with the next.
        listening = {(one.journey.journey_id, one.version) for one in self._live}
        listening |= {(run.journey_id, run.version) for run in watching}
        return _entry_names(self._live).union(*(_later_names(self._versions[key]) for key in listening))

    def _schedule(self, person: _Person, run: Enrollment) -> None:
        """Queue a run's timer, where it is due within this turn and the journey runs."""
        status = self._states.get(run.journey_id)
        if run.status != "active" or run.due_at is None or status is None or status.state != "live":
            return
        if person.horizon is not None and run.due_at <= person.horizon:
            timer = _Timer(enrollment_id=run.enrollment_id, due_at=run.due_at)
            heapq.heappush(person.queue, (run.due_at, _TIMER_RANK, run.enrollment_id, timer))

    def _begin(self, person: _Person) -> list[_Open]:
        """Take the head of a person's queue; what cannot be settled without verdicts is given back."""
        at, _, _, item = heapq.heappop(person.queue)
        if isinstance(item, _Timer):
            run = person.runs[item.enrollment_id]
            is_current = run.status == "active" and run.due_at == item.due_at
            return self._advance(person, run, at, {}) if is_current else []
        for run in list(person.runs.values()):
            step = observe(self._versions[run.journey_id, run.version], run, item, zones=self._zones(person))
            self._take(person, step)
            if step.enrollment.due_at != run.due_at:
                # What it waited for happened, or its wait began anew.
                self._schedule(person, step.enrollment)
        return [work for published in self._live for work in self._admit(person, published, item, {})]

    def _advance(self, person: _Person, run: Enrollment, at: datetime, facts: Facts) -> list[_Open]:
        published = self._versions[run.journey_id, run.version]
        resumed_at = self._states[run.journey_id].changed_at
        # What fell due while its journey was paused happens when the journey is resumed, not before.
        step = advance(
            published,
            run,
            now=max(at, resumed_at) if resumed_at <= self._now else at,
            facts=facts,
            zones=self._zones(person),
        )
        self._take(person, step)
        if step.question is not None:
            return [_AtBranch(person, step.question, step.enrollment, facts)]
        self._schedule(person, step.enrollment)
        return []

    def _admit(
        self, person: _Person, published: PublishedJourney, occurrence: Occurrence, facts: Facts
    ) -> list[_Open]:
        result = admit(
            published,
            occurrence,
            previous=person.previous(published.journey.journey_id),
            now=self._heard.get(occurrence.message_id, self._now),
            zones=self._zones(person),
            facts=facts,
            is_held_out=is_held_out(
                person.profile_id, self._holdout, now=occurrence.occurred_at, zone=self._zone
            ),
        )
        if isinstance(result, Question):
            return [_AtDoor(person, result, published, occurrence)]
        if isinstance(result, NotAdmitted):
            self._effects.extend(result.effects)
            return []
        self._take(person, result)
        self._schedule(person, result.enrollment)
        return []

    def _settle(self, works: list[_Open]) -> None:
        """Answer the questions of a wave, all of them in one pass, until nobody has any."""
        while works:
            places, conditions = _distinct(works)
            asks = [Ask(profile_id=work.person.profile_id, as_of=work.question.as_of) for work in works]
            answers = self._verdicts.verdicts(conditions, asks)
            works = [
                more
                for work, row in zip(works, answers, strict=True)
                for more in self._resume(
                    work, tuple(row[places[repr(one)]] for one in work.question.conditions)
                )
            ]

    def _resume(self, work: _Open, verdicts: tuple[bool, ...]) -> list[_Open]:
        facts = {work.question.node: verdicts}
        if isinstance(work, _AtDoor):
            return self._admit(work.person, work.published, work.occurrence, facts)
        return self._advance(work.person, work.run, work.question.as_of, {**work.known, **facts})

    def _take(self, person: _Person, step: Step) -> None:
        if person.runs.get(step.enrollment.enrollment_id) != step.enrollment:
            person.add(step.enrollment)
            self._changed[step.enrollment.enrollment_id] = step.enrollment
        self._effects.extend(step.effects)

    def _outcome(self) -> TurnEffects:
        return TurnEffects(
            sends=tuple(one for one in self._effects if isinstance(one, SendMessage)),
            decisions=tuple(one for one in self._effects if isinstance(one, Decision)),
            events=tuple(one for one in self._effects if isinstance(one, EmittedEvent)),
            runs=tuple(self._changed.values()),
        )


def _distinct(works: Sequence[_Open]) -> tuple[dict[str, int], list[Condition]]:
    """Every condition asked for, once, and its place.

    Told apart as written: as values, a test for `true` and one for `1` would be equal.
    """
    conditions = {repr(one): one for work in works for one in work.question.conditions}
    return {text: place for place, text in enumerate(conditions)}, list(conditions.values())


def names_listened_to(shelf: JourneyShelf) -> Container[str]:
    """Names of events that journeys may do something at: entries of the live ones, and what runs wait for.

    Runs go on in the version they began with, so every version counts.
    """
    every = [(one.journey_id, version) for one in shelf.list_all() for version in range(1, one.version + 1)]
    if not every:
        return ()
    names = _entry_names(shelf.live()).union(*map(_later_names, shelf.versions(every).values()))
    return _Anything() if ANY_EVENT in names else names


class _Anything(Container[str]):
    def __contains__(self, name: object) -> bool:
        return True


def _goes_by_own_clock(published: PublishedJourney) -> bool:
    nodes = published.journey.nodes.values()
    return any(isinstance(node, WaitClock) and node.clock == "person" for node in nodes)


def _entry_names(live: Sequence[PublishedJourney]) -> set[str]:
    entries = [published.journey.entry.on for published in live]
    return {on.pattern.event if isinstance(on, EventEntry) else f"segment_{on.change}" for on in entries}


def _later_names(published: PublishedJourney) -> set[str]:
    """What a run through a version listens to: its exits, its goal, and what it waits for."""
    names = {match.pattern.event for match in published.journey.exits}
    if published.journey.goal is not None:
        names.add(published.journey.goal.match.pattern.event)
    for node in published.journey.nodes.values():
        if isinstance(node, WaitUntil):
            names.add(node.match.pattern.event)
        if isinstance(node, Waiting) and node.restart_on is not None:
            names.add(node.restart_on.pattern.event)
    return names
