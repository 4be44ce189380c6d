"""What the edges need of a workspace's tags."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from perennial.api.answers import Answer, Page
from perennial.kernel.values import Json


class TaggingWorkspace(Protocol):
    """A workspace as far as it computes tags."""

    def save_tag(self, text: str) -> Answer:
        """Save a tag's document as its newest version."""
        ...

    def list_tags(self, *, limit: int, after: str | None) -> Page:
        """Every tag's live version."""
        ...

    def refresh_tags(self, ids: Sequence[str] | None) -> Mapping[str, int]:
        """Compute tags anew; how many people have a value of each."""
        ...

    def tag_values(
        self, tag_id: str, *, limit: int, after: str | None
    ) -> tuple[Mapping[str, Json], str | None]:
        """People's values by user id (`prf_…` for the anonymous), and the next page's cursor."""
        ...

    def tag_preset(self, name: str, *, event: str) -> Json:
        """A document that we ship, written for one event."""
        ...

    def tag_presets(self) -> Sequence[str]:
        """Which documents we ship."""
        ...

    def diff_tag(self, text: str, *, as_of: datetime | None, limit: int, after: str | None) -> Answer:
        """Whose value a document would change if it were saved, and from what to what."""
        ...

    def tag_transitions(
        self, tag_id: str, *, start: datetime, end: datetime | None, every: timedelta
    ) -> Answer:
        """How people went from value to value, at moments of equal distance."""
        ...

    def tag_lineage(self, tag_id: str) -> Answer:
        """What a tag is made of, and what rests on it."""
        ...

    def person_tags(self, user_id: str, *, limit: int, after: str | None) -> Answer:
        """A person's tags now, and how their values changed, the latest first."""
        ...

    def dispute_tag(self, tag_id: str, user_id: str, *, by: str, note: str) -> Answer:
        """Say that a person's value of a tag is wrong."""
        ...

    def list_disputes(self, tag_id: str, *, limit: int, after: str | None) -> Answer:
        """What is said to be wrong of a tag, the latest first, and of which share of people."""
        ...
