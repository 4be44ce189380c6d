"""What the edges need of a workspace about segments, besides saving and refreshing them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from perennial.api.answers import Answer, Page
from perennial.kernel.values import Json

Mode = Literal["replace", "add", "remove"]


class SegmentWork(Protocol):
    """Lists, previews, comparisons, who is in a segment and who was."""

    def show_segment(self, segment_id: str) -> Answer:
        """One segment and how it stands."""
        ...

    def load_segment(self, segment_id: str, file: Path | str, *, mode: Mode, create: bool) -> Answer:
        """Bring a list to what a file names."""
        ...

    def change_members(
        self, segment_id: str, *, add: Sequence[str], remove: Sequence[str], create: bool
    ) -> Answer:
        """Put people on a list and take others off."""
        ...

    def freeze_segment(
        self, segment_id: str, *, as_id: str, name: str | None, as_of: datetime | None
    ) -> Answer:
        """Keep who is in a segment at a moment as a segment of its own."""
        ...

    def preview_segment(self, condition: Json, *, as_of: datetime | None, size: int) -> Answer:
        """How many people meet a condition that is not saved, and some of them."""
        ...

    def combine_segments(self, operation: str, segments: Sequence[str], *, size: int) -> Answer:
        """How many people are in any, all or only the first of segments."""
        ...

    def overlap_segments(self, segments: Sequence[str]) -> Answer:
        """How many people each two segments share."""
        ...

    def sample_segment(self, segment_id: str, *, size: int) -> Sequence[Answer]:
        """Some people of a segment, the same whenever asked."""
        ...

    def list_members(self, segment_id: str, *, limit: int, after: str | None) -> Page:
        """Members as they are stored, by profile id, and since when."""
        ...

    def segment_sizes(self, segment_id: str, *, since: datetime | None) -> Sequence[Answer]:
        """How many were in a segment, oldest first."""
        ...

    def person_segments(self, user_id: str) -> Answer:
        """The segments a person is in, and since when."""
        ...

    def person_segment_history(
        self, user_id: str, *, segment: str | None, limit: int, after: str | None
    ) -> Page:
        """When a person entered and left segments, and why, newest first."""
        ...
