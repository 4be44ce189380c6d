"""The segments and tags in force at an instant, as conditions refer to them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.compute.definitions.excluding import Cases, excluding, rivals
from perennial.compute.definitions.model import Definition
from perennial.compute.definitions.ports import DefinitionShelf
from perennial.compute.profiles.ports import Population
from perennial.compute.segments.model import SegmentDraft
from perennial.compute.segments.parse import parse_segment
from perennial.compute.segments.ports import SegmentShelf
from perennial.compute.tags.model import Cuts, RfmTag, Tag, TagDraft, ValuesTag
from perennial.compute.tags.parse import parse_tag
from perennial.compute.tags.ports import TagShelf
from perennial.compute.tags.rules import cuts_for, rfm_quantities, scored_people, tag_rule
from perennial.kernel.conditions.model import Condition, InSegment, Rank, TagIs, Test
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.conditions.parse import Vocabulary
from perennial.kernel.conditions.resolve import resolve
from perennial.kernel.conditions.tagrule import StoredRule, TagRule, ValueRule
from perennial.kernel.ids import TagId
from perennial.kernel.values import canonical

_HAS_A_VALUE = Test(operator="set", literal=True)


class DefinitionState(Protocol):
    """The part of a state transaction that definitions live in."""

    @property
    def segments(self) -> SegmentShelf:
        """Segments and their members."""
        ...

    @property
    def tags(self) -> TagShelf:
        """Tags and their values."""
        ...


class LiveDefinitions:
    """`kernel.conditions.Definitions` as of a moment; each document is read when a condition asks for it.

    Scores rest on the newest stored cuts at or before the moment; before the first they are computed from
    the population, or, without one, taken as none (enough to see whether a document refers to what exists).
    A draft stands in for what is saved under its id, so that it can be checked before it is saved.
    """

    def __init__(
        self,
        state: DefinitionState,
        *,
        at: Moment | None = None,
        population: Population | None = None,
        draft: SegmentDraft | TagDraft | None = None,
    ) -> None:
        self._shelf = state.tags
        self._at = at
        self._population = population
        self._segments = _in_force(state.segments.definitions, at)
        self._tags = _in_force(state.tags.definitions, at)
        self._conditions: dict[str, Condition] = {}
        self._rules: dict[str, TagRule] = {}
        self._drafts: dict[str, TagDraft] | None = None
        self._draft = draft if isinstance(draft, TagDraft) else None
        match draft:
            case SegmentDraft():
                self._conditions[draft.segment_id] = draft.condition
            case TagDraft():
                self._rules[draft.tag_id] = self._rule(draft, None)
            case None:
                pass

    @property
    def tag_ids(self) -> Collection[str]:
        """Every tag there is."""
        return self._tags.keys() | self._rules.keys()

    @property
    def segment_ids(self) -> Collection[str]:
        """Every segment there is."""
        return self._segments.keys() | self._conditions.keys()

    def segment(self, segment_id: str) -> Condition | None:
        """A segment's condition, unresolved; of one whose members are kept, that they are.

        Without a moment its condition stands all the same: a circle through it is one.
        """
        if segment_id not in self._conditions and segment_id in self._segments:
            draft = parse_segment(self._segments[segment_id].document)
            is_kept = draft.kind != "live" and self._at is not None
            kept = InSegment(segment=segment_id, is_kept=True)
            self._conditions[segment_id] = kept if is_kept else draft.condition
        return self._conditions.get(segment_id)

    def tag(self, tag_id: str) -> TagRule | None:
        """A tag's rule, its conditions unresolved."""
        if tag_id not in self._rules and tag_id in self._tags:
            definition = self._tags[tag_id]
            draft = parse_tag(definition.document)
            cuts = self._cuts(definition, draft.recipe) if isinstance(draft.recipe, RfmTag) else None
            rule = self._rule(draft, cuts)
            is_gone = isinstance(rule, StoredRule) and self._is_expired(draft)
            self._rules[tag_id] = ValueRule(values=()) if is_gone else rule
        return self._rules.get(tag_id)

    def cut(self, rank: Rank) -> float | None:
        """The border of a share of everyone by the moment; None where there is nobody to rank."""
        if self._at is None or self._population is None:
            return None
        return self._population.cut(rank, at=self._at)

    def cases(self, tag: Tag | TagDraft) -> Cases:
        """A tag's values and who has each, unresolved: nobody whom a weightier tag of its dimension takes."""
        return excluding(tag, self._mates() if tag.upkeep.is_exclusive else ())

    def exclusive_with(self, tag: TagDraft) -> Sequence[TagDraft]:
        """The tags that a tag excludes, or that exclude it."""
        return tuple(rivals(tag, self._mates())) if tag.upkeep.is_exclusive else ()

    def _rule(self, tag: TagDraft, cuts: Cuts | None) -> TagRule:
        if isinstance(tag.recipe, ValuesTag):
            cases = self.cases(tag)
            return ValueRule(
                values=tuple((step.value, step.condition) for step in cases),
                otherwise=tag.recipe.otherwise,
                paths=tuple(step.path for step in cases),
            )
        return tag_rule(tag.recipe, cuts)

    def _is_expired(self, tag: TagDraft) -> bool:
        """Whether stored values are too old to be shown: nobody has one then."""
        fill = self._shelf.fills().get(tag.tag_id) if tag.upkeep.expires is not None else None
        expires = tag.upkeep.expires
        if self._at is None or fill is None or expires is None:
            return False
        return fill.refreshed_at + expires <= self._at.as_of

    def _mates(self) -> Iterable[TagDraft]:
        """All tags there are, read once."""
        if self._drafts is None:
            self._drafts = {one.id: parse_tag(one.document) for one in self._tags.values()}
            if self._draft is not None:
                self._drafts[self._draft.tag_id] = self._draft
        return self._drafts.values()

    def _cuts(self, definition: Definition, tag: RfmTag) -> Cuts | None:
        if self._at is None:
            return None
        stored = self._shelf.cuts_at(TagId(definition.id), definition.version, self._at.as_of)
        if stored is not None or self._population is None:
            return stored
        found = self._population.quantities(rfm_quantities(tag), at=self._at)
        return cuts_for(tag, scored_people(found), at=self._at.as_of)


