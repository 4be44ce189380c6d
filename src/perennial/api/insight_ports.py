"""What the edges need of a workspace about insights."""

from collections.abc import Mapping
from typing import Protocol

from perennial.kernel.values import Json


class Analysis(Protocol):
    """Insights: their numbers, and who is behind each."""

    def run_insight(self, document: Json) -> Mapping[str, Json]:
        """An insight's numbers and where they come from."""
        ...

    def insight_people(
        self, document: Json, cell: Json, *, limit: int = 100, after: str | None = None
    ) -> Mapping[str, object]:
        """Who makes up a number, and with how much."""
        ...

    def save_insight_people(
        self, document: Json, cell: Json, *, segment_id: str, name: str | None = None
    ) -> Mapping[str, object]:
        """Keep who makes up a number as a list."""
        ...
