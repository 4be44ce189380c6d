"""What segments need of the state store; every method works inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from perennial.compute.definitions.ports import DefinitionShelf
from perennial.compute.segments.model import Membership, SegmentFill, Shift, Size, Standing
from perennial.kernel.ids import ProfileId, SegmentId


class SegmentShelf(Protocol):
    """Segments' versions, and who is in each."""

    @property
    def definitions(self) -> DefinitionShelf:
        """Every version of every segment."""
        ...

    def fills(self) -> Mapping[SegmentId, SegmentFill]:
        """How far each segment that was ever filled is up to date."""
        ...

    def members(self, segment_id: SegmentId) -> NDArray[np.uint64]:
        """Who is stored as a member, ascending."""
        ...

    def memberships(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, frozenset[SegmentId]]:
        """The segments each of these people is stored in; people in none are absent."""
        ...

    def memberships_of(self, profile_id: ProfileId) -> Sequence[Membership]:
        """The segments one person is in, and since when, by id."""
        ...

    def page(
        self, segment_id: SegmentId, *, limit: int, after: ProfileId | None = None
    ) -> Sequence[Membership]:
        """Members by profile id, after one of them."""
        ...

    def since(
        self, segment_ids: Sequence[SegmentId], profile_ids: Sequence[ProfileId]
    ) -> Mapping[tuple[SegmentId, ProfileId], datetime]:
        """Which of these people are in which of these segments, and since when."""
        ...

    def changed_at(self, segment_id: SegmentId) -> datetime | None:
        """When a segment's members last changed or were found to be the same; None before its first fill."""
        ...

    def apply(self, shift: Shift) -> None:
        """Write who came and went."""
        ...

    def standings(self) -> Mapping[SegmentId, Standing]:
        """How segments stand besides; those of which there is nothing to say are absent."""
        ...

    def stand(self, standings: Sequence[Standing]) -> None:
        """Note how segments stand."""
        ...

    def record_size(self, segment_id: SegmentId, size: Size) -> None:
        """Note how many are in a segment; the last of each hour stays, for so many days."""
        ...

    def sizes(self, segment_id: SegmentId, *, since: datetime) -> Sequence[Size]:
        """How many were in a segment, oldest first."""
        ...

    def record_fill(self, fill: SegmentFill) -> None:
        """Note how far a segment is up to date."""
        ...