def vocabulary(state: DefinitionState, *, besides: str = "") -> Vocabulary:
    """The segments and tags a document may name, `besides` (the one being written) among them.

    A document that names itself is thus refused as the circle it is, not as a name unknown.
    """
    segments = {definition.id for definition in state.segments.definitions.live()}
    tags = {definition.id for definition in state.tags.definitions.live()}
    return Vocabulary(segments=segments | {besides}, tags=tags | {besides})


def check_draft(draft: SegmentDraft | TagDraft, *, state: DefinitionState) -> None:
    """Refuse a draft that refers to itself in a circle, or that what is saved could no longer refer to.

    Raises InvalidDocument.
    """
    definitions = LiveDefinitions(state, draft=draft)
    for path, condition in _conditions_of(draft):
        resolve(condition, definitions, path=path)
    for tag_id in _excluding_or_excluded(draft, definitions):
        resolve(TagIs(tag=tag_id, test=_HAS_A_VALUE), definitions, path=f"tag {tag_id}: $.exclusive")
    for definition in state.segments.definitions.live():
        if definition.id != draft_id(draft):
            resolve(
                parse_segment(definition.document).condition, definitions, path=f"segment {definition.id}: $"
            )
    for definition in state.tags.definitions.live():
        if definition.id != draft_id(draft):
            for path, condition in _conditions_of(parse_tag(definition.document)):
                resolve(condition, definitions, path=f"tag {definition.id}: {path}")


def _excluding_or_excluded(draft: SegmentDraft | TagDraft, definitions: LiveDefinitions) -> Iterator[str]:
    """A tag that excludes others asks what they ask: that must not lead back to itself."""
    if isinstance(draft, TagDraft) and draft.upkeep.is_exclusive:
        yield draft.tag_id
        yield from (one.tag_id for one in definitions.exclusive_with(draft))


def save_version(draft: SegmentDraft | TagDraft, *, shelf: DefinitionShelf, now: datetime) -> Definition:
    """Keep a draft as the next version, or the live version where the document is the same."""
    live = shelf.latest(draft_id(draft))
    if live is not None and canonical(live.document) == canonical(draft.document):
        return live
    definition = Definition(
        id=draft_id(draft),
        version=1 if live is None else live.version + 1,
        name=draft.name,
        document=draft.document,
        created_at=now,
    )
    shelf.save(definition)
    return definition


def draft_id(draft: SegmentDraft | TagDraft) -> str:
    """The id a draft is saved under."""
    return draft.segment_id if isinstance(draft, SegmentDraft) else draft.tag_id


def _conditions_of(draft: SegmentDraft | TagDraft) -> Iterator[tuple[str, Condition]]:
    """A draft's conditions, each with its path."""
    if isinstance(draft, SegmentDraft):
        yield "$.condition", draft.condition
    elif isinstance(draft.recipe, ValuesTag):
        for place, case in enumerate(draft.recipe.cases):
            yield f"$.values[{place}].{case.word}", case.condition
            if case.exit is not None:
                yield f"$.values[{place}].exit", case.exit


def _in_force(shelf: DefinitionShelf, at: Moment | None) -> Mapping[str, Definition]:
    definitions = shelf.live() if at is None else shelf.live_at(at.as_of)
    return {definition.id: definition for definition in definitions}
