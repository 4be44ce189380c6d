"""Segments of an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from perennial.kernel.conditions import parse_condition
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

Row = Mapping[str, object]
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_ANNA: Row = {"profile_id": ProfileId(7), "user_id": "anna"}


class SegmentAnswers:
    """The segments of a workspace that remembers what it was told."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def show_segment(self, segment_id: str) -> Row:
        """A list."""
        self._note("show_segment", segment_id)
        return _segment(segment_id, "list")

    def load_segment(self, segment_id: str, file: Path | str, *, mode: str, create: bool) -> Row:
        """One line, known."""
        self._note("load_segment", (segment_id, Path(file).read_text(), mode, create))
        return _changed(segment_id)

    def change_members(
        self, segment_id: str, *, add: Sequence[str], remove: Sequence[str], create: bool
    ) -> Row:
        """One of them is new."""
        self._note("change_members", (segment_id, [*add], [*remove], create))
        return _changed(segment_id)

    def freeze_segment(self, segment_id: str, *, as_id: str, name: str | None, as_of: datetime | None) -> Row:
        """It is kept."""
        self._note("freeze_segment", (segment_id, as_id, name, as_of))
        return _segment(as_id, "frozen")

    def preview_segment(self, condition: Json, *, as_of: datetime | None, size: int) -> Row:
        """One of three, where the condition is one."""
        parse_condition(condition, path="$.condition")
        self._note("preview_segment", (condition, as_of, size))
        return {"people": 1, "of": 3, "as_of": _NOW, "sentence": {"en": "Anna."}, "sample": [_ANNA]}

    def combine_segments(self, operation: str, segments: Sequence[str], *, size: int) -> Row:
        """One of three."""
        self._note("combine_segments", (operation, [*segments], size))
        return {"people": 1, "of": 3, "as_of": _NOW, "sentence": {"en": "Anna."}, "sample": [_ANNA]}

    def overlap_segments(self, segments: Sequence[str]) -> Row:
        """They share one person."""
        self._note("overlap_segments", [*segments])
        shared = [[2 if one == other else 1 for other in segments] for one in segments]
        return {"segments": [*segments], "shared": shared, "as_of": _NOW}

    def sample_segment(self, segment_id: str, *, size: int) -> Sequence[Row]:
        """One person."""
        self._note("sample_segment", (segment_id, size))
        return [_ANNA]

    def list_members(
        self, segment_id: str, *, limit: int, after: str | None
    ) -> tuple[Sequence[Row], str | None]:
        """One person, since noon."""
        self._note("list_members", (segment_id, limit, after))
        return [{**_ANNA, "entered_at": _NOW}], None

    def segment_sizes(self, segment_id: str, *, since: datetime | None) -> Sequence[Row]:
        """One point."""
        self._note("segment_sizes", (segment_id, since))
        return [{"at": _NOW, "people": 1}]

    def person_segments(self, user_id: str) -> Row:
        """One segment, since noon."""
        self._note("person_segments", user_id)
        return {"profile_id": ProfileId(7), "segments": [{"segment": "vip", "entered_at": _NOW}]}

    def person_segment_history(
        self, user_id: str, *, segment: str | None, limit: int, after: str | None
    ) -> tuple[Sequence[Row], str | None]:
        """They entered once."""
        self._note("person_segment_history", (user_id, segment, limit, after))
        move = {"segment": "vip", "direction": "entered", "at": _NOW, "cause": "list", "version": 1}
        return [move], None


def _segment(segment_id: str, kind: str) -> Row:
    return {"id": segment_id, "name": segment_id, "kind": kind, "version": 1, "people": 1}


def _changed(segment_id: str) -> Row:
    counts = {"read": 1, "entered": 1, "left": 0, "people": 1, "created": 0, "unknown": 0}
    return {"segment": segment_id, **counts, "examples": []}
