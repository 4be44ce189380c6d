"""What a person without any row that matters is answered: the same questions over nothing.

It decides whether a pass may skip rows (nobody without them meets a condition), and answers for asks
about people with no rows at all.
"""

from collections.abc import Sequence

from perennial.backends.clickhouse.algebra import Leaf, SeenBefore, answered
from perennial.kernel.conditions.model import (
    ZERO_WHEN_EMPTY,
    Aggregate,
    AssignedIs,
    Change,
    Condition,
    ConsentIs,
    Did,
    DidInOrder,
    DidWithout,
    Measure,
    Trait,
)
from perennial.kernel.conditions.rules import PASSED_BY_MISSING, number_passes


def holds_over_nothing(condition: Condition) -> bool:
    """Whether a resolved condition holds for a person without events and traits."""
    return answered(condition, _OverNothing())


def leaf_over_nothing(leaf: Leaf) -> bool:
    """Whether a leaf holds for a person without a row of its kind."""
    match leaf:
        case Did():
            return number_passes(leaf.times, 0.0)
        case Measure():
            return number_passes(leaf.test, _over_nothing(leaf.aggregate))
        case Change():
            return _change_over_nothing(leaf)
        case Trait() | ConsentIs() | AssignedIs():
            return leaf.test.operator in PASSED_BY_MISSING or (
                leaf.test.operator == "set" and leaf.test.literal is False
            )
        case SeenBefore() | DidInOrder() | DidWithout():
            return False


class _OverNothing:
    """`Algebra` of what is answered where there are no rows."""

    def constant(self, value: bool, /) -> bool:
        """The value."""
        return value

    def leaf(self, leaf: Leaf, /) -> bool:
        """What the leaf is over nothing."""
        return leaf_over_nothing(leaf)

    def all_of(self, parts: Sequence[bool], /) -> bool:
        """Whether all are true."""
        return all(parts)

    def any_of(self, parts: Sequence[bool], /) -> bool:
        """Whether one is true."""
        return any(parts)

    def negated(self, part: bool, /) -> bool:
        """Not this."""
        return not part


def _over_nothing(aggregate: Aggregate) -> float | None:
    return 0.0 if aggregate.kind in ZERO_WHEN_EMPTY else None


def _change_over_nothing(change: Change) -> bool:
    """Nothing has no percentage; what is left is a difference of 0 above a floor."""
    value = _over_nothing(change.aggregate)
    if value is None or change.percent:
        return False
    if change.floor is None or change.floor > 0:
        return False
    return number_passes(change.test, 0.0)
