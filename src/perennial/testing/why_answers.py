"""Reasons of an installation without engines: a canned answer, and what was asked."""

from collections.abc import Mapping
from datetime import UTC, datetime

from perennial.kernel.conditions import parse_condition
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class WhyAnswers:
    """The reasons of a workspace that remembers what it was asked."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def why_person(
        self, user_id: str, *, condition: Json, segment: str | None, tag: str | None, as_of: datetime | None
    ) -> Mapping[str, object]:
        """Anna bought twice."""
        if condition is not None:
            parse_condition(condition, path="$.condition")
        self._note("why_person", (user_id, condition, segment, tag, as_of))
        return {
            "profile_id": ProfileId(7),
            "as_of": _NOW,
            "holds": True,
            "reading": {"en": ["✓ The person did order_paid. Seen: 2 times."]},
            "reason": {
                "path": "$",
                "holds": True,
                "form": "did",
                "seen": {"count": 2, "last_at": _NOW},
                "condition": {"did": "order_paid", "times": ">= 1"},
                "sentence": {"en": "The person did order_paid."},
                "parts": [],
            },
        }

    def why_journey(self, journey_id: str, user_id: str, *, key: str | None) -> Mapping[str, object]:
        """Anna never put anything into a cart."""
        self._note("why_journey", (journey_id, user_id, key))
        ground = {
            "rule": "no_event",
            "subject": "add_to_cart",
            "value": None,
            "threshold": None,
            "at": None,
            "reading": {"en": "Did not enter: add_to_cart never happened."},
        }
        return {
            "journey": journey_id,
            "profile_id": ProfileId(7),
            "as_of": _NOW,
            "state": "not_entered",
            "arm": [],
            "runs": [],
            "entry": [ground],
        }
