"""Kept members as they are stored, each question in a snapshot of its own: engines are asked meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from perennial.compute.tags.model import Scalar, TagColumn
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import ProfileId, SegmentId, TagId
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

    def values(self, tag_id: TagId, instant: datetime) -> TagColumn:
        """Everyone's value of a tag as it was stored by an instant, ascending ids."""
        with self.state.read() as transaction:
            return transaction.tags.past.everyone(tag_id, instant)

    def values_by(self, tag_id: TagId, asks: Sequence[Ask]) -> Sequence[Scalar | None]:
        """A value of each ask's person as it was stored by the ask's instant."""
        with self.state.read() as transaction:
            return transaction.tags.past.of_asks(tag_id, asks)


@dataclass(frozen=True, slots=True)
class Remembering:
    """`KeptMembers` in which a tag's values are those of another moment, where none were stored by then."""

    stored: StoredMembers
    tag_id: TagId
    column: TagColumn

    def kept(self, segment_id: SegmentId) -> tuple[NDArray[np.uint64], datetime | None]:
        """Who is in a segment, ascending, and when that last changed."""
        return self.stored.kept(segment_id)

    def kept_since(
        self, segment_ids: Sequence[SegmentId], profile_ids: Sequence[ProfileId]
    ) -> Mapping[tuple[SegmentId, ProfileId], datetime]:
        """Which of these people are in which of them, and since when."""
        return self.stored.kept_since(segment_ids, profile_ids)

    def values(self, tag_id: TagId, instant: datetime) -> TagColumn:
        """Everyone's value of a tag as it was stored by an instant, or else as it is remembered."""
        found = self.stored.values(tag_id, instant)
        return self.column if tag_id == self.tag_id and not len(found.profile_ids) else found

    def values_by(self, tag_id: TagId, asks: Sequence[Ask]) -> Sequence[Scalar | None]:
        """A value of each ask's person as it was stored by the ask's instant."""
        return self.stored.values_by(tag_id, asks)
