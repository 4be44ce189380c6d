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
    AssignedIs,
    Change,
    Condition,
    ConsentIs,
    Constant,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    InSegment,
    Measure,
    Not,
    Rank,
    Seen,
    TagIs,
    Test,
    Trait,
)
from perennial.kernel.events import ANY_EVENT
from perennial.kernel.windows import LookBack, Window, begins, following


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBefore:
    """Whether the person was active by the time a lens begins; nobody is, over nothing."""

    opening: Lens


Leaf = Did | Measure | Change | DidInOrder | DidWithout | Trait | ConsentIs | AssignedIs | SeenBefore
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
        case Seen():
            return _of_sight(condition, algebra)
        case Did() | Measure() | Change() | Trait() | ConsentIs() | AssignedIs():
            return algebra.leaf(condition)
        case DidInOrder() | DidWithout():
            return algebra.leaf(condition)
        case TagIs() | InSegment() | Rank():
            raise TypeError("resolve the condition first: a tag, segment or rank is left in it")
        case _:
            assert_never(condition)


def _of_sight(seen: Seen, algebra: Algebra[_Answer]) -> _Answer:
    """When somebody was first or last seen as whether they were in a window, and before or after it."""
    inside = algebra.leaf(_active_in(seen.window))
    if seen.end == "first":
        if not begins(seen.window):
            return inside
        outside = algebra.leaf(SeenBefore(opening=Lens(window=seen.window)))
    else:
        rest = following(seen.window)
        if rest is None:
            return inside
        outside = algebra.leaf(_active_in(rest))
    return algebra.all_of([inside, algebra.negated(outside)])


def _active_in(window: Window | None) -> Did:
    once = Test(operator=">=", literal=1.0)
    return Did(pattern=EventPattern(event=ANY_EVENT), times=once, window=window)


def lenses_before(change: Change) -> list[Lens]:
    """The windows that a change is measured against."""
    window = LookBack(span=change.over)
    if change.against.shift is not None:
        return [Lens(window=window, back=change.against.shift)]
    return [Lens(window=window, back=change.over * k) for k in range(1, change.against.windows + 1)]


def first_lens(change: Change) -> Lens:
    """The window in which its baseline begins."""
    return max(lenses_before(change), key=lambda lens: lens.back)
