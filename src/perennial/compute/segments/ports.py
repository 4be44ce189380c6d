"""What segments need of the state store; every method works inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from perennial.compute.definitions.ports import DefinitionShelf
from perennial.compute.segments.model import SegmentFill, Shift
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

    def apply(self, shift: Shift) -> None:
        """Write who came and went."""
        ...

    def record_fill(self, fill: SegmentFill) -> None:
        """Note how far a segment is up to date."""
        ...
