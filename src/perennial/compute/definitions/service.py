"""The segments and tags in force at an instant, as conditions refer to them."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from perennial.compute.definitions.model import Definition
from perennial.compute.definitions.ports import DefinitionShelf
from perennial.compute.profiles.ports import Population
from perennial.compute.segments.model import SegmentDraft
from perennial.compute.segments.parse import parse_segment
from perennial.compute.segments.ports import SegmentShelf
from perennial.compute.tags.model import Cuts, RfmTag, TagDraft, ValuesTag
from perennial.compute.tags.parse import parse_tag
from perennial.compute.tags.ports import TagShelf
from perennial.compute.tags.rules import cuts_for, rfm_quantities, scored_people, tag_rule
from perennial.kernel.conditions.model import Condition, InSegment
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.conditions.parse import Vocabulary
from perennial.kernel.conditions.resolve import resolve
from perennial.kernel.conditions.tagrule import TagRule
from perennial.kernel.ids import TagId
from perennial.kernel.values import canonical


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
        match draft:
            case SegmentDraft():
                self._conditions[draft.segment_id] = draft.condition
            case TagDraft():
                self._rules[draft.tag_id] = tag_rule(draft.recipe, None)
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
            recipe = parse_tag(definition.document).recipe
            cuts = self._cuts(definition, recipe) if isinstance(recipe, RfmTag) else None
            self._rules[tag_id] = tag_rule(recipe, cuts)
        return self._rules.get(tag_id)

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
    for definition in state.segments.definitions.live():
        if definition.id != draft_id(draft):
            resolve(
                parse_segment(definition.document).condition, definitions, path=f"segment {definition.id}: $"
            )
    for definition in state.tags.definitions.live():
        if definition.id != draft_id(draft):
            for path, condition in _conditions_of(parse_tag(definition.document)):
                resolve(condition, definitions, path=f"tag {definition.id}: {path}")


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
            yield f"$.values[{place}].if", case.condition


def _in_force(shelf: DefinitionShelf, at: Moment | None) -> Mapping[str, Definition]:
    definitions = shelf.live() if at is None else shelf.live_at(at.as_of)
    return {definition.id: definition for definition in definitions}
