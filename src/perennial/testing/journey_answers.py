"""Versions of journeys in an installation without engines: two, and two people who wait in the first."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from perennial.kernel.values import Json

Row = Mapping[str, object]
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_CHANGE = {"en": "The wait of node pause becomes 48h; it was 24h.", "zh-CN": "节点 pause 的 wait 改为 48h。"}


class JourneyVersionAnswers:
    """What was published, and whom publishing would touch."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def _journey(self, state: str) -> Row:
        """The journey and where it stands."""
        raise NotImplementedError

    def publish_journey(self, text: str, *, approve: bool, plan: Json, base_version: int | None) -> Row:
        """The first version of `winback`."""
        self._note("publish_journey", (text, approve, plan, base_version))
        return self._journey("live")

    def plan_journey(self, text: str) -> Row:
        """Two people wait."""
        self._note("plan_journey", text)
        standing = {"version": 1, "node": "pause", "kind": "wait", "people": 2, "in_draft": True}
        return {
            "journey": "winback",
            "version": 1,
            "same": False,
            "people": 2,
            "entering": 0,
            "standing": [{**standing, "suggested": {"move": "pause"}}],
            "nodes": ["pause", "done"],
            "plan": {"pause": {"move": "pause"}},
        }

    def list_journey_versions(
        self, journey_id: str, *, limit: int, after: str | None
    ) -> tuple[Sequence[Row], str | None]:
        """Two."""
        self._note("list_journey_versions", (journey_id, limit, after))
        return [_version(2, people=0), _version(1, people=2)], None

    def show_journey_version(self, journey_id: str, version: int) -> Row:
        """It waits longer."""
        self._note("show_journey_version", (journey_id, version))
        return {**_version(version), "document": {"id": journey_id}, "changes": [_CHANGE]}


def _version(number: int, *, people: int | None = None) -> Row:
    plan = {"pause": "stay"} if number > 1 else {}
    row = {"journey": "winback", "version": number, "published_at": _NOW, "plan": plan}
    return row if people is None else {**row, "people": people}
