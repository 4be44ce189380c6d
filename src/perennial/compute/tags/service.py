"""Keeping tags computed: definitions, everyone's values in few passes, and pages of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from perennial.compute.definitions.model import Definition
from perennial.compute.definitions.service import (
    DefinitionState,
    LiveDefinitions,
    check_draft,
    save_version,
    vocabulary,
)
from perennial.compute.profiles.cursor import cursor_after, read_cursor
from perennial.compute.profiles.ports import Population
from perennial.compute.tags.answering import (
    Asked,
    TagAnswer,
    TagAnswers,
    TagQuestions,
    answer_each,
    failure,
)
from perennial.compute.tags.grouping import Before
from perennial.compute.tags.model import (
    Cause,
    ClusterTag,
    RecordedChange,
    Scalar,
    Tag,
    TagFailure,
    TagFill,
    TagValue,
    ValueChange,
    ValuesTag,
)
from perennial.compute.tags.parse import parse_tag
from perennial.compute.tags.versions import is_expired, read_tag, tag_of
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.conditions.resolve import resolve
from perennial.kernel.errors import InvalidDocument, NotFound, nearest
from perennial.kernel.ids import TagId, profile_text
from perennial.kernel.values import Json

DEFAULT_REFRESH_INTERVAL = timedelta(hours=1)


class TagNotFound(NotFound):
    """No tag has this id."""

    code = "tag_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPage:
    """Some people's values of a tag, and where to go on."""

    values: tuple[TagValue, ...]
    next: str | None
    """The cursor of the following page; None where this is the last."""

    def by_user(self) -> dict[str, Scalar]:
        """Value by user id; anonymous people stand under their `prf_…` id."""
        return {
            each.person.user_id or profile_text(each.person.profile_id): each.value for each in self.values
        }


class Tags:
    """Every tag of a workspace. Methods work inside the caller's transaction of the state store."""

    def __init__(self, *, refresh_interval: timedelta = DEFAULT_REFRESH_INTERVAL) -> None:
        self._interval = refresh_interval
        self._read: dict[str, tuple[Definition, Tag]] = {}
        """The versions that were last read: a version never changes."""

    def create(self, document: Json, *, state: DefinitionState, now: datetime) -> Tag:
        """Save a tag's document as its next version; the same document again is the same version.

        Raises InvalidDocument with every mistake, an unknown name or a circle among them.
        """
        own = document.get("id") if isinstance(document, Mapping) else None
        draft = parse_tag(document, known=vocabulary(state, besides=own if isinstance(own, str) else ""))
        check_draft(draft, state=state)
        return read_tag(save_version(draft, shelf=state.tags.definitions, now=now))

    def draft(self, document: Json, *, state: DefinitionState, now: datetime) -> Tag:
        """The version a document would become, without saving it. Raises InvalidDocument."""
        own = document.get("id") if isinstance(document, Mapping) else None
        draft = parse_tag(document, known=vocabulary(state, besides=own if isinstance(own, str) else ""))
        check_draft(draft, state=state)
        live = state.tags.definitions.latest(draft.tag_id)
        return tag_of(draft, version=1 if live is None else live.version + 1, created_at=now)

    def list(self, *, state: DefinitionState) -> Sequence[Tag]:
        """The live version of every tag, by id."""
        return [self._as_tag(definition) for definition in state.tags.definitions.live()]

    def get(self, tag_id: TagId, *, state: DefinitionState) -> Tag:
        """A tag's live version. Raises TagNotFound."""
        found = state.tags.definitions.latest(tag_id)
        if found is None:
            raise _not_found(tag_id, (each.id for each in state.tags.definitions.live()))
        return read_tag(found)

    def due(self, *, at: datetime, state: DefinitionState) -> Sequence[TagId]:
        """The tags whose last refresh is older than the interval, or was of another version."""
        tried = _last_tried(state)
        live = map(self._as_tag, state.tags.definitions.live_at(at))
        return [tag.tag_id for tag in live if self._is_due(tag, tried.get(tag.tag_id), at)]

    def next_due(self, *, state: DefinitionState) -> datetime | None:
        """When a tag that is computed is computed anew; None before the first is, or where none will be."""
        tried = _last_tried(state)
        rhythms = [
            (tried[tag.tag_id][1], self._rhythm(tag)) for tag in self.list(state=state) if tag.tag_id in tried
        ]
        return min((last + rhythm for last, rhythm in rhythms if rhythm is not None), default=None)

    def _as_tag(self, definition: Definition) -> Tag:
        known = self._read.get(definition.id)
        if known is None or known[0] != definition:
            known = definition, read_tag(definition)
            self._read[definition.id] = known
        return known[1]

    def _is_due(self, tag: Tag, tried: tuple[int, datetime] | None, at: datetime) -> bool:
        rhythm = self._rhythm(tag)
        if rhythm is None:
            return False
        return tried is None or tried[0] != tag.version or tried[1] + rhythm <= at

    def _rhythm(self, tag: Tag) -> timedelta | None:
        """How old its values may become; None where they are computed only when somebody asks."""
        match tag.upkeep.refresh:
            case "manual":
                return None
            case None:
                return self._interval
            case refresh:
                return refresh

    def refresh(
        self,
        tag_ids: Iterable[TagId] | None = None,
        *,
        at: Moment,
        population: Population,
        state: DefinitionState,
    ) -> Sequence[TagFill]:
        """Compute tags (by default those due) for everyone: one pass for conditions, one for numbers.

        Raises TagNotFound.
        """
        return self.settle(self.ask(tag_ids, at=at, population=population, state=state), state=state)

    def ask(
        self,
        tag_ids: Iterable[TagId] | None = None,
        *,
        at: Moment,
        population: Population,
        state: DefinitionState,
    ) -> TagAnswers:
        """Find everyone's values, and write nothing, within one reader's transaction."""
        questions = self.questions(tag_ids, at=at, population=population, state=state)
        return self.answer(questions, population=population)

    def questions(
        self,
        tag_ids: Iterable[TagId] | None = None,
        *,
        at: Moment,
        population: Population,
        state: DefinitionState,
    ) -> TagQuestions:
        """What tags (by default those due) ask: the first of three steps, quick, with a reader."""
        wanted = self.due(at=at.as_of, state=state) if tag_ids is None else list(tag_ids)
        live = {each.id: each for each in state.tags.definitions.live_at(at.as_of)}
        for tag_id in wanted:
            if tag_id not in live:
                raise _not_found(tag_id, live)
        asked: list[Asked] = []
        failed: list[TagFailure] = []
        definitions = LiveDefinitions(state, at=at, population=population)
        for tag in (read_tag(live[tag_id]) for tag_id in wanted):
            try:
                asked.append((tag, _conditions(tag, definitions)))
            except InvalidDocument as error:  # what it rests on is no longer what it was
                failed.append(failure(tag, error, at=at.as_of))
        before = _before([tag for tag, _ in asked], at=at, state=state)
        return TagQuestions(asked=tuple(asked), at=at, failed=tuple(failed), before=before)

    def questions_of(
        self, tag: Tag, *, at: Moment, population: Population, state: DefinitionState
    ) -> TagQuestions:
        """What one version of a tag asks, saved or not; what it refers to is taken as it is live then."""
        definitions = LiveDefinitions(state, at=at, population=population)
        before = _before([tag], at=at, state=state)
        return TagQuestions(asked=((tag, _conditions(tag, definitions)),), at=at, before=before)

    def answer(self, questions: TagQuestions, *, population: Population) -> TagAnswers:
        """Find everyone's values: the slow step, which holds no transaction open. One fails alone."""
        return answer_each(questions, population)

    def settle(self, answers: TagAnswers, *, state: DefinitionState) -> Sequence[TagFill]:
        """Write the answers: the last step, quick, which needs the writer.

        What could not be computed keeps its values, and says since when and why.
        """
        known = state.tags.fills()
        fills: list[TagFill] = []
        for answer in answers.answers:
            tag = answer.tag
            if answer.cuts is not None:
                state.tags.record_cuts(tag.tag_id, tag.version, answer.cuts)
            if answer.groups is not None:
                state.tags.groups.record(tag.tag_id, tag.version, answer.groups)
            changes = state.tags.write_values(tag.tag_id, answer.column, computed_at=answer.at)
            _record(changes, answer, known.get(tag.tag_id), state)
            people = len(answer.column.profile_ids)
            fill = TagFill(
                tag_id=tag.tag_id,
                version=tag.version,
                refreshed_at=answer.at,
                people=people,
                changed=len(changes),
            )
            state.tags.record_fill(fill)
            fills.append(fill)
        state.tags.record_failures(answers.failed)
        return fills

    def values(
        self,
        tag_id: TagId,
        *,
        limit: int = 100,
        after: str | None = None,
        now: datetime,
        state: DefinitionState,
    ) -> TagPage:
        """People's values as last computed, sorted by user id, the anonymous last; none that expired.

        Raises TagNotFound, and InvalidCursor where `after` is not the `next` of a page.
        """
        if is_expired(self.get(tag_id, state=state), state.tags.fills().get(tag_id), now):
            return TagPage(values=(), next=None)
        start = None if after is None else read_cursor(after)
        found = state.tags.page(tag_id, limit=limit + 1, after=start)
        values = tuple(found[:limit])
        more = len(found) > limit and values
        return TagPage(values=values, next=cursor_after(values[-1].person) if more else None)


