"""What a person without any row that matters is answered: the same questions over nothing.

It decides whether a pass may skip rows (nobody without them meets a condition), and answers for asks
about people with no rows at all.
"""

from typing import assert_never

from perennial.kernel.conditions.model import (
    ZERO_WHEN_EMPTY,
    Aggregate,
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
from perennial.kernel.conditions.rules import PASSED_BY_MISSING, number_passes


def holds_over_nothing(condition: Condition) -> bool:
    """Whether a resolved condition holds for a person without events and traits."""
    match condition:
        case Constant():
            return condition.value
        case All():
            return all(holds_over_nothing(part) for part in condition.of)
        case AnyOf():
            return any(holds_over_nothing(part) for part in condition.of)
        case Not():
            return not holds_over_nothing(condition.of)
        case Did():
            return number_passes(condition.times, 0.0)
        case Measure():
            return number_passes(condition.test, _over_nothing(condition.aggregate))
        case Change():
            return _change_over_nothing(condition)
        case Trait():
            return condition.test.operator in PASSED_BY_MISSING or (
                condition.test.operator == "set" and condition.test.literal is False
            )
        case TagIs() | InSegment():
            raise TypeError("resolve the condition first: a tag or segment is left in it")
        case _:
            assert_never(condition)


def _over_nothing(aggregate: Aggregate) -> float | None:
    return 0.0 if aggregate.kind in ZERO_WHEN_EMPTY else None


def _change_over_nothing(change: Change) -> bool:
    """Nobody was seen, and nothing has no percentage; what is left is a difference of 0 above a floor."""
    value = _over_nothing(change.aggregate)
    if value is None or not change.include_new or change.percent:
        return False
    if change.floor is None or change.floor > 0:
        return False
    return number_passes(change.test, 0.0)
