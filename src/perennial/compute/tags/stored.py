"""Who passes a test of a tag's stored values. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from perennial.compute.tags.columns import Coded, Numbers
from perennial.compute.tags.model import Scalar, TagColumn
from perennial.kernel.conditions.model import TagIs, Test
from perennial.kernel.conditions.rules import passes
from perennial.kernel.windows import Zone

Ids = NDArray[np.uint64]
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_NO_ZONE = Zone()


def value_passes(test: Test, value: Scalar | None) -> bool:
    """Whether a stored value, or that there is none, passes a test; tests of dates are refused before."""
    return passes(test, [] if value is None else [value], as_of=_NO_TIME, zone=_NO_ZONE)


def takes_missing(asked: TagIs) -> bool:
    """Whether whoever has no value passes: everyone has to be known then."""
    return value_passes(asked.test, None)


def passing(asked: TagIs, column: TagColumn, everyone: Ids | None) -> Ids:
    """Who passes a test, ascending; `everyone` is needed where whoever has no value does."""
    passed = _passed(asked.test, column.values)
    if not takes_missing(asked):
        return column.profile_ids[passed]
    if everyone is None:
        raise TypeError("whoever has no value passes: everyone has to be known")
    return np.setdiff1d(everyone, column.profile_ids[~passed], assume_unique=True)


def _passed(test: Test, values: Sequence[Scalar]) -> NDArray[np.bool_]:
    """Of each value whether it passes; each distinct value is looked at once."""
    if isinstance(values, Coded):
        of_word = np.array([value_passes(test, word) for word in values.palette], dtype=np.bool_)
        return of_word[values.codes]
    if isinstance(values, Numbers):
        distinct, places = np.unique(values.array, return_inverse=True)
        of_number = np.array([value_passes(test, number) for number in distinct.tolist()], dtype=np.bool_)
        return of_number[places]
    known = {value: value_passes(test, value) for value in set(values)}
    return np.array([known[value] for value in values], dtype=np.bool_)
