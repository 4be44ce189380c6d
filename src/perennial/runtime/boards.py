"""The use cases of analysts, continued: insights that are kept, and boards of them."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from perennial.compute.definitions.service import vocabulary
from perennial.evaluate.boards import (
    TEMPLATES,
    Board,
    Filters,
    Kept,
    Kind,
    ShippedBoard,
    Table,
    Tile,
    board_table,
    get_kept,
    keep,
    parse_board,
    parse_filters,
    parse_kept_insight,
    remove,
    shipped_board,
    table_of,
)
from perennial.evaluate.boards.rules import NOTHING_MISSING, Missing, joined, missing_in
from perennial.evaluate.boards.service import boards_with
from perennial.evaluate.insights import Spec, parse_insight
from perennial.kernel.conditions import Vocabulary
from perennial.kernel.errors import InvalidDocument, NotFound, Problem, nearest
from perennial.kernel.values import Json
from perennial.runtime.documents import with_lines
from perennial.runtime.insights import Analysing
from perennial.runtime.schema import SchemaFacts
from perennial.runtime.shown import Page, Shown, by_id
from perennial.runtime.tables import TableFormat, write_table

TileState = Literal["answered", "missing", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTile:
    """A tile as a board asks it: its specification with the board's filters, or why there is none."""

    tile: Tile
    title: str
    document: Mapping[str, Json]
    spec: Spec | None = None
    missing: Missing = NOTHING_MISSING
    problem: Problem | None = None

    @property
    def state(self) -> TileState:
        """Whether it can be answered."""
        if self.problem is not None:
            return "failed"
        return "missing" if self.missing else "answered"

    @property
    def shown(self) -> dict[str, Json]:
        """The tile without its numbers."""
        place, problem = self.tile.layout, self.problem
        return {
            "id": self.tile.tile_id,
            "title": self.title,
            "insight": self.tile.insight,
            "layout": {"x": place.x, "y": place.y, "w": place.w, "h": place.h},
            "spec": self.document,
            "state": self.state,
            "missing_events": list(self.missing.events),
            "missing_properties": list(self.missing.properties),
            "problem": None if problem is None else _told(problem),
            "answer": None,
        }


