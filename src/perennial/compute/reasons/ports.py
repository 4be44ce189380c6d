"""What reasons need of the stores: verdicts and numbers about one person."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.compute.profiles.ports import Cut, Quantity
from perennial.compute.reasons.model import LastTold
from perennial.compute.tags.model import Scalar
from perennial.kernel.conditions.model import Condition, Rank, Told
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.ids import ProfileId, SegmentId, TagId


class Witnesses(Protocol):
    """Everything that can be looked up about one person, as of a moment."""

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, at: Moment
    ) -> list[tuple[bool, ...]]:
        """Each ask's verdict on each condition."""
        ...

    def numbers_of(
        self, profile_id: ProfileId, wanted: Sequence[Quantity], *, at: Moment
    ) -> Sequence[float | None]:
        """One person's numbers; None where a value is missing."""
        ...

    def cut_of(self, rank: Rank, *, at: Moment) -> Cut:
        """The border of a share of everyone that is in force, when it was found, and among how many."""
        ...

    def told_of(
        self, profile_id: ProfileId, wanted: Collection[Told], *, at: Moment
    ) -> Mapping[Told, LastTold]:
        """What was last told of each trait, consent or arm; what never was is absent."""
        ...

    def kept_of(
        self, profile_id: ProfileId, segments: Collection[SegmentId], *, at: Moment
    ) -> Mapping[SegmentId, datetime]:
        """Since when the person is in each of these segments whose members are kept."""
        ...

    def stored_of(
        self, profile_id: ProfileId, tags: Collection[TagId], *, at: Moment
    ) -> Mapping[TagId, Scalar]:
        """The person's values of these tags as they were stored by the moment."""
        ...
