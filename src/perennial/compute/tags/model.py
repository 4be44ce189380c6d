"""A tag's nouns: the three ways to compute one, the cuts a score rests on, and the values people have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from perennial.compute.profiles.people_port import Person
from perennial.compute.profiles.ports import Quantity
from perennial.kernel.conditions.model import Condition
from perennial.kernel.ids import ProfileId, TagId
from perennial.kernel.values import Json

Scalar = str | float


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCase:
    """One value of a tag, and who has it: whoever meets the condition, and stays until another is met."""

    value: str
    condition: Condition
    """Who may enter."""
    exit: Condition | None = None
    """Who has to leave; None where whoever may not enter leaves."""
    yields_to: tuple[str, ...] | None = None
    """The values whose entry ends the stay; None for all that stand above this one."""
    word: Literal["if", "enter"] = "if"
    """The key that the condition is written under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesTag:
    """The first case that holds gives the value; `otherwise` is everyone else's, None leaves them without."""

    cases: tuple[ValueCase, ...]
    otherwise: str | None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Everything that the document asks."""
        exits = tuple(case.exit for case in self.cases if case.exit is not None)
        return (*(case.condition for case in self.cases), *exits)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTag:
    """The value is a number about the person's events; where it is missing, so is the value."""

    quantity: Quantity


PartName = Literal["r", "f", "m"]
PART_NAMES: tuple[PartName, ...] = ("r", "f", "m")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """One of recency, frequency and money: a measure scored from 1 up."""

    name: PartName
    quantity: Quantity
    lower_is_better: bool
    cuts: tuple[float, ...] | None
    """Cuts fixed in the document, ascending; None where they are the population's quantiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmTag:
    """The value is one of eight groups, by whether recency, frequency and money score high or low."""

    parts: tuple[ScorePart, ScorePart, ScorePart]
    """Recency, frequency, money."""
    quantiles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTag:
    """The value is the group of customers that is nearest in recency, frequency and money (k-means)."""

    parts: tuple[ScorePart, ScorePart, ScorePart]
    """Recency, frequency, money."""
    least: int
    most: int
    """How many groups there may be; of several numbers the one that separates them best."""
    ages: bool = False
    """Whether time alone moves people, or only what they do."""


TagRecipe = ValuesTag | MeasureTag | RfmTag | ClusterTag

Layer = Literal["base", "behaviour", "result"]
LAYERS: tuple[Layer, ...] = ("base", "behaviour", "result")
"""What was told or is where somebody comes from; what they do; what follows from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """How a tag is looked after: its kind, whose it is, how often it is computed, how long it holds."""

    layer: Layer
    owner: str = ""
    description: str = ""
    refresh: timedelta | Literal["manual"] | None = None
    """How old values may become; only when somebody asks; or, where None, as old as all tags'."""
    expires: timedelta | None = None
    """From which age on values are shown no more; None where they stand until they are computed anew."""
    weight: int = 0
    """How much it counts among the tags of its dimension."""
    is_exclusive: bool = False
    """Whether nobody has a value of it and of another exclusive tag of its dimension: the weightier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagDraft:
    """A tag's document, read and found well-formed; it has no version yet."""

    tag_id: TagId
    name: str
    dimension: str
    recipe: TagRecipe
    upkeep: Upkeep
    document: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One version of a tag: something we compute about people."""

    tag_id: TagId
    version: int
    name: str
    dimension: str
    recipe: TagRecipe
    upkeep: Upkeep
    document: Mapping[str, Json]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Where scores change, as one population had it at one instant.

    A score is 1 + the number of cuts at or below the value, for recency 1 + the number at or above it.
    Each tuple ascends; it is shorter than the scale where so many people are equal that nobody has the
    highest scores.
    """

    computed_at: datetime
    people: int
    """How many were scored."""
    r: tuple[float, ...]
    f: tuple[float, ...]
    m: tuple[float, ...]

    def of(self, part: PartName) -> tuple[float, ...]:
        """The cuts of one part."""
        match part:
            case "r":
                return self.r
            case "f":
                return self.f
            case "m":
                return self.m


BY_CHANCE_MARGIN = 0.05
"""By how much a silhouette has to be above that of chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Where groups of customers lie, as one population had them at one instant."""

    computed_at: datetime
    people: int
    """How many were put into groups."""
    names: tuple[str, ...]
    centers: tuple[tuple[float, ...], ...]
    """Of each group recency, frequency and money, as logarithms, higher being better."""
    scale: tuple[float, ...]
    """The spread of each of the three among everyone: distances are in multiples of it."""
    silhouette: float
    """How well the groups are separated, from -1 to 1."""
    by_chance: float
    """The same where the three have nothing to do with each other."""

    @property
    def has_structure(self) -> bool:
        """Whether people lie in groups, rather than being cut into them: k-means always finds some."""
        return self.silhouette >= self.by_chance + BY_CHANCE_MARGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class TagColumn:
    """One tag's value for everyone who has one."""

    profile_ids: NDArray[np.uint64]
    values: Sequence[Scalar]
    """In the order of the profiles; of many people `columns.Coded` or `columns.Numbers`."""
    details: Sequence[Mapping[str, Json]] | None = None
    """What each value rests on, in the same order; None where the value says it all."""

    def rows(self) -> Iterator[tuple[int, Scalar, Mapping[str, Json] | None]]:
        """Profile, value and details of each person."""
        ids = self.profile_ids.tolist()
        for place, (profile_id, value) in enumerate(zip(ids, self.values, strict=True)):
            yield profile_id, value, self.details[place] if self.details else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFill:
    """How far a tag's stored values are up to date."""

    tag_id: TagId
    version: int
    refreshed_at: datetime
    people: int
    changed: int | None = None
    """How many people's value became another; None where that was not counted just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFailure:
    """A tag could not be computed; its last good values stay, with the time they are of."""

    tag_id: TagId
    version: int
    failed_at: datetime
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagValue:
    """What one person's value of a tag is, when it was computed, and what it rests on."""

    person: Person
    value: Scalar
    computed_at: datetime
    details: Mapping[str, Json] | None = None


Cause = Literal["definition", "refresh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """One person's value of a tag became another; None where there was none, or is none any more."""

    profile_id: ProfileId
    before: Scalar | None
    after: Scalar | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedChange:
    """A change of a value as it is kept: when it was found, by which version, and why it was looked for."""

    change: ValueChange
    tag_id: TagId
    version: int
    cause: Cause
    """`definition` where the document had changed, `refresh` where the person had."""
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Somebody says that a person's value of a tag is wrong."""

    tag_id: TagId
    person: Person
    value: Scalar
    """The value they had then."""
    version: int
    by: str
    note: str
    disputed_at: datetime
