"""What the API takes and gives about kept insights, boards, and links to them."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from perennial.api.schemas import Given, Instant, Shown

FileFormat = Literal["csv", "parquet"]


class KeptDocument(Shown):
    """Something that is kept, at its live version."""

    id: str
    name: str
    description: str | None
    version: int
    """What to say as `replaces` when it is saved again."""
    owner: str
    """Who kept it first: a member's id or a token's, empty for the machine's own commands."""
    saved_by: str
    saved_at: Instant
    document: JsonValue


class KeptInsight(KeptDocument):
    """A kept insight, and where it is shown."""

    boards: list[str]


class KeptInsights(Shown):
    """Kept insights, by id."""

    insights: list[KeptDocument]
    next: str | None


class BoardList(Shown):
    """Boards, by id."""

    boards: list[KeptDocument]
    next: str | None


class BoardAsked(Given):
    """Which tiles of a board to answer, and what holds for them besides its own filters."""

    filters: JsonValue = None
    tiles: list[str] | None = None


class TileLayout(Shown):
    """Where a tile lies, in columns (of 12) and rows."""

    x: int
    y: int
    w: int
    h: int


class TileProblem(Shown):
    """Why a tile cannot be answered."""

    code: str
    message: str
    hint: str
    path: str


class TileAnswer(Shown):
    """A tile and its numbers."""

    id: str
    title: str
    insight: str | None
    layout: TileLayout
    spec: JsonValue
    """The specification as it was asked, filters included."""
    state: Literal["answered", "missing", "failed"]
    missing_events: list[str]
    missing_properties: list[str]
    problem: TileProblem | None
    answer: JsonValue


class BoardAnswer(Shown):
    """A board's numbers."""

    id: str
    name: str
    version: int
    as_of: str
    tiles: list[TileAnswer]


class BoardExportAsked(Given):
    """What holds for the tiles besides the board's own filters."""

    filters: JsonValue = None


class BoardTemplate(Shown):
    """A board that we ship, in one language."""

    id: str
    name: str
    description: str
    events: list[str]
    missing_events: list[str]
    """Those that this workspace never got: their tiles will say so."""
    board: JsonValue
    """The document, ready to be saved."""


class BoardTemplates(Shown):
    """The boards that we ship."""

    templates: list[BoardTemplate]


class BoardTemplateAsked(Given):
    """The language, and one's own names of the events."""

    language: str = "en"
    events: Annotated[dict[str, str], Field(default_factory=dict)]


class ShareAsked(Given):
    """How long a link lasts."""

    days: Annotated[int, Field(ge=1, le=365)] = 7


class ShareShown(Shown):
    """A link to a board; what opens it is not told again."""

    id: str
    board: str
    created_at: Instant
    created_by: str
    expires_at: Instant
    revoked_at: Instant | None
    open: bool


class ShareMade(ShareShown):
    """A link that was just made."""

    url: str
    """What to hand on. Its secret stands behind the `#`, which no browser sends."""


class ShareList(Shown):
    """A board's links, the newest first."""

    shares: list[ShareShown]


class SharedTile(Shown):
    """A tile as whoever has the link sees it."""

    id: str
    title: str
    layout: TileLayout
    state: Literal["answered", "missing", "failed", "hidden"]
    """`hidden`: it names something that people are called."""
    missing_events: list[str]
    missing_properties: list[str]
    answer: JsonValue


class SharedBoard(Shown):
    """A board as whoever has the link sees it: numbers, and nobody's name."""

    name: str
    timezone: str
    description: str | None
    as_of: str
    expires_at: str
    tiles: list[SharedTile]
