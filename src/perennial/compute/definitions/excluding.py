"""Tags of one dimension that exclude each other: whoever has a value of one has none of the others. Pure."""

from collections.abc import Iterable, Iterator

from perennial.compute.tags.model import Tag, TagDraft, ValuesTag
from perennial.compute.tags.stages import Step, steps_of
from perennial.kernel.conditions.model import All, AnyOf, Not

Cases = tuple[Step, ...]
"""The values of a tag, and who has each: the first that holds is the person's."""


def excluding(tag: Tag | TagDraft, others: Iterable[TagDraft]) -> Cases:
    """A tag's cases, of whom no weightier tag of its dimension takes the person away.

    Of two of one weight the first by id has precedence. It is enough to look at what the others ask by
    themselves: whoever is taken away from one of them is taken away by another that is weightier still.
    """
    cases = _cases(tag)
    if not tag.upkeep.is_exclusive:
        return cases
    weightier = tuple(
        Not(of=AnyOf(of=tuple(step.condition for step in _cases(other))))
        for other in rivals(tag, others)
        if _rank(other) < _rank(tag)
    )
    if not weightier:
        return cases
    return tuple(step._replace(condition=All(of=(step.condition, *weightier))) for step in cases)


def rivals(tag: Tag | TagDraft, others: Iterable[TagDraft]) -> Iterator[TagDraft]:
    """The tags that a tag excludes or is excluded by, the weightiest first."""
    found = [
        other
        for other in others
        if other.tag_id != tag.tag_id
        and other.upkeep.is_exclusive
        and tag.upkeep.is_exclusive
        and other.dimension == tag.dimension
    ]
    yield from sorted(found, key=_rank)


def _rank(tag: Tag | TagDraft) -> tuple[int, str]:
    return -tag.upkeep.weight, tag.tag_id


def _cases(tag: Tag | TagDraft) -> Cases:
    recipe = tag.recipe
    if not isinstance(recipe, ValuesTag):
        return ()
    return steps_of(tag.tag_id, recipe)
