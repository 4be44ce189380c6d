"""Numbers about profiles, put together by person where that is exact (0034).

Then no row of the log has to be told whose it is.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from perennial.backends.clickhouse.overrides import Ids, Merged
from perennial.kernel.conditions.model import Aggregate

Numbers = NDArray[np.float64]

_TOGETHER: Mapping[str, np.ufunc] = {
    "count": np.add,
    "min": np.fmin,
    "max": np.fmax,
    "first_ago": np.fmax,
    "last_ago": np.fmin,
}
"""What makes one of two numbers. Sums are not among them: two that are rounded are not the sum of all."""


def are_put_together(aggregates: Iterable[Aggregate]) -> bool:
    """Whether a person's numbers follow from those of their profiles, to the last bit."""
    return all(aggregate.kind in _TOGETHER for aggregate in aggregates)


def of_people(
    profiles: Ids, numbers: Numbers, merged: Merged, aggregates: Iterable[Aggregate]
) -> tuple[Ids, Numbers]:
    """Everyone, ascending, and their numbers, from those of profiles (ascending): person by aggregate."""
    at, is_there = merged.among(profiles)
    places = merged.places[is_there]
    several = np.full((len(merged.places), numbers.shape[1]), np.nan)
    several[places] = numbers[at[is_there]]
    firsts = merged.firsts[:-1]
    theirs = np.empty((len(firsts), numbers.shape[1]))
    for place, aggregate in enumerate(aggregates):
        of_profiles = _filled(aggregate, several[:, place])
        theirs[:, place] = _TOGETHER[aggregate.kind].reduceat(of_profiles, firsts)
    united = merged.owning(places)
    alone = np.ones(len(profiles), dtype=np.bool_)
    alone[at[is_there]] = False
    people = np.concatenate([profiles[alone], merged.owners[united]])
    found = np.concatenate([numbers[alone], theirs[united]])
    ascending = np.argsort(people, kind="stable")
    return people[ascending], found[ascending]


def _filled(aggregate: Aggregate, column: Numbers) -> Numbers:
    """Numbers of profiles without rows so that they change nothing."""
    return np.nan_to_num(column, nan=0.0) if aggregate.kind == "count" else column
