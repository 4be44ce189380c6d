"""What the edges need of a workspace about kept insights, boards, and links to them."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from perennial.api.answers import Answer, Page
from perennial.kernel.values import Json


class Boards(Protocol):
    """Insights under a name, boards of them, and who sees those by a link."""

    def save_insight(self, text: str, *, replaces: int | None = None, by: str = "") -> Answer:
        """Keep a specification under a name."""
        ...

    def list_insights(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every kept insight."""
        ...

    def show_insight(self, insight_id: str) -> Answer:
        """A kept insight, and the boards that show it."""
        ...

    def remove_insight(self, insight_id: str, *, by: str = "") -> Answer:
        """Take a kept insight away."""
        ...

    def export_insight(self, document: Json, format_: Literal["csv", "parquet"]) -> bytes:
        """An insight's numbers as a file."""
        ...

    def save_board(self, text: str, *, replaces: int | None = None, by: str = "") -> Answer:
        """Keep a board."""
        ...

    def list_boards(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every board."""
        ...

    def show_board(self, board_id: str) -> Answer:
        """A board's document and version."""
        ...

    def remove_board(self, board_id: str, *, by: str = "") -> Answer:
        """Take a board away; its links end with it."""
        ...

    def run_board(self, board_id: str, *, filters: Json = None, tiles: Sequence[str] | None = None) -> Answer:
        """A board's tiles, each answered under the board's filters and these."""
        ...

    def export_board(
        self, board_id: str, format_: Literal["csv", "parquet"], *, filters: Json = None
    ) -> bytes:
        """All numbers of a board as one file."""
        ...

    def list_board_templates(self, *, language: str = "en") -> Sequence[Answer]:
        """The boards that we ship."""
        ...

    def show_board_template(
        self, template_id: str, *, language: str = "en", events: Mapping[str, str] | None = None
    ) -> Answer:
        """A board that we ship, its events under one's own names."""
        ...

    def share_board(self, board_id: str, *, days: int = 7, by: str = "") -> Answer:
        """Make a link that shows a board's numbers for so many days."""
        ...

    def list_shares(self, board_id: str) -> Sequence[Answer]:
        """A board's links."""
        ...

    def revoke_share(self, share_id: str) -> Answer:
        """Take a link back."""
        ...

    def share_named(self, token: str) -> str:
        """The share that a token opens now."""
        ...

    def read_shared_board(self, token: str) -> Answer:
        """What a link shows."""
        ...