def _conditions(tag: Tag, definitions: LiveDefinitions) -> tuple[Condition, ...]:
    if not isinstance(tag.recipe, ValuesTag):
        return ()
    return tuple(resolve(step.condition, definitions) for step in definitions.cases(tag))


def _before(tags: Sequence[Tag], *, at: Moment, state: DefinitionState) -> dict[TagId, Before]:
    """What the last refresh of each version that makes groups came to, by the moment."""
    found: dict[TagId, Before] = {}
    for tag in tags:
        if not isinstance(tag.recipe, ClusterTag):
            continue
        groups = state.tags.groups.at(tag.tag_id, tag.version, at.as_of)
        if groups is not None:
            column = state.tags.past.everyone(tag.tag_id, at.as_of)
            found[tag.tag_id] = Before(groups=groups, column=column)
    return found


def _last_tried(state: DefinitionState) -> dict[TagId, tuple[int, datetime]]:
    """Which version of each tag was last computed, or tried, and when."""
    tried = {tag_id: (fill.version, fill.refreshed_at) for tag_id, fill in state.tags.fills().items()}
    failed = {tag_id: (one.version, one.failed_at) for tag_id, one in state.tags.failures().items()}
    return {**tried, **failed}


def _record(
    changes: Sequence[ValueChange], answer: TagAnswer, last: TagFill | None, state: DefinitionState
) -> None:
    """Keep how values changed; a first fill changes nothing, we only began to ask."""
    if last is None:
        return
    tag = answer.tag
    cause: Cause = "refresh" if last.version == tag.version else "definition"
    state.tags.history.record(
        [
            RecordedChange(
                change=change, tag_id=tag.tag_id, version=tag.version, cause=cause, changed_at=answer.at
            )
            for change in changes
        ]
    )


def _not_found(tag_id: str, known: Iterable[str]) -> TagNotFound:
    return TagNotFound(f"There is no tag {tag_id!r}.", hint=nearest(tag_id, known))
