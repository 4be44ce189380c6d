"""Keeping segments answered: saving definitions, refreshing membership, and saying who came and went."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from perennial.compute.definitions.model import Definition
from perennial.compute.definitions.service import (
    DefinitionState,
    LiveDefinitions,
    check_draft,
    save_version,
    vocabulary,
)
from perennial.compute.profiles.ports import Population
from perennial.compute.segments.model import Segment, SegmentChanges, SegmentFill, Shift
from perennial.compute.segments.parse import parse_segment
from perennial.compute.segments.rules import cause_of_fill, follow, is_due, shift_between, touched_shift
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.conditions.resolve import resolve
from perennial.kernel.errors import NotFound, nearest
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.kernel.values import Json

DEFAULT_REFRESH_INTERVAL = timedelta(hours=1)


class SegmentNotFound(NotFound):
    """No segment has this id."""

    code = "segment_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentQuestions:
    """What is to be asked of everyone at one moment, with no name left in it; needs the store no more."""

    segments: tuple[Segment, ...]
    conditions: tuple[Condition, ...]
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentAnswers:
    """Who meets each segment's condition at one moment; nothing is written yet."""

    segments: tuple[Segment, ...]
    found: tuple[NDArray[np.uint64], ...]
    at: Moment

    def following(self, became: Mapping[ProfileId, ProfileId]) -> "SegmentAnswers":
        """The same after some people were merged: whoever is lost stands under the kept one."""
        return replace(self, found=tuple(follow(each, became) for each in self.found))