class Boarding(Analysing):
    """A workspace as far as insights are kept in it, and boards."""

    _schema: SchemaFacts

    # --- kept insights ----------------------------------------------------------------------------

    def save_insight(self, text: str, *, replaces: int | None = None, by: str = "") -> Shown:
        """Keep a specification under a name. Raises InvalidDocument, SavedMeanwhile."""
        with self._stages.state.begin() as transaction:
            known = vocabulary(transaction)
            draft = with_lines(
                text, "insight", lambda document: parse_kept_insight(document, zone=self.zone, known=known)
            )
            kept = keep(
                "insight",
                draft.insight_id,
                draft.document,
                replaces=replaces,
                by=by,
                now=self._now(),
                state=transaction,
            )
        return _shown(kept)

    def list_insights(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every kept insight, by id."""
        return self._listed("insight", limit=limit, after=after)

    def show_insight(self, insight_id: str) -> Mapping[str, object]:
        """A kept insight, and the boards that show it. Raises InsightNotFound."""
        with self._stages.state.read() as transaction:
            kept = get_kept("insight", insight_id, state=transaction)
            boards = boards_with(insight_id, transaction.boards.live("board"))
        return {**_shown(kept), "boards": list(boards)}

    def remove_insight(self, insight_id: str, *, by: str = "") -> Shown:
        """Take a kept insight away. Raises InsightInUse where a board shows it."""
        with self._stages.state.begin() as transaction:
            return _shown(remove("insight", insight_id, by=by, now=self._now(), state=transaction))

    def export_insight(self, document: Json, format_: TableFormat) -> bytes:
        """An insight's numbers as a file. Raises InvalidDocument."""
        return write_table(table_of(self.run_insight(document)), format_)

    # --- boards -----------------------------------------------------------------------------------

    def save_board(self, text: str, *, replaces: int | None = None, by: str = "") -> Shown:
        """Keep a board. Raises InvalidDocument, SavedMeanwhile where `replaces` is not the live version."""
        with self._stages.state.begin() as transaction:
            known = vocabulary(transaction)
            insights = [one.id for one in transaction.boards.live("insight")]
            board = with_lines(
                text,
                "board",
                lambda document: parse_board(document, zone=self.zone, known=known, insights=insights),
            )
            kept = keep(
                "board",
                board.board_id,
                board.document,
                replaces=replaces,
                by=by,
                now=self._now(),
                state=transaction,
            )
        return _shown(kept)

    def list_boards(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every board, by id."""
        return self._listed("board", limit=limit, after=after)

    def show_board(self, board_id: str) -> Shown:
        """A board's document and version. Raises BoardNotFound."""
        with self._stages.state.read() as transaction:
            return _shown(get_kept("board", board_id, state=transaction))

    def remove_board(self, board_id: str, *, by: str = "") -> Shown:
        """Take a board away; its links end with it."""
        with self._stages.state.begin() as transaction:
            return _shown(remove("board", board_id, by=by, now=self._now(), state=transaction))

    def run_board(
        self, board_id: str, *, filters: Json = None, tiles: Sequence[str] | None = None
    ) -> Mapping[str, Json]:
        """A board's tiles (all unless named), each answered under the board's filters and these.

        A tile that cannot be answered says why, and what is missing: the others stand.
        """
        kept, asked = self._asked_tiles(board_id, filters, tiles)
        return {
            "id": kept.id,
            "name": _name(kept),
            "version": kept.version,
            "as_of": self._now().isoformat(),
            "tiles": [self._answered(one) for one in asked],
        }

    def export_board(self, board_id: str, format_: TableFormat, *, filters: Json = None) -> bytes:
        """All numbers of a board as one file."""
        return write_table(self.board_table(board_id, filters=filters), format_)

    def board_table(self, board_id: str, *, filters: Json = None) -> Table:
        """All numbers of a board as one table: which tile, which number, how much."""
        _, asked = self._asked_tiles(board_id, filters, None)
        return board_table([self._answered(one) for one in asked])

    # --- what we ship -----------------------------------------------------------------------------

    def list_board_templates(self, *, language: str = "en") -> Sequence[Mapping[str, object]]:
        """The boards that we ship, and which of their events this workspace never got."""
        known = self._known_events()
        found = [shipped_board(one, language=language) for one in TEMPLATES]
        return [_template(one, known) for one in found]

    def show_board_template(
        self, template_id: str, *, language: str = "en", events: Mapping[str, str] | None = None
    ) -> Mapping[str, object]:
        """A board that we ship, its events under one's own names, ready to be saved. Raises NotFound."""
        return _template(shipped_board(template_id, language=language, events=events), self._known_events())

    # --- inside -----------------------------------------------------------------------------------

    def _listed(self, kind: Kind, *, limit: int, after: str | None) -> Page:
        with self._stages.state.read() as transaction:
            rows = [_shown(one) for one in transaction.boards.live(kind)]
        return by_id(rows, limit=limit, after=after)

    def _asked_tiles(
        self, board_id: str, filters: Json, tiles: Sequence[str] | None
    ) -> tuple[Kept, Sequence[AskedTile]]:
        with self._stages.state.read() as transaction:
            kept = get_kept("board", board_id, state=transaction)
            vocabulary_now = vocabulary(transaction)
            insights = {one.id: one for one in transaction.boards.live("insight")}
        extra = parse_filters(filters, zone=self.zone, known=vocabulary_now)
        # A segment or tag that is gone since is a matter of its tile, and not of the others.
        board = parse_board(
            kept.document,
            zone=self.zone,
            known=Vocabulary(),
            insights=list(insights),
        )
        known = self._known_events()
        return kept, [self._asked_tile(one, board, extra, insights, known) for one in _chosen(board, tiles)]

    def _asked_tile(
        self, tile: Tile, board: Board, extra: Filters, insights: Mapping[str, Kept], known: Set[str]
    ) -> AskedTile:
        kept = insights.get(tile.insight or "")
        spec = tile.spec if kept is None else _object(kept.document.get("spec"))
        document = joined(spec or {}, board.filters, extra)
        title = tile.title or ("" if kept is None else _name(kept)) or tile.tile_id
        try:
            parsed = parse_insight(document, zone=self.zone, known=self._asked_now(document).vocabulary)
        except InvalidDocument as error:
            return AskedTile(tile=tile, title=title, document=document, problem=error.problems[0])
        missing = missing_in(parsed, known, self._has_property)
        return AskedTile(tile=tile, title=title, document=document, spec=parsed, missing=missing)

    def _answered(self, asked: AskedTile) -> dict[str, Json]:
        if asked.state != "answered":
            return asked.shown
        try:
            return {**asked.shown, "answer": self.run_insight(asked.document)}
        except InvalidDocument as error:
            return {**asked.shown, "state": "failed", "problem": _told(error.problems[0])}

    def _known_events(self) -> Set[str]:
        """Events that clients sent."""
        return self._stages.events.counts_by_event().keys()

    def _has_property(self, event: str, path: str) -> bool:
        """Whether an event was ever sent with a property."""
        return any(leaf.path == path for leaf in self._schema.catalogue.properties(event))


def _chosen(board: Board, tiles: Sequence[str] | None) -> Sequence[Tile]:
    if tiles is None:
        return board.tiles
    there = {one.tile_id: one for one in board.tiles}
    for name in tiles:
        if name not in there:
            raise NotFound(f"The board has no tile {name!r}.", hint=nearest(name, there), path="$.tiles")
    return [there[name] for name in tiles]


def _shown(kept: Kept) -> Shown:
    return {
        "id": kept.id,
        "name": _name(kept),
        "description": kept.document.get("description"),
        "version": kept.version,
        "owner": kept.owner,
        "saved_by": kept.saved_by,
        "saved_at": kept.saved_at,
        "document": kept.document,
    }


def _name(kept: Kept) -> str:
    return str(kept.document.get("name") or kept.id)


def _template(found: ShippedBoard, known: Set[str]) -> Mapping[str, object]:
    return {
        "id": found.template_id,
        "name": found.board["name"],
        "description": found.board["description"],
        "events": list(found.events),
        "missing_events": [one for one in found.events if one not in known],
        "board": found.board,
    }


def _told(problem: Problem) -> Json:
    return {
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "path": problem.path,
    }


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
