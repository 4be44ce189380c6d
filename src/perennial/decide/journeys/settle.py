"""Walking many runs at once: one pass over the event store per round of questions, not one per person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from perennial.decide.journeys.admission import admit
from perennial.decide.journeys.model import (
    Effect,
    Enrollment,
    Facts,
    NotAdmitted,
    Occurrence,
    PublishedJourney,
    Question,
    Step,
)
from perennial.decide.journeys.ports import Verdicts
from perennial.decide.journeys.rules import TOO_MANY_STEPS, advance, quarantine
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import JourneyId, NodeId, ProfileId
from perennial.kernel.windows import Zone

MAX_ROUNDS = 100
"""Branches one run may pass at one instant; no chart that was accepted comes near it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A run whose time has come, and the instant it moves on at."""

    published: PublishedJourney
    enrollment: Enrollment
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody may come in: the occurrence that says so, and their runs through this journey so far."""

    published: PublishedJourney
    occurrence: Occurrence
    previous: Sequence[Enrollment] = ()


def settle_entries(
    arrivals: Sequence[Arrival], *, now: datetime, zone: Zone, ask: Verdicts
) -> list[Step | NotAdmitted]:
    """Admit each or say why not, asking all entry conditions in one pass. In the order of `arrivals`.

    Arrivals of one person at one journey must not be in one call: the first changes what the second meets.
    """

    def attempt(arrival: Arrival, facts: Facts) -> Step | NotAdmitted | Question:
        return admit(
            arrival.published, arrival.occurrence, previous=arrival.previous, now=now, zone=zone, facts=facts
        )

    first = [attempt(arrival, {}) for arrival in arrivals]
    asked = [
        _Asked(arrival.published, arrival.occurrence.profile_id, outcome)
        for arrival, outcome in zip(arrivals, first, strict=True)
        if isinstance(outcome, Question)
    ]
    answers = iter(_answer(asked, ask))
    settled: list[Step | NotAdmitted] = []
    for arrival, outcome in zip(arrivals, first, strict=True):
        final = attempt(arrival, next(answers)) if isinstance(outcome, Question) else outcome
        if isinstance(final, Question):
            raise TypeError("an entry has one question, and it was answered")
        settled.append(final)
    return settled


def settle(due: Sequence[Due], *, ask: Verdicts) -> list[Step]:
    """Walk each run on until it waits or ends; questions of all runs are asked together, round by round.

    In the order of `due`; each step has all effects of its run, in their order, and no question.
    """
    effects: list[list[Effect]] = [[] for _ in due]
    standing = [one.enrollment for one in due]
    facts: dict[int, Facts] = {place: {} for place in range(len(due))}
    for _ in range(MAX_ROUNDS):
        asked: list[tuple[int, _Asked]] = []
        for place, known in facts.items():
            step = advance(due[place].published, standing[place], now=due[place].now, facts=known)
            standing[place] = step.enrollment
            effects[place].extend(step.effects)
            if step.question is not None:
                who = step.enrollment.profile_id
                asked.append((place, _Asked(due[place].published, who, step.question)))
        if not asked:
            break
        answers = _answer([one for _, one in asked], ask)
        facts = {place: answer for (place, _), answer in zip(asked, answers, strict=True)}
    else:
        for place in facts:
            aside = quarantine(standing[place], TOO_MANY_STEPS, at=due[place].now)
            standing[place] = aside.enrollment
            effects[place].extend(aside.effects)
    return [Step(enrollment=run, effects=tuple(own)) for run, own in zip(standing, effects, strict=True)]


@dataclass(frozen=True, slots=True)
class _Asked:
    published: PublishedJourney
    profile_id: ProfileId
    question: Question


_Place = tuple[JourneyId, int, NodeId]


def _answer(asked: Sequence[_Asked], ask: Verdicts) -> list[Facts]:
    """The facts for each question. Conditions are asked once per node, people once per instant."""
    if not asked:
        return []
    columns: dict[_Place, slice] = {}
    conditions: list[Condition] = []
    rows: dict[Ask, int] = {}
    for one in asked:
        if _place(one) not in columns:
            columns[_place(one)] = slice(len(conditions), len(conditions) + len(one.question.conditions))
            conditions.extend(one.question.conditions)
        rows.setdefault(_ask(one), len(rows))
    verdicts = ask.verdicts(conditions, list(rows))
    return [{one.question.node: verdicts[rows[_ask(one)]][columns[_place(one)]]} for one in asked]


def _place(one: _Asked) -> _Place:
    return (one.published.journey.journey_id, one.published.version, one.question.node)


def _ask(one: _Asked) -> Ask:
    return Ask(profile_id=one.profile_id, as_of=one.question.as_of)
