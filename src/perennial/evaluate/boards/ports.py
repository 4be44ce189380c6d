"""What boards need of the state store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from perennial.evaluate.boards.model import Kept, Kind, Share


class BoardShelf(Protocol):
    """Where kept insights, boards and their links lie."""

    def latest(self, kind: Kind, id_: str) -> Kept | None:
        """The newest version, that it was taken away included."""
        ...

    def live(self, kind: Kind) -> Sequence[Kept]:
        """The newest version of each that is there, by id."""
        ...

    def add(self, kept: Kept) -> None:
        """Keep a version."""
        ...

    def add_share(self, share: Share) -> None:
        """Keep a link."""
        ...

    def find_share(self, share_id: str) -> Share | None:
        """One link."""
        ...

    def shares(self, board_id: str) -> Sequence[Share]:
        """A board's links, the newest first."""
        ...

    def revoke(self, share_id: str, *, at: datetime) -> None:
        """Take a link back."""
        ...
