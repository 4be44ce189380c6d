"""Values that people stay in: entered by one rule, left by another, so that nobody wavers at a border. Pure.

Whoever has such a value, as it was last stored, keeps it while its exit rule does not hold and no value that
it yields to may be entered. Whoever does not stay gets the first value that may be entered, or `else`. To ask
twice at one moment is to ask once: whoever moved stays where they moved to.
"""

from collections.abc import Iterator
from typing import NamedTuple

from perennial.compute.tags.model import ValueCase, ValuesTag
from perennial.kernel.conditions.model import All, AnyOf, Condition, Not, TagIs, Test


class Step(NamedTuple):
    """One of the questions, in their order, of which the first that holds gives the value."""

    value: str
    condition: Condition
    path: str
    """Where in the tag's document it is written."""


def has_stages(tag: ValuesTag) -> bool:
    """Whether any value is stayed in: a person's value then depends on the one before."""
    return any(case.exit is not None for case in tag.cases)


def steps_of(tag_id: str, tag: ValuesTag) -> tuple[Step, ...]:
    """Who stays in a value, of each that is stayed in; then who may enter each."""
    return (*_staying(tag_id, tag), *_entering(tag))


def yields_to(tag: ValuesTag, place: int) -> tuple[ValueCase, ...]:
    """The values whose entry ends a stay: those that are named, or else all that stand above."""
    case = tag.cases[place]
    if case.yields_to is None:
        return tag.cases[:place]
    return tuple(other for other in tag.cases if other.value in case.yields_to)


def _staying(tag_id: str, tag: ValuesTag) -> Iterator[Step]:
    for place, case in enumerate(tag.cases):
        if case.exit is None:
            continue
        has_it = TagIs(tag=tag_id, test=Test(operator="=", literal=case.value), is_stored=True)
        stays: tuple[Condition, ...] = (has_it, Not(of=case.exit))
        takers = tuple(other.condition for other in yields_to(tag, place))
        if takers:
            stays += (Not(of=takers[0] if len(takers) == 1 else AnyOf(of=takers)),)
        yield Step(case.value, All(of=stays), f"$.values[{place}].exit")


def _entering(tag: ValuesTag) -> Iterator[Step]:
    for place, case in enumerate(tag.cases):
        yield Step(case.value, case.condition, f"$.values[{place}].{case.word}")
