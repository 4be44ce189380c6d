"""Keeping segments answered: saving definitions, refreshing membership, and saying who came and went."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from perennial.compute.definitions.model import Definition
from perennial.compute.definitions.service import (
    DefinitionState,
    LiveDefinitions,
    check_draft,
    save_version,
    vocabulary,
)
from perennial.compute.profiles.ports import Population
from perennial.compute.segments.answering import (
    Failure,
    SegmentAnswers,
    SegmentQuestions,
    answer_each,
    moment_of,
    said,
)
from perennial.compute.segments.concern import Happened, judge_touched
from perennial.compute.segments.footing import Footing, is_outdated, is_settled, signature
from perennial.compute.segments.model import Cause, Segment, SegmentChanges, SegmentFill, Shift, Standing
from perennial.compute.segments.parse import parse_segment
from perennial.compute.segments.rules import cause_of_fill, due_at, shift_between, touched_shift
from perennial.compute.segments.upkeep import make_due, settled, write_shift
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.conditions.resolve import Definitions, resolve
from perennial.kernel.conditions.walk import stands_alone
from perennial.kernel.errors import InvalidDocument, NotFound, Refused, nearest
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

__all__ = ["NotAList", "SegmentAnswers", "SegmentNotFound", "SegmentQuestions", "Segments", "read_segment"]

DEFAULT_REFRESH_INTERVAL = timedelta(hours=1)


class SegmentNotFound(NotFound):
    """No segment has this id."""

    code = "segment_not_found"


class NotAList(Refused):
    """Nobody is put on this segment by hand: only a list is made that way."""

    code = "not_a_list"


class Segments:
    """Every segment of a workspace. Methods work inside the caller's transaction of the state store."""

    def __init__(
        self, *, refresh_interval: timedelta = DEFAULT_REFRESH_INTERVAL, zone: Zone | None = None
    ) -> None:
        self._interval = refresh_interval
        self._zone = zone or Zone()
        self._read: dict[SegmentId, Segment] = {}
        """The versions that were last read: a version never changes."""
        self._footing: tuple[object, Footing] | None = None
        self._plain: dict[SegmentId, tuple[Segment, bool]] = {}
        """Whether the condition of a version names nothing: asked in every turn, and of most so."""

    def create(self, document: Json, *, state: DefinitionState, now: datetime) -> Segment:
        """Save a segment's document as its next version; the same document again is the same version.

        A list is there, empty, at once; other segments wait for their first answer. Raises InvalidDocument
        with every mistake, an unknown name or a circle among them.
        """
        own = document.get("id") if isinstance(document, Mapping) else None
        draft = parse_segment(document, known=vocabulary(state, besides=own if isinstance(own, str) else ""))
        check_draft(draft, state=state)
        before = state.segments.definitions.latest(draft.segment_id)
        segment = read_segment(save_version(draft, shelf=state.segments.definitions, now=now))
        if before is None or before.version != segment.version:
            self._begin(segment, state=state, now=now)
        return segment

    def list(self, *, state: DefinitionState) -> Sequence[Segment]:
        """The live version of every segment, by id."""
        return [self._as_segment(definition) for definition in state.segments.definitions.live()]

    def get(self, segment_id: SegmentId, *, state: DefinitionState) -> Segment:
        """A segment's live version. Raises SegmentNotFound."""
        found = state.segments.definitions.latest(segment_id)
        if found is None:
            raise _not_found(segment_id, (each.id for each in state.segments.definitions.live()))
        return read_segment(found)

    def fill(self, segment_id: SegmentId, *, state: DefinitionState) -> SegmentFill | None:
        """How far a segment is up to date and how many are in it; None before its first fill."""
        return state.segments.fills().get(segment_id)

    def footing(self, *, state: DefinitionState) -> Footing:
        """What every live segment rests on."""
        segments, tags = state.segments.definitions.live(), state.tags.definitions.live()
        signed = signature(segments, tags)
        if self._footing is None or self._footing[0] != signed:
            self._footing = signed, Footing(segments, tags)
        return self._footing[1]

    def due(self, *, at: datetime, state: DefinitionState) -> Sequence[SegmentId]:
        """The segments to answer anew: it is time, or something that they rest on changed."""
        fills, standings = state.segments.fills(), state.segments.standings()
        footing = self.footing(state=state)
        return [
            segment.segment_id
            for segment in self.live_at(at, state=state)
            if ((due := self._due_at(segment, fills, standings)) is not None and due <= at)
            or is_outdated(segment, fills.get(segment.segment_id), footing, standings.get(segment.segment_id))
        ]

    def next_due(self, *, state: DefinitionState) -> datetime | None:
        """When a segment that is answered is answered anew; None before the first fill of any."""
        fills, standings = state.segments.fills(), state.segments.standings()
        moments = [
            self._due_at(segment, fills, standings)
            for segment in self.list(state=state)
            if segment.segment_id in fills
        ]
        return min((moment for moment in moments if moment is not None), default=None)

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
        """What segments (by default those due) ask: the first of three steps, quick, with a reader.

        A list asks nothing, and neither does a frozen segment once it was answered.
        """
        wanted = self.due(at=at.as_of, state=state) if segment_ids is None else list(segment_ids)
        live = {each.segment_id: each for each in self.live_at(at.as_of, state=state)} if wanted else {}
        for segment_id in wanted:
            if segment_id not in live:
                raise _not_found(segment_id, live)
        conditions: dict[SegmentId, Condition] = {}
        failed: list[Failure] = []
        known: dict[datetime, LiveDefinitions] = {}
        fills = state.segments.fills()
        for segment in (live[one] for one in wanted):
            if is_settled(segment, fills.get(segment.segment_id)):
                continue
            then = moment_of(segment, at)
            definitions = known.get(then.as_of) or LiveDefinitions(state, at=then, population=population)
            known[then.as_of] = definitions
            try:
                conditions[segment.segment_id] = resolve(segment.condition, definitions)
            except InvalidDocument as error:
                failed.append(Failure(segment=segment, problem=said(error)))
        return SegmentQuestions(
            segments=tuple(live[one] for one in conditions),
            conditions=tuple(conditions.values()),
            at=at,
            failed=tuple(failed),
        )

    def answer(self, questions: SegmentQuestions, *, population: Population) -> SegmentAnswers:
        """Find who is in each segment, in one pass: the slow step, which holds no transaction open.

        One that cannot be answered fails alone. Raises Unavailable where nobody can be asked.
        """
        answered, failed = answer_each(questions, population)
        return SegmentAnswers(
            segments=tuple(segment for segment, _ in answered),
            found=tuple(found for _, found in answered),
            at=questions.at,
            failed=failed,
        )

    def settle(self, answers: SegmentAnswers, *, state: DefinitionState) -> SegmentChanges:
        """Write the answers, and say what changed: the last step, quick, which needs the writer.

        What could not be answered keeps its members, and says since when and why.
        """
        fills, standings = state.segments.fills(), state.segments.standings()
        at, footing = answers.at.as_of, self.footing(state=state)
        shifts: list[Shift] = []
        stands = [_failed(one, standings, at) for one in answers.failed]
        for segment, found in zip(answers.segments, answers.found, strict=True):
            fill = fills.get(segment.segment_id)
            if fill and fill.refreshed_at > at:
                continue  # another process answered it anew in the meantime
            was_outdated = is_outdated(segment, fill, footing)
            cause = cause_of_fill(segment, fill, is_outdated=was_outdated)
            stored = state.segments.members(segment.segment_id)
            shift = shift_between(stored, found, segment=segment, cause=cause, at=at)
            write_shift(shift, refreshed_at=at, state=state)
            shifts.append(shift)
            standing = standings.get(segment.segment_id)
            is_moved = was_outdated or footing.is_ranked(segment.segment_id)
            stands += filter(None, [settled(segment, shift, standing, is_moved=is_moved)])
        state.segments.stand(stands)
        kept = {one.segment_id for one in answers.segments if one.is_kept}
        self.follow([one for one in shifts if one.segment_id in kept], state=state)
        return SegmentChanges(shifts=tuple(shifts))

    def follow(self, shifts: Sequence[Shift], *, state: DefinitionState) -> None:
        """After kept members changed: have the segments that ask about them answered anew."""
        footing = self.footing(state=state)
        live = {one.segment_id for one in self.list(state=state) if one.kind == "live"}
        for shift in shifts:
            if shift.entered.size or shift.left.size:
                resting = {SegmentId(one) for one in footing.resting_on(shift.segment_id)} & live
                make_due(resting, at=shift.at, state=state)

    def followed(self, segment_ids: Iterable[str], *, at: datetime, state: DefinitionState) -> None:
        """Note that whom kept members moved was asked: everyone need not be for that."""
        standings = state.segments.standings()
        found = [standings[SegmentId(one)] for one in segment_ids if one in standings]
        state.segments.stand([replace(one, due_at=None) for one in found if one.due_at == at])

    def put(
        self,
        segment_id: SegmentId,
        *,
        add: Sequence[ProfileId] = (),
        remove: Sequence[ProfileId] = (),
        at: datetime,
        state: DefinitionState,
    ) -> SegmentChanges:
        """Put people on a list and take others off; who is both added and removed is off it.

        Whoever is on it already, or not, stays as they are. Raises SegmentNotFound, and NotAList.
        """
        segment = self.get(segment_id, state=state)
        fill = state.segments.fills().get(segment_id)
        if segment.kind != "list" or fill is None:
            raise NotAList(f"{segment_id!r} is a {segment.kind} segment.", hint="Its document says `kind`.")
        named = sorted({*add, *remove})
        present = {profile_id for _, profile_id in state.segments.since([segment_id], named)}
        gone = set(remove)
        entered = [one for one in named if one not in gone and one not in present]
        left = [one for one in named if one in gone and one in present]
        shift = Shift(
            segment_id=segment_id,
            version=segment.version,
            at=at,
            cause="list",
            entered=np.array(entered, dtype=np.uint64),
            left=np.array(left, dtype=np.uint64),
            people=fill.people + len(entered) - len(left),
        )
        if entered or left:
            write_shift(shift, refreshed_at=at, state=state)
            self.follow([shift], state=state)
        return SegmentChanges(shifts=(shift,))

    def refresh_touched(
        self,
        profile_ids: Iterable[ProfileId],
        *,
        at: Moment,
        population: Population,
        state: DefinitionState,
        among: Iterable[SegmentId] | None = None,
        cause: Cause = "event",
        happened: Happened | None = None,
    ) -> SegmentChanges:
        """Ask only the people something happened to; segments never filled wait for their first fill.

        `among`: only these segments. Those whose members are kept are moved by nothing that happens.
        `happened`: what did, where that is all that may have changed for them; of somebody who is in no
        segment it may be that we know them only now, and they are asked everything.
        """
        touched = sorted(set(profile_ids))
        fills = state.segments.fills()
        wanted = None if among is None else set(among)
        segments = [
            segment
            for segment in self.live_at(at.as_of, state=state)
            if (fill := fills.get(segment.segment_id))
            and fill.version == segment.version
            and segment.kind == "live"
            and (wanted is None or segment.segment_id in wanted)
        ]
        if not touched or not segments:
            return SegmentChanges()
        definitions = LiveDefinitions(state, at=at, population=population)
        conditions = [self.resolved(segment, definitions) for segment in segments]
        stored = state.segments.memberships(touched)
        known = {one: names for one, names in (happened or {}).items() if one in stored}
        verdicts = judge_touched(touched, conditions, known, at=at, population=population)
        shifts: list[Shift] = []
        for now, segment in zip(verdicts, segments, strict=True):
            fill = fills[segment.segment_id]
            people = sorted(now)
            was = [segment.segment_id in stored.get(profile_id, ()) for profile_id in people]
            holds = [now[profile_id] for profile_id in people]
            shift = touched_shift(people, was=was, now=holds, fill=fill, at=at.as_of, cause=cause)
            if shift.entered.size or shift.left.size:
                write_shift(shift, refreshed_at=fill.refreshed_at, state=state)
                shifts.append(shift)
        return SegmentChanges(shifts=tuple(shifts))

    def live_at(self, instant: datetime, *, state: DefinitionState) -> Sequence[Segment]:
        """The version of every segment that was live at an instant; of one written later, its first."""
        return [self._as_segment(definition) for definition in state.segments.definitions.live_at(instant)]

    def resolved(self, segment: Segment, definitions: Definitions) -> Condition:
        """A segment's condition with no name left in it; one that names nothing is that already."""
        if segment.segment_id not in self._plain or self._plain[segment.segment_id][0] is not segment:
            names_nothing = stands_alone(segment.condition)
            self._plain[segment.segment_id] = segment, names_nothing
        if self._plain[segment.segment_id][1]:
            return segment.condition
        return resolve(segment.condition, definitions)

    def _as_segment(self, definition: Definition) -> Segment:
        known = self._read.get(SegmentId(definition.id))
        if known is None or known.version != definition.version:
            known = read_segment(definition)
            self._read[known.segment_id] = known
        return known

    def _due_at(
        self,
        segment: Segment,
        fills: Mapping[SegmentId, SegmentFill],
        standings: Mapping[SegmentId, Standing],
    ) -> datetime | None:
        fill, standing = fills.get(segment.segment_id), standings.get(segment.segment_id)
        return due_at(segment, fill, standing, interval=self._interval, zone=self._zone)

    def _begin(self, segment: Segment, *, state: DefinitionState, now: datetime) -> None:
        """What a new version starts with: what went wrong with the last one is over, and a list is there."""
        standing = state.segments.standings().get(segment.segment_id)
        if standing and standing.failed_at:
            state.segments.stand([replace(standing, failed_at=None, problem=None)])
        if segment.kind == "list":
            members = state.segments.members(segment.segment_id)
            empty = shift_between(members, members, segment=segment, cause="list", at=now)
            write_shift(empty, refreshed_at=now, state=state)


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
        kind=draft.kind,
        schedule=draft.schedule,
        as_of=draft.as_of,
    )


def _failed(failure: Failure, standings: Mapping[SegmentId, Standing], at: datetime) -> Standing:
    segment_id = failure.segment.segment_id
    standing = standings.get(segment_id) or Standing(segment_id=segment_id)
    return replace(standing, failed_at=at, problem=failure.problem)


def _not_found(segment_id: str, known: Iterable[str]) -> SegmentNotFound:
    return SegmentNotFound(f"There is no segment {segment_id!r}.", hint=nearest(segment_id, known))
