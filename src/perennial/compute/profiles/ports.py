"""What knowing people needs of the event store: questions about everyone, or about a few."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from perennial.kernel.conditions.model import Aggregate, Condition, EventPattern, Rank
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.ids import ProfileId
from perennial.kernel.windows import Window

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number about each person: an aggregate over events of a window."""

    aggregate: Aggregate
    pattern: EventPattern
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """The same numbers about many people: one row per person, NaN where a value is missing."""

    profile_ids: NDArray[np.uint64]
    values: NDArray[np.float64]
    """Shape (people, quantities)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The value of the last one inside a share, as it was at an instant, of so many people ranked.

    None where nobody is. The instant is its version: a cut is never changed, a later one follows it.
    """

    value: float | None
    people: int
    at: datetime

    def aged(self, rank: Rank, at: datetime) -> float | None:
        """The value as it is by another instant: ages of events grow as time passes, for all alike."""
        if self.value is None or rank.aggregate.kind not in ("first_ago", "last_ago"):
            return self.value
        return self.value + (at - self.at) / _DAY


class Population(Protocol):
    """Everyone a workspace knows. Conditions are resolved: no tag and no segment is left in them.

    People are canonical profiles (merged ones count once) with at least one row by the moment.
    """

    def count(self, condition: Condition, *, at: Moment) -> int:
        """How many people meet the condition, exactly."""
        ...

    def members(self, conditions: Sequence[Condition], *, at: Moment) -> list[NDArray[np.uint64]]:
        """Who meets each condition, ascending ids; all conditions are answered in one pass."""
        ...

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, at: Moment
    ) -> list[tuple[bool, ...]]:
        """Each ask's verdict on each condition, as of the ask's own instant (`at.as_of` is not used).

        In the order of `asks`; a person with no row by then gets what a person without events gets.
        """
        ...

    def promote(self, paths: Sequence[str]) -> None:
        """Make these paths cheap to ask everyone about, the first ones first. Idempotent."""
        ...

    def quantities(self, wanted: Sequence[Quantity], *, at: Moment) -> Quantities:
        """The numbers of everyone known by the moment, in one pass."""
        ...

    def cut(self, rank: Rank, *, at: Moment) -> float | None:
        """The value of the last one inside a share of everyone; None where nobody is ranked.

        At most an hour old, so that what is asked of one person needs not ask everyone each time.
        """
        ...

    def cut_of(self, rank: Rank, *, at: Moment) -> Cut:
        """The same with when it was found and among how many people: what `cut` goes by."""
        ...

    def numbers_of(
        self, profile_id: ProfileId, wanted: Sequence[Quantity], *, at: Moment
    ) -> Sequence[float | None]:
        """One person's numbers, from their rows only; None where a value is missing."""
        ...
