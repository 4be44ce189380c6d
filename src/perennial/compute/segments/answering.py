"""Asking everyone: what is asked, what was answered, and how one question that fails fails alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import structlog
from numpy.typing import NDArray

from perennial.compute.profiles.ports import Population
from perennial.compute.segments.model import Segment
from perennial.compute.segments.rules import follow
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.errors import PerennialError, Unavailable
from perennial.kernel.ids import ProfileId

_log = structlog.get_logger(__name__)
Answered = tuple[Segment, NDArray[np.uint64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A segment that could not be answered, and why."""

    segment: Segment
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentQuestions:
    """What is to be asked of everyone at one moment, with no name left in it; needs the store no more."""

    segments: tuple[Segment, ...]
    conditions: tuple[Condition, ...]
    at: Moment
    failed: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentAnswers:
    """Who meets each segment's condition at one moment; nothing is written yet."""

    segments: tuple[Segment, ...]
    found: tuple[NDArray[np.uint64], ...]
    at: Moment
    failed: tuple[Failure, ...] = ()

    def following(self, became: Mapping[ProfileId, ProfileId]) -> "SegmentAnswers":
        """The same after some people were merged: whoever is lost stands under the kept one."""
        return replace(self, found=tuple(follow(each, became) for each in self.found))


def moment_of(segment: Segment, at: Moment) -> Moment:
    """The moment a segment is asked as of: a frozen one may keep another than the present."""
    return at if segment.as_of is None else replace(at, as_of=segment.as_of)


def said(error: PerennialError) -> str:
    """Why something failed, in one line."""
    return f"{error.message} {error.hint}".strip()


def answer_each(
    questions: SegmentQuestions, population: Population
) -> tuple[list[Answered], tuple[Failure, ...]]:
    """Who meets each condition, those of one moment in one pass; what cannot be answered is told apart.

    Raises Unavailable where nobody can be asked at all.
    """
    answered: list[Answered] = []
    failed = list(questions.failed)
    moments: dict[datetime, list[tuple[Segment, Condition]]] = {}
    for segment, condition in zip(questions.segments, questions.conditions, strict=True):
        moments.setdefault(moment_of(segment, questions.at).as_of, []).append((segment, condition))
    for as_of, asked in moments.items():
        found, refused = _answer(asked, replace(questions.at, as_of=as_of), population)
        answered += found
        failed += refused
    return answered, tuple(failed)


def _answer(
    asked: Sequence[tuple[Segment, Condition]], at: Moment, population: Population
) -> tuple[list[Answered], list[Failure]]:
    """All in one pass; where that fails, each half by itself, until those at fault stand alone."""
    segments = [segment for segment, _ in asked]
    try:
        found = population.members([condition for _, condition in asked], at=at)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one definition trips over, the others are answered
        if len(asked) > 1:
            middle = len(asked) // 2
            first = _answer(asked[:middle], at, population)
            second = _answer(asked[middle:], at, population)
            return first[0] + second[0], first[1] + second[1]
        _log.warning("segment_failed", segment=segments[0].segment_id, exc_info=True)
        problem = said(error) if isinstance(error, PerennialError) else type(error).__name__
        return [], [Failure(segment=segments[0], problem=problem)]
    return list(zip(segments, found, strict=True)), []
