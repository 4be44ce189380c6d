"""The gate's policy of an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from perennial.decide.journeys.model import CHANNELS, Channel
from perennial.decide.policies import parse_policy
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

Row = Mapping[str, object]
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class PolicyAnswers:
    """The policy of a workspace that remembers what it was told."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def validate_policy(self, text: str) -> Sequence[Row]:
        """What the document's reader says."""
        try:
            parse_policy(read_document(text, name="document").value, channels=CHANNELS)
        except InvalidDocument as error:
            return [{"path": one.path, "code": one.code, "message": one.message} for one in error.problems]
        return ()

    def publish_policy(self, text: str) -> Row:
        """The first version."""
        self._note("publish_policy", text)
        document = parse_policy(read_document(text, name="document").value, channels=CHANNELS).document
        return {"version": 1, "created_at": _NOW, "document": document}

    def show_policy(self) -> Row:
        """Nothing was published."""
        self._note("show_policy", None)
        return {"version": 0, "created_at": None, "document": {"caps": []}}

    def forecast_policy(self, condition: Json, *, channel: Channel, topic: str, at: datetime | None) -> Row:
        """Two of three."""
        self._note("forecast_policy", (condition, channel, topic, at))
        return {
            "people": 3,
            "counts": {"pass": 2, "held": 0, "dropped": 1},
            "held": {},
            "dropped": {"no_consent": 1},
            "held_from": None,
            "held_until": None,
            "as_of": _NOW,
        }
