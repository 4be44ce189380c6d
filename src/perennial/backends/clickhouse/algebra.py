"""How a condition's answer follows from those of its leaves, whatever an answer is made of.

A leaf is a question that one kind of rows answers: the rows of one event name, activity of any kind, or
what people said of themselves. `all`, `any` and `not` over leaves are the same in SQL, over arrays of
people, and over nothing; this is the one place that says what they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar, assert_never

from perennial.backends.clickhouse.scope import Lens
from perennial.kernel.conditions.model import (
    All,
    AnyOf,
    Change,
    Condition,
    Constant,
    Did,
    InSegment,
    Measure,
    Not,
    TagIs,
    Trait,
)
from perennial.kernel.windows import LookBack


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBefore:
    """Whether the person was active by the time a lens begins; nobody is, over nothing."""

    opening: Lens


Leaf = Did | Measure | Change | Trait | SeenBefore
"""A question that one kind of rows answers; a `Change` here is one that includes new people."""

_Answer = TypeVar("_Answer")


class Algebra(Protocol[_Answer]):
    """Answers of one kind, and how they are put together."""

    def constant(self, value: bool, /) -> _Answer:
        """The same answer for everyone."""
        ...

    def leaf(self, leaf: Leaf, /) -> _Answer:
        """The answer to a leaf, settled: true or false, never missing."""
        ...

    def all_of(self, parts: Sequence[_Answer], /) -> _Answer:
        """Every one of at least one part."""
        ...

    def any_of(self, parts: Sequence[_Answer], /) -> _Answer:
        """One of at least one part."""
        ...

    def negated(self, part: _Answer, /) -> _Answer:
        """The other answer."""
        ...


def answered(condition: Condition, algebra: Algebra[_Answer]) -> _Answer:
    """A resolved condition's answer, put together from those of its leaves."""
    match condition:
        case Constant():
            return algebra.constant(condition.value)
        case All():
            parts = [answered(part, algebra) for part in condition.of]
            return algebra.all_of(parts) if parts else algebra.constant(True)
        case AnyOf():
            parts = [answered(part, algebra) for part in condition.of]
            return algebra.any_of(parts) if parts else algebra.constant(False)
        case Not():
            return algebra.negated(answered(condition.of, algebra))
        case Change(include_new=False):
            change = algebra.leaf(replace(condition, include_new=True))
            return algebra.all_of([change, algebra.leaf(SeenBefore(opening=first_lens(condition)))])
        case Did() | Measure() | Change() | Trait():
            return algebra.leaf(condition)
        case TagIs() | InSegment():
            raise TypeError("resolve the condition first: a tag or segment is left in it")
        case _:
            assert_never(condition)


def lenses_before(change: Change) -> list[Lens]:
    """The windows that a change is measured against."""
    window = LookBack(span=change.over)
    if change.against.shift is not None:
        return [Lens(window=window, back=change.against.shift)]
    return [Lens(window=window, back=change.over * k) for k in range(1, change.against.windows + 1)]


def first_lens(change: Change) -> Lens:
    """The window in which its baseline begins."""
    return max(lenses_before(change), key=lambda lens: lens.back)
