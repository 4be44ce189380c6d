"""Kept insights and boards of an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from perennial.evaluate.boards import ShareUnknown
from perennial.kernel.values import Json
from perennial.testing.definition_answers import FakePage, Row

_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
_KEPT: Row = {
    "id": "growth",
    "name": "Growth",
    "description": None,
    "version": 1,
    "owner": "",
    "saved_by": "",
    "saved_at": _AT,
    "document": {},
}
_SHARE: Row = {
    "id": "shr_1",
    "board": "growth",
    "created_at": _AT,
    "created_by": "",
    "expires_at": _AT,
    "revoked_at": None,
    "open": True,
}
_TEMPLATE: Row = {
    "id": "aarrr",
    "name": "AARRR",
    "description": "",
    "events": [],
    "missing_events": [],
    "board": {},
}


class BoardAnswers:
    """Boards of a workspace in which nothing happened."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def save_insight(self, text: str, *, replaces: int | None = None, by: str = "") -> Row:
        """As if it were kept."""
        self._note("save_insight", (text, replaces, by))
        return _KEPT

    def list_insights(self, *, limit: int = 100, after: str | None = None) -> FakePage:
        """One."""
        return ([_KEPT], None)

    def show_insight(self, insight_id: str) -> Row:
        """The one."""
        self._note("show_insight", insight_id)
        return {**_KEPT, "boards": ["growth"]}

    def remove_insight(self, insight_id: str, *, by: str = "") -> Row:
        """As if it were gone."""
        self._note("remove_insight", (insight_id, by))
        return _KEPT

    def export_insight(self, document: Json, format_: Literal["csv", "parquet"]) -> bytes:
        """A file with one line."""
        self._note("export_insight", (document, format_))
        return b"at,value\r\n"

    def save_board(self, text: str, *, replaces: int | None = None, by: str = "") -> Row:
        """As if it were kept."""
        self._note("save_board", (text, replaces, by))
        return _KEPT

    def list_boards(self, *, limit: int = 100, after: str | None = None) -> FakePage:
        """One."""
        return ([_KEPT], None)

    def show_board(self, board_id: str) -> Row:
        """The one."""
        self._note("show_board", board_id)
        return _KEPT

    def remove_board(self, board_id: str, *, by: str = "") -> Row:
        """As if it were gone."""
        self._note("remove_board", (board_id, by))
        return _KEPT

    def run_board(self, board_id: str, *, filters: Json = None, tiles: Sequence[str] | None = None) -> Row:
        """A board without tiles."""
        self._note("run_board", (board_id, filters, tiles))
        return {"id": board_id, "name": "Growth", "version": 1, "as_of": _AT.isoformat(), "tiles": []}

    def export_board(
        self, board_id: str, format_: Literal["csv", "parquet"], *, filters: Json = None
    ) -> bytes:
        """A file with one line."""
        self._note("export_board", (board_id, format_, filters))
        return b"tile,value\r\n"

    def list_board_templates(self, *, language: str = "en") -> Sequence[Row]:
        """One."""
        self._note("list_board_templates", language)
        return [_TEMPLATE]

    def show_board_template(
        self, template_id: str, *, language: str = "en", events: Mapping[str, str] | None = None
    ) -> Row:
        """The one."""
        self._note("show_board_template", (template_id, language, events))
        return _TEMPLATE

    def share_board(self, board_id: str, *, days: int = 7, by: str = "") -> Row:
        """A link."""
        self._note("share_board", (board_id, days, by))
        return {**_SHARE, "url": "http://127.0.0.1:8420/shared/default#token"}

    def list_shares(self, board_id: str) -> Sequence[Row]:
        """One."""
        self._note("list_shares", board_id)
        return [_SHARE]

    def revoke_share(self, share_id: str) -> Row:
        """As if it were taken back."""
        self._note("revoke_share", share_id)
        return {**_SHARE, "open": False}

    def share_named(self, token: str) -> str:
        """The one, for the one token. Raises ShareUnknown."""
        if token != "token":  # noqa: S105 -- a word, and no secret
            raise ShareUnknown
        return "shr_1"

    def read_shared_board(self, token: str) -> Row:
        """A board without tiles."""
        self._note("read_shared_board", token)
        at = _AT.isoformat()
        about: Row = {"name": "Growth", "description": None, "timezone": "UTC"}
        return {**about, "as_of": at, "expires_at": at, "tiles": []}
