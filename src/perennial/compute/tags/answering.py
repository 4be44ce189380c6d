"""Asking everyone for their values, all tags at once; one tag that fails fails alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import structlog

from perennial.compute.profiles.ports import Population, Quantities, Quantity
from perennial.compute.profiles.service import EVERYONE
from perennial.compute.tags.grouping import Before, grouped_column, groups_for, news_of
from perennial.compute.tags.model import (
    ClusterTag,
    Cuts,
    Groups,
    MeasureTag,
    RfmTag,
    Tag,
    TagColumn,
    TagFailure,
    ValuesTag,
)
from perennial.compute.tags.rules import (
    cuts_for,
    follow,
    measure_column,
    rfm_column,
    rfm_quantities,
    scored_people,
    values_column,
)
from perennial.compute.tags.shifts import NOBODY
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.errors import PerennialError, Unavailable
from perennial.kernel.ids import ProfileId, TagId

_log = structlog.get_logger(__name__)
Asked = tuple[Tag, tuple[Condition, ...]]
"""A tag, and the conditions of its values, in their order; none where it is a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagQuestions:
    """What tags ask of everyone at one moment, with no name left in it; needs the store no more."""

    asked: tuple[Asked, ...]
    at: Moment
    failed: tuple[TagFailure, ...] = ()
    before: Mapping[TagId, Before] = field(default_factory=dict[TagId, Before])
    """Of tags that go on from what they were: the groups and values of the refresh before."""

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The tags that are asked for."""
        return tuple(tag for tag, _ in self.asked)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All their conditions, in order."""
        return tuple(condition for _, conditions in self.asked for condition in conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagAnswer:
    """One tag's values for everyone at one moment; nothing is written yet."""

    tag: Tag
    column: TagColumn
    cuts: Cuts | None
    at: datetime
    groups: Groups | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagAnswers:
    """The values of some tags at one moment, and which could not be computed; nothing is written yet."""

    answers: tuple[TagAnswer, ...]
    failed: tuple[TagFailure, ...] = ()

    def following(self, became: Mapping[ProfileId, ProfileId]) -> "TagAnswers":
        """The same after some people were merged: a lost one's value stands only where the kept has none."""
        return replace(
            self,
            answers=tuple(replace(each, column=follow(each.column, became)) for each in self.answers),
        )


def failure(tag: Tag, error: Exception, *, at: datetime) -> TagFailure:
    """That a tag could not be computed, and why, in one line."""
    told = f"{error.message} {error.hint}" if isinstance(error, PerennialError) else type(error).__name__
    return TagFailure(tag_id=tag.tag_id, version=tag.version, failed_at=at, problem=told.strip())


def answer_tags(questions: TagQuestions, population: Population) -> list[TagAnswer]:
    """Everyone's values: one pass for conditions, one for numbers. Raises what the population raises."""
    return [
        *_numbers(questions, population=population),
        *_named(questions, population=population),
    ]


def answer_each(questions: TagQuestions, population: Population) -> TagAnswers:
    """Everyone's values, in few passes; where that fails, each half by itself, until one is alone at fault.

    Raises Unavailable where nobody can be asked at all.
    """
    try:
        return TagAnswers(answers=tuple(answer_tags(questions, population)), failed=questions.failed)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one tag trips over, the others are computed
        if len(questions.asked) == 1:
            [tag] = questions.tags
            _log.warning("tag_failed", tag=tag.tag_id, exc_info=True)
            alone = failure(tag, error, at=questions.at.as_of)
            return TagAnswers(answers=(), failed=(*questions.failed, alone))
    middle = len(questions.asked) // 2
    first = answer_each(replace(questions, asked=questions.asked[:middle]), population)
    second = answer_each(replace(questions, asked=questions.asked[middle:], failed=()), population)
    return TagAnswers(answers=first.answers + second.answers, failed=first.failed + second.failed)


def _named(questions: TagQuestions, *, population: Population) -> list[TagAnswer]:
    """The tags with named values: all their conditions in one pass."""
    at = questions.at
    if not any(isinstance(tag.recipe, ValuesTag) for tag in questions.tags):
        return []
    everyone, *holding = population.members([EVERYONE, *questions.conditions], at=at)
    answers: list[TagAnswer] = []
    for tag, conditions in questions.asked:
        if isinstance(tag.recipe, ValuesTag):
            theirs, holding = holding[: len(conditions)], holding[len(conditions) :]
            column = values_column(tag.recipe, theirs, everyone)
            answers.append(TagAnswer(tag=tag, column=column, cuts=None, at=at.as_of))
    return answers


def _numbers(questions: TagQuestions, *, population: Population) -> list[TagAnswer]:
    """The tags that are numbers, scores or groups: all their quantities in one pass, each asked once."""
    numeric = [tag for tag in questions.tags if not isinstance(tag.recipe, ValuesTag)]
    if not numeric:
        return []
    asked = [_quantities(tag, questions) for tag in numeric]
    wanted = list(dict.fromkeys(quantity for quantities in asked for quantity in quantities))
    found = population.quantities(wanted, at=questions.at)
    answers: list[TagAnswer] = []
    for tag, quantities in zip(numeric, asked, strict=True):
        places = [wanted.index(quantity) for quantity in quantities]
        theirs = Quantities(profile_ids=found.profile_ids, values=found.values[:, places])
        answers.append(_number_answer(tag, theirs, questions))
    return answers


def _quantities(tag: Tag, questions: TagQuestions) -> tuple[Quantity, ...]:
    match tag.recipe:
        case MeasureTag(quantity=quantity):
            return (quantity,)
        case RfmTag():
            return rfm_quantities(tag.recipe)
        case ClusterTag():
            before = questions.before.get(tag.tag_id)
            since = None if before is None else before.groups.computed_at
            news = () if since is None else news_of(tag.recipe, since, questions.at.as_of)
            return rfm_quantities(tag.recipe) + news
        case ValuesTag():
            return ()


def _number_answer(tag: Tag, found: Quantities, questions: TagQuestions) -> TagAnswer:
    at = questions.at.as_of
    match tag.recipe:
        case RfmTag():
            scored = scored_people(found)
            cuts = cuts_for(tag.recipe, scored, at=at)
            return TagAnswer(tag=tag, column=rfm_column(tag.recipe, scored, cuts), cuts=cuts, at=at)
        case ClusterTag():
            return _group_answer(tag, tag.recipe, found, questions)
        case _:
            column = measure_column(found.profile_ids, found.values[:, 0])
            return TagAnswer(tag=tag, column=column, cuts=None, at=at)


def _group_answer(tag: Tag, recipe: ClusterTag, found: Quantities, questions: TagQuestions) -> TagAnswer:
    at, before = questions.at.as_of, questions.before.get(tag.tag_id)
    order = np.argsort(found.profile_ids)  # sums depend on the order, and groups are to be the same ones
    values = found.values[order]
    measured = Quantities(profile_ids=found.profile_ids[order], values=values[:, :6])
    scored = scored_people(measured)
    news = values[np.isin(measured.profile_ids, scored.profile_ids), 6:]
    groups = groups_for(recipe, scored, before and before.groups, at=at)
    if groups is None:
        return TagAnswer(tag=tag, column=NOBODY, cuts=None, at=at)
    column = grouped_column(recipe, scored, groups, before=before, news=news)
    return TagAnswer(tag=tag, column=column, cuts=None, at=at, groups=groups)
