"""What the edges need of a workspace about for how long events are kept."""

from collections.abc import Sequence
from typing import Protocol

from perennial.api.answers import Answer, Page


class Retention(Protocol):
    """Rules of retention, and what was removed by them."""

    def validate_retention(self, text: str) -> Sequence[Answer]:
        """Every mistake in rules of retention."""
        ...

    def publish_retention(self, text: str) -> Answer:
        """Make rules of retention the live ones."""
        ...

    def show_retention(self) -> Answer:
        """The live rules of retention."""
        ...

    def preview_retention(self) -> Answer:
        """What would be removed now."""
        ...

    def run_retention(self) -> Answer:
        """Remove what is past now."""
        ...

    def list_removals(self, *, limit: int, after: str | None) -> Page:
        """What was removed, newest first."""
        ...
