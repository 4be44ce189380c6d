"""Where the border of a share of everyone lies, and how long that is kept: the cuts of `rank`."""

from collections import OrderedDict
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from perennial.compute.profiles.ports import Cut, Population, Quantity
from perennial.kernel.conditions.model import Aggregate, Rank
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.values import text_of
from perennial.kernel.windows import Zone

CUTS_RENEWED_EVERY = timedelta(hours=1)
MOST_CUTS = 1_000
"""Cuts that are remembered: the ones that were asked for last."""
_COUNT = Aggregate(kind="count")


def find_cut(rank: Rank, population: Population, *, at: Moment) -> Cut:
    """The border of a share at a moment: over everyone, in one pass, or two where only some are ranked.

    Ranked is who has such an event in the window and a value, and is one of those it is `among`, if any.
    """
    wanted = [
        Quantity(aggregate=aggregate, pattern=rank.pattern, window=rank.window)
        for aggregate in (_COUNT, rank.aggregate)
    ]
    found = population.quantities(wanted, at=at)
    counts, values = found.values[:, 0], found.values[:, 1]
    ranked = (counts > 0) & ~np.isnan(values)
    if rank.among is not None:
        [others] = population.members([rank.among], at=at)
        ranked &= np.isin(found.profile_ids, others, assume_unique=True)
    return Cut(value=border(values[ranked], rank), people=int(ranked.sum()), at=at.as_of)


def border(values: NDArray[np.float64], rank: Rank) -> float | None:
    """The value that as many people reach as the share has places; None of nobody's values.

    Places are rounded up. Who has the border's own value is inside, however many they are.
    """
    if not len(values):
        return None
    # As the decimal that was written: 0.1 is a little more than a tenth, and 10% of 10 would be 2.
    places = ceil(Fraction(text_of(rank.percent)) * len(values) / 100)
    ascending = np.sort(values)
    return float(ascending[len(values) - places] if rank.side == "top" else ascending[places - 1])


class KeptCuts:
    """Cuts as they were found, each for an hour: then the next who asks has it found anew."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Rank, Zone, datetime | None], Cut] = OrderedDict()
        self._finding = Lock()

    def cut(self, rank: Rank, population: Population, *, at: Moment) -> Cut:
        """The cut in force at a moment: found within the hour before it, or now, as of that moment."""
        key = (rank, at.zone, at.known_by)
        with self._finding:
            known = self._known.get(key)
            if known is not None and timedelta(0) <= at.as_of - known.at < CUTS_RENEWED_EVERY:
                self._known.move_to_end(key)
                return known
            found = find_cut(rank, population, at=at)
            if known is None or found.at > known.at:
                self._known[key] = found
                self._known.move_to_end(key)
            while len(self._known) > MOST_CUTS:
                self._known.popitem(last=False)
            return found
