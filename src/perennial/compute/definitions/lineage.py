"""What a definition is made of: the events, traits, tags and segments its conditions speak of. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from perennial.compute.profiles.ports import Quantity
from perennial.compute.tags.model import ClusterTag, MeasureTag, RfmTag, TagRecipe, ValuesTag
from perennial.kernel.conditions.model import (
    Aggregate,
    Change,
    Condition,
    DidInOrder,
    DidWithout,
    EventPattern,
    Measure,
    Rank,
    Trait,
)
from perennial.kernel.conditions.walk import parts, patterns_in, patterns_of, references


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Everything that is named directly, each in the order of names."""

    events: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Each event, with the paths of its properties that are looked at."""
    traits: Sequence[str] = ()
    tags: Sequence[str] = ()
    segments: Sequence[str] = ()


def lineage_of(conditions: Iterable[Condition]) -> Lineage:
    """What conditions are made of."""
    events: dict[str, set[str]] = {}
    traits: set[str] = set()
    tags: set[str] = set()
    segments: set[str] = set()
    for condition in conditions:
        for pattern in patterns_in(condition):
            _add(events, pattern)
        for part in parts(condition):
            if isinstance(part, Trait):
                traits.add(part.trait)
            if isinstance(part, Measure | Change | Rank):
                _add(events, part.pattern, part.aggregate)
            if isinstance(part, DidInOrder | DidWithout):
                for pattern, path in zip(patterns_of(part), part.same or (), strict=False):
                    events[pattern.event].add(path)
        named_tags, named_segments = references(condition)
        tags |= named_tags
        segments |= named_segments
    return Lineage(
        events=_sorted(events), traits=sorted(traits), tags=sorted(tags), segments=sorted(segments)
    )


def tag_lineage(recipe: TagRecipe) -> Lineage:
    """What a tag is made of."""
    match recipe:
        case ValuesTag():
            return lineage_of(recipe.conditions)
        case MeasureTag():
            return _quantities_lineage([recipe.quantity])
        case RfmTag() | ClusterTag():
            return _quantities_lineage([part.quantity for part in recipe.parts])


def _quantities_lineage(quantities: Iterable[Quantity]) -> Lineage:
    events: dict[str, set[str]] = {}
    for quantity in quantities:
        _add(events, quantity.pattern, quantity.aggregate)
    return Lineage(events=_sorted(events))


def _add(events: dict[str, set[str]], pattern: EventPattern, aggregate: Aggregate | None = None) -> None:
    paths = events.setdefault(pattern.event, set())
    paths.update(test.property for test in pattern.where)
    if aggregate is not None and aggregate.property is not None:
        paths.add(aggregate.property)


def _sorted(events: Mapping[str, set[str]]) -> dict[str, Sequence[str]]:
    return {name: sorted(paths) for name, paths in sorted(events.items())}
