"""Segments and templates of an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from perennial.kernel.conditions import parse_condition
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument, NotFound, nearest
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

Row = Mapping[str, Json | datetime]
FakePage = tuple[Sequence[Row], str | None]


class DefinitionAnswers:
    """The definitions of a workspace that remembers what it was told."""

    asked: list[tuple[str, object]]

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def save_segment(self, text: str) -> Row:
        """Read the document and check its condition."""
        document = read_document(text, name="segment")
        value: Mapping[str, Json] = document.value if isinstance(document.value, Mapping) else {}
        try:
            parse_condition(value.get("condition"), path="$.condition")
        except InvalidDocument as error:
            raise document.placed(error) from error
        return {
            "id": str(value["id"]),
            "name": str(value["name"]),
            "condition": value["condition"],
            "version": 1,
        }

    def list_segments(self, *, limit: int, after: str | None) -> FakePage:
        """One."""
        self.asked.append(("list", {"limit": limit, "after": after}))
        return [{"id": "vip", "name": "VIP", "condition": {"all": []}, "version": 1}], None

    def refresh_segments(self, ids: Sequence[str] | None) -> Mapping[str, int]:
        """Everyone asked for has two people."""
        self._note("refresh_segments", ids)
        return dict.fromkeys(ids or ["vip"], 2)

    def segment_people(
        self, segment_id: str, *, limit: int, after: str | None
    ) -> tuple[Sequence[Row], str | None]:
        """One page with another after it."""
        self._note("segment_people", (segment_id, limit, after))
        if segment_id != "vip":
            raise NotFound(f"No segment is called {segment_id!r}.", hint=nearest(segment_id, ["vip"]))
        return [person_row(1, "p1"), person_row(2, None)], "more"

    def save_template(self, text: str) -> Row:
        """Whatever it says, it is the first version of `hello`."""
        self._note("save_template", text)
        return self.list_templates(limit=1, after=None)[0][0]

    def list_templates(self, *, limit: int, after: str | None) -> FakePage:
        """One."""
        self.asked.append(("list", {"limit": limit, "after": after}))
        return [{"id": "hello", "channel": "email", "version": 1}], None


def person_row(number: int, user_id: str | None) -> Row:
    """A person as lists show them."""
    return {"profile_id": ProfileId(number), "user_id": user_id}
