"""Bringing segments and tags up to date for everyone: because it is due, somebody asked, or history came in.

Everyone is asked, which may take long: no transaction is open meanwhile, and others may write. Who was merged
in that time is followed when the answers are written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from perennial.compute.segments import SegmentChanges
from perennial.compute.segments.service import SegmentAnswers, SegmentQuestions
from perennial.compute.segments.timekeeping import follow_tags
from perennial.compute.segments.upkeep import drifted
from perennial.compute.tags import TagFill
from perennial.compute.tags.answering import TagAnswers, TagQuestions
from perennial.kernel.conditions import Moment
from perennial.kernel.conditions.walk import paths_most_asked
from perennial.kernel.errors import PerennialError
from perennial.kernel.ids import ProfileId, SegmentId, TagId
from perennial.runtime.consequences import Stages, effects_of, occurrence_of, record_effects
from perennial.runtime.ports import StateTransaction

_log = structlog.get_logger(__name__)

Record = Callable[[SegmentChanges, StateTransaction], None]


@dataclass(frozen=True, slots=True)
class _Questions:
    """What is asked of everyone, and how many merges there had been."""

    segments: SegmentQuestions
    tags: TagQuestions
    merges: int


@dataclass(frozen=True, slots=True)
class _Answers:
    segments: SegmentAnswers
    tags: TagAnswers
    merges: int


def refresh_due(stages: Stages, *, now: datetime) -> None:
    """Answer the segments and tags that are due, all of each in one pass."""
    questions = _questions(stages, None, None, now=now)
    asked = questions.segments
    if not (asked.segments or asked.failed or questions.tags.asked or questions.tags.failed):
        return
    answers = _answer(stages, questions)
    with stages.state.begin() as transaction:
        before = transaction.segments.standings()
        changes = stages.segments.settle(_segments_now(answers, transaction), state=transaction)
        wrong = drifted(before, transaction.segments.standings())
        _settle_tags(stages, answers, transaction, now=now)
        record_refresh(stages, changes, transaction, now=now)
    if wrong:
        # The full refresh is a backstop that should find nothing: a fault of ours, put right.
        _log.error("segments_drifted", people=wrong)
    _promote(stages, questions)


def refresh_segments(
    stages: Stages, ids: Sequence[str] | None, *, now: datetime, record: Record | None = None
) -> SegmentChanges:
    """Answer these segments for everyone; journeys see who came and went.

    Unless named, all that are live, and of the others whose time has come.

    `record` says what else becomes of the changes. Raises SegmentNotFound.
    """
    with stages.state.read() as transaction:
        due = set(stages.segments.due(at=now, state=transaction))
        known = stages.segments.list(state=transaction)
    every = [one.segment_id for one in known if one.kind == "live" or one.segment_id in due]
    wanted = every if ids is None else [SegmentId(one) for one in ids]
    answers = _answer(stages, _questions(stages, wanted, (), now=now))
    with stages.state.begin() as transaction:
        changes = stages.segments.settle(_segments_now(answers, transaction), state=transaction)
        if record is None:
            record_refresh(stages, changes, transaction, now=now)
        else:
            record(changes, transaction)
    return changes


def refresh_tags(stages: Stages, ids: Sequence[str] | None, *, now: datetime) -> Sequence[TagFill]:
    """Compute these tags (all unless named) for everyone. Raises TagNotFound."""
    with stages.state.read() as transaction:
        known = [one.tag_id for one in stages.tags.list(state=transaction)]
    wanted = known if ids is None else [TagId(one) for one in ids]
    answers = _answer(stages, _questions(stages, (), wanted, now=now))
    with stages.state.begin() as transaction:
        return _settle_tags(stages, answers, transaction, now=now)


def _settle_tags(
    stages: Stages, answers: _Answers, transaction: StateTransaction, *, now: datetime
) -> Sequence[TagFill]:
    """Write values; segments that ask for stored ones are answered anew in the next turn."""
    fills = stages.tags.settle(_tags_now(answers, transaction), state=transaction)
    changed = [fill.tag_id for fill in fills if fill.changed]
    if changed:
        follow_tags(stages.segments, changed, at=now, state=transaction)
    return fills


def record_refresh(
    stages: Stages, changes: SegmentChanges, transaction: StateTransaction, *, now: datetime
) -> None:
    """Let journeys see who entered or left a segment, and record it."""
    occurrences = [occurrence_of(event) for event in changes.events()]
    effects = effects_of(stages, transaction, occurrences, is_drained=True, now=now)
    record_effects(stages, transaction, changes, effects, now=now)


def record_import(changes: SegmentChanges, transaction: StateTransaction) -> None:
    """Record who entered or left because history came in: what we know changed, not the person."""
    shifts = [replace(one, cause="import") if one.cause == "refresh" else one for one in changes.shifts]
    transaction.emitted.record(list(SegmentChanges(shifts=tuple(shifts)).events()))


def _questions(
    stages: Stages, segments: Sequence[SegmentId] | None, tags: Sequence[TagId] | None, *, now: datetime
) -> _Questions:
    at, population = Moment(as_of=now, zone=stages.zone), stages.population
    with stages.state.read() as transaction:
        return _Questions(
            stages.segments.questions(segments, at=at, population=population, state=transaction),
            stages.tags.questions(tags, at=at, population=population, state=transaction),
            transaction.identities.last_merge(),
        )


def _answer(stages: Stages, questions: _Questions) -> _Answers:
    return _Answers(
        stages.segments.answer(questions.segments, population=stages.population),
        stages.tags.answer(questions.tags, population=stages.population),
        questions.merges,
    )


def _segments_now(answers: _Answers, transaction: StateTransaction) -> SegmentAnswers:
    became = _merged_since(answers, transaction)
    return answers.segments.following(became) if became else answers.segments


def _tags_now(answers: _Answers, transaction: StateTransaction) -> TagAnswers:
    became = _merged_since(answers, transaction)
    return answers.tags.following(became) if became else answers.tags


def _merged_since(answers: _Answers, transaction: StateTransaction) -> dict[ProfileId, ProfileId]:
    """Who became whom while everyone was asked: an import, or another process, may have merged them."""
    merges, _ = transaction.identities.merges(after=answers.merges)
    return dict(transaction.identities.merged([merge.lost for merge in merges])) if merges else {}


def _promote(stages: Stages, questions: _Questions) -> None:
    """For the next time: what is asked of everyone again and again gets columns of its own."""
    asked = [*questions.segments.conditions, *questions.tags.conditions]
    try:
        stages.population.promote(paths_most_asked(asked))
    except PerennialError as error:
        # The answers are written and stay right; the next refresh tries again.
        _log.warning("not_promoted", code=error.code, hint=error.hint)
