"""Numbers of profiles put together by person, where people were merged."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perennial.backends.clickhouse.overrides import Ids, Merged

Column = NDArray[Any]
"""Of any type: each comes out as it went in."""


def united(
    profiles: Ids, columns: Sequence[Column], ways: Sequence[np.ufunc], merged: Merged
) -> tuple[Ids, list[Column]]:
    """One row for each person, ascending: what several profiles of one hold is brought together."""
    people, _, values = by_key(profiles, (), columns, ways, merged)
    return people, values


def by_key(
    profiles: Ids,
    keys: Sequence[NDArray[np.int32]],
    columns: Sequence[Column],
    ways: Sequence[np.ufunc],
    merged: Merged,
) -> tuple[Ids, list[NDArray[np.int32]], list[Column]]:
    """One row for each person and key, ascending by person, then key."""
    several = merged.has(profiles)
    people = profiles
    if several.any():
        people = profiles.copy()
        people[several] = merged.people_of(profiles[several])
    if not len(people):
        return people, list(keys), list(columns)
    order = np.lexsort((*reversed(keys), people)) if keys else np.argsort(people, kind="stable")
    people, sorted_keys = people[order], [key[order] for key in keys]
    values = [column[order] for column in columns]
    if not several.any():
        return people, sorted_keys, values
    is_new = np.append([True], people[1:] != people[:-1])
    for key in sorted_keys:
        is_new[1:] |= key[1:] != key[:-1]
    firsts = np.flatnonzero(is_new)
    brought = [way.reduceat(column, firsts) for way, column in zip(ways, values, strict=True)]
    return people[firsts], [key[firsts] for key in sorted_keys], brought
