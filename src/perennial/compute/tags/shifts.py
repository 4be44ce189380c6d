"""How two columns of a tag's values differ: by two rules, or at two moments. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perennial.compute.tags.model import Scalar, TagColumn, ValueChange
from perennial.kernel.ids import ProfileId

Values = NDArray[np.object_]

NOBODY = TagColumn(profile_ids=np.empty(0, dtype=np.uint64), values=())
"""The values of a tag that does not exist yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How many people had one value and have another, or still the same; None is no value."""

    before: Scalar | None
    after: Scalar | None
    people: int


def value_changes(before: TagColumn, after: TagColumn) -> Sequence[ValueChange]:
    """Exactly the people whose value differs, by profile."""
    people, old, new = _side_by_side(before, after)
    differ = np.flatnonzero(old != new)
    whose, earlier, later = people[differ].tolist(), _listed(old[differ]), _listed(new[differ])
    return [
        ValueChange(profile_id=ProfileId(profile_id), before=one, after=other)
        for profile_id, one, other in zip(whose, earlier, later, strict=True)
    ]


def value_shifts(before: TagColumn, after: TagColumn) -> Sequence[Shift]:
    """How many went from each value to each, whoever stayed among them; by value, none first.

    For named values: among numbers nearly everybody is a shift of their own.
    """
    _, old, new = _side_by_side(before, after)
    counted = Counter(zip(_listed(old), _listed(new), strict=True))
    in_order = sorted(counted.items(), key=lambda entry: (_order(entry[0][0]), _order(entry[0][1])))
    return [Shift(before=one, after=other, people=people) for (one, other), people in in_order]


def sizes(column: TagColumn) -> dict[Scalar, int]:
    """How many people have each value."""
    return dict(sorted(Counter(column.values).items(), key=lambda entry: _order(entry[0])))


def _side_by_side(before: TagColumn, after: TagColumn) -> tuple[NDArray[np.uint64], Values, Values]:
    """Everyone with a value on either side, ascending, and both values; None where there is none."""
    people = np.union1d(before.profile_ids, after.profile_ids)
    return people, _spread(before, people), _spread(after, people)


def _spread(column: TagColumn, people: NDArray[np.uint64]) -> Values:
    values = np.full(len(people), None, dtype=np.object_)
    own = np.empty(len(column.values), dtype=np.object_)
    own[:] = column.values
    values[np.searchsorted(people, column.profile_ids)] = own
    return values


def _listed(values: Values) -> list[Scalar | None]:
    return values.tolist()


def _order(value: Scalar | None) -> tuple[int, float, str]:
    if value is None:
        return 0, 0.0, ""
    return (2, 0.0, value) if isinstance(value, str) else (1, value, "")
