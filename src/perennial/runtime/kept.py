"""Kept members as they are stored, each question in a snapshot of its own: engines are asked meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from perennial.kernel.ids import ProfileId, SegmentId
from perennial.runtime.ports import StateStore


@dataclass(frozen=True, slots=True)
class StoredMembers:
    """`KeptMembers` of one workspace's state."""

    state: StateStore

    def kept(self, segment_id: SegmentId) -> tuple[NDArray[np.uint64], datetime | None]:
        """Who is in a segment, ascending, and when that last changed."""
        with self.state.read() as transaction:
            return transaction.segments.members(segment_id), transaction.segments.changed_at(segment_id)

    def kept_since(
        self, segment_ids: Sequence[SegmentId], profile_ids: Sequence[ProfileId]
    ) -> Mapping[tuple[SegmentId, ProfileId], datetime]:
        """Which of these people are in which of them, and since when."""
        with self.state.read() as transaction:
            return transaction.segments.since(segment_ids, profile_ids)
