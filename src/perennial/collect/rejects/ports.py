"""What rejects need of the stores."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.collect.events.model import KeptReject, Reject
from perennial.collect.rejects.model import RejectCount, RejectQuery


class RejectStore(Protocol):
    """The refused calls that one workspace keeps."""

    def find(
        self, query: RejectQuery, *, limit: int, after: int | None = None
    ) -> tuple[Sequence[KeptReject], int | None]:
        """Rejects, newest first, and the cursor of the next page."""
        ...

    def oldest(self, query: RejectQuery, *, above: int, limit: int) -> Sequence[KeptReject]:
        """Rejects whose number is above this one, oldest first."""
        ...

    def counts(self, query: RejectQuery) -> Sequence[RejectCount]:
        """How many there are of each code, the most first."""
        ...

    def settle(self, taken: Mapping[int, str], refused: Mapping[int, Reject], *, at: datetime) -> None:
        """Note which were taken, as which message, and the new reason of the others. All or nothing."""
        ...