class Segments:
    """Every segment of a workspace. Methods work inside the caller's transaction of the state store."""

    def __init__(self, *, refresh_interval: timedelta = DEFAULT_REFRESH_INTERVAL) -> None:
        self._interval = refresh_interval

    def create(self, document: Json, *, state: DefinitionState, now: datetime) -> Segment:
        """Save a segment's document as its next version; the same document again is the same version.

        Raises InvalidDocument with every mistake, an unknown name or a circle among them.
        """
        own = document.get("id") if isinstance(document, Mapping) else None
        draft = parse_segment(document, known=vocabulary(state, besides=own if isinstance(own, str) else ""))
        check_draft(draft, state=state)
        return read_segment(save_version(draft, shelf=state.segments.definitions, now=now))

    def list(self, *, state: DefinitionState) -> Sequence[Segment]:
        """The live version of every segment, by id."""
        return [read_segment(definition) for definition in state.segments.definitions.live()]

    def get(self, segment_id: SegmentId, *, state: DefinitionState) -> Segment:
        """A segment's live version. Raises SegmentNotFound."""
        found = state.segments.definitions.latest(segment_id)
        if found is None:
            raise _not_found(segment_id, (each.id for each in state.segments.definitions.live()))
        return read_segment(found)

    def fill(self, segment_id: SegmentId, *, state: DefinitionState) -> SegmentFill | None:
        """How far a segment is up to date and how many are in it; None before its first fill."""
        return state.segments.fills().get(segment_id)

    def due(self, *, at: datetime, state: DefinitionState) -> Sequence[SegmentId]:
        """The segments whose last refresh is older than the interval, or was of another version."""
        fills = state.segments.fills()
        return [
            segment.segment_id
            for segment in map(read_segment, state.segments.definitions.live_at(at))
            if is_due(segment, fills.get(segment.segment_id), interval=self._interval, at=at)
        ]

    def next_due(self, *, state: DefinitionState) -> datetime | None:
        """When a segment that is answered is answered anew; None before the first fill of any."""
        refreshed_at = min((fill.refreshed_at for fill in state.segments.fills().values()), default=None)
        return None if refreshed_at is None else refreshed_at + self._interval

    def refresh(
        self,
        segment_ids: Iterable[SegmentId] | None = None,
        *,
        at: Moment,
        population: Population,
        state: DefinitionState,
    ) -> SegmentChanges:
        """Bring segments (by default those due) up to date in one pass; says who came and went.

        The caller records `events()` of the result in the same transaction. Raises SegmentNotFound.
        """
        return self.settle(self.ask(segment_ids, at=at, population=population, state=state), state=state)

    def ask(
        self,
        segment_ids: Iterable[SegmentId] | None = None,
        *,
        at: Moment,
        population: Population,
        state: DefinitionState,
    ) -> SegmentAnswers:
        """Find who is in each segment, and write nothing, within one reader's transaction."""
        questions = self.questions(segment_ids, at=at, population=population, state=state)
        return self.answer(questions, population=population)

    def questions(
        self,
        segment_ids: Iterable[SegmentId] | None = None,
        *,
        at: Moment,
        population: Population,
        state: DefinitionState,
    ) -> SegmentQuestions:
        """What segments (by default those due) ask: the first of three steps, quick, with a reader."""
        wanted = self.due(at=at.as_of, state=state) if segment_ids is None else list(segment_ids)
        live = {each.id: each for each in state.segments.definitions.live_at(at.as_of)}
        for segment_id in wanted:
            if segment_id not in live:
                raise _not_found(segment_id, live)
        segments = tuple(read_segment(live[segment_id]) for segment_id in wanted)
        if not segments:
            return SegmentQuestions(segments=(), conditions=(), at=at)
        definitions = LiveDefinitions(state, at=at, population=population)
        conditions = tuple(resolve(segment.condition, definitions) for segment in segments)
        return SegmentQuestions(segments=segments, conditions=conditions, at=at)

    def answer(self, questions: SegmentQuestions, *, population: Population) -> SegmentAnswers:
        """Find who is in each segment, in one pass: the slow step, which holds no transaction open."""
        at = questions.at
        found = population.members(questions.conditions, at=at) if questions.segments else ()
        return SegmentAnswers(segments=questions.segments, found=tuple(found), at=at)

    def settle(self, answers: SegmentAnswers, *, state: DefinitionState) -> SegmentChanges:
        """Write the answers, and say what changed: the last step, quick, which needs the writer."""
        fills, at = state.segments.fills(), answers.at.as_of
        shifts: list[Shift] = []
        for segment, found in zip(answers.segments, answers.found, strict=True):
            fill = fills.get(segment.segment_id)
            if fill and fill.refreshed_at > at:
                continue  # another process answered it anew in the meantime
            stored = state.segments.members(segment.segment_id)
            cause = cause_of_fill(segment, fill)
            shift = shift_between(stored, found, segment=segment, cause=cause, at=at)
            _write(shift, refreshed_at=at, state=state)
            shifts.append(shift)
        return SegmentChanges(shifts=tuple(shifts))

    def refresh_touched(
        self,
        profile_ids: Iterable[ProfileId],
        *,
        at: Moment,
        population: Population,
        state: DefinitionState,
    ) -> SegmentChanges:
        """Ask only the people something happened to; segments never filled wait for their first fill."""
        touched = sorted(set(profile_ids))
        fills = state.segments.fills()
        segments = [
            segment
            for segment in map(read_segment, state.segments.definitions.live_at(at.as_of))
            if (fill := fills.get(segment.segment_id)) and fill.version == segment.version
        ]
        if not touched or not segments:
            return SegmentChanges()
        definitions = LiveDefinitions(state, at=at, population=population)
        conditions = [resolve(segment.condition, definitions) for segment in segments]
        asks = [Ask(profile_id=profile_id, as_of=at.as_of) for profile_id in touched]
        verdicts = population.verdicts(conditions, asks, at=at)
        stored = state.segments.memberships(touched)
        shifts: list[Shift] = []
        for place, segment in enumerate(segments):
            fill = fills[segment.segment_id]
            was = [segment.segment_id in stored.get(profile_id, ()) for profile_id in touched]
            shift = touched_shift(
                touched, was=was, now=[verdict[place] for verdict in verdicts], fill=fill, at=at.as_of
            )
            if shift.entered.size or shift.left.size:
                _write(shift, refreshed_at=fill.refreshed_at, state=state)
                shifts.append(shift)
        return SegmentChanges(shifts=tuple(shifts))


def read_segment(definition: Definition) -> Segment:
    """A stored version as a segment, its condition read."""
    draft = parse_segment(definition.document)
    return Segment(
        segment_id=draft.segment_id,
        version=definition.version,
        name=draft.name,
        condition=draft.condition,
        document=definition.document,
        created_at=definition.created_at,
    )


def _write(shift: Shift, *, refreshed_at: datetime, state: DefinitionState) -> None:
    state.segments.apply(shift)
    state.segments.record_fill(
        SegmentFill(
            segment_id=shift.segment_id,
            version=shift.version,
            refreshed_at=refreshed_at,
            people=shift.people,
        )
    )


def _not_found(segment_id: str, known: Iterable[str]) -> SegmentNotFound:
    return SegmentNotFound(f"There is no segment {segment_id!r}.", hint=nearest(segment_id, known))
