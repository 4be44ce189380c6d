"""What analysts keep: insights under a name, boards of them, and links that show a board to others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from perennial.kernel.values import Json

COLUMNS = 12
"""A board is so many columns wide."""
MOST_ROWS = 500
MOST_TILES = 60

Kind = Literal["insight", "board"]
"""What is kept: a specification under a name, or a board."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where a tile lies: columns and rows from the upper left corner."""

    x: int
    y: int
    w: int
    h: int

    def overlaps(self, other: "Layout") -> bool:
        """Whether two tiles lie on one another."""
        beside = self.x + self.w <= other.x or other.x + other.w <= self.x
        below = self.y + self.h <= other.y or other.y + other.h <= self.y
        return not beside and not below


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One insight on a board: a kept one by its id, or a specification of the tile's own."""

    tile_id: str
    title: str
    layout: Layout
    insight: str | None = None
    spec: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What holds for every tile of a board beside its own specification."""

    among: Json = None
    """A condition or a segment's id: whom the whole board is about."""
    range: Json = None
    """A period, in place of each tile's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightDraft:
    """A specification that somebody wants to keep."""

    insight_id: str
    name: str
    spec: Mapping[str, Json]
    document: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Tiles side by side, and what holds for all of them."""

    board_id: str
    name: str
    tiles: tuple[Tile, ...]
    filters: Filters
    document: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A version of what is kept. Versions are never changed; taking away is a version, too."""

    kind: Kind
    id: str
    version: int
    document: Mapping[str, Json]
    owner: str
    """Who kept the first version: a member's id or a token's, empty for the machine."""
    saved_by: str
    saved_at: datetime
    is_removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A link that shows one board to whoever has it, until it ends or is taken back."""

    share_id: str
    board_id: str
    created_at: datetime
    expires_at: datetime
    created_by: str
    revoked_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the link shows anything now."""
        return self.revoked_at is None and now < self.expires_at
