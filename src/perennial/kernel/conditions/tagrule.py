"""What a tag's rule is: three ways to compute a value about a person, and one to look it up."""

from dataclasses import dataclass

from perennial.kernel.conditions.model import Aggregate, Condition, EventPattern
from perennial.kernel.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRule:
    """Named values in order: the first whose condition holds is the person's."""

    values: tuple[tuple[str, Condition], ...]
    otherwise: str | None = None
    """The value of everybody else; None where they have none."""
    paths: tuple[str, ...] = ()
    """Where each condition is written; without them, at its place in `$.values`."""

    def path(self, place: int) -> str:
        """Where in the tag's document a condition is written."""
        return self.paths[place] if self.paths else f"$.values[{place}].if"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRule:
    """The value is a number about the person's events."""

    aggregate: Aggregate
    pattern: EventPattern
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """One of the numbers a score is made of, with the stored cuts that turn it into 1, 2, 3 …

    Score = 1 + the number of cuts at or below the value. Where `low_is_good` (recency: days since the
    last event), it is 1 + the number of cuts at or above the value, and cuts descend.
    """

    name: str
    aggregate: Aggregate
    pattern: EventPattern
    cuts: tuple[float, ...]
    window: Window | None = None
    low_is_good: bool = False
    high_from: int = 4
    """The least score that counts as high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreGroup:
    """A name for people who are high (true) or low (false) in each part, in the order of the parts."""

    name: str
    high: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRule:
    """RFM: everybody in the population is high or low in each part, and each combination has a name.

    People outside the population (no such event) have no value. Combinations without a group have none
    either.
    """

    population: Condition
    parts: tuple[ScorePart, ...]
    groups: tuple[ScoreGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRule:
    """The value is the one that was stored when it was last computed: no condition says it."""

    is_number: bool = False


TagRule = ValueRule | MeasureRule | ScoreRule | StoredRule
