"""What the journey tests share: one small chart, people, and the events they do."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from perennial.decide.journeys import (
    Enrollment,
    NotAdmitted,
    Occurrence,
    PublishedJourney,
    Question,
    Step,
    admit,
)
from perennial.decide.journeys.model import Facts, Zones
from perennial.decide.journeys.parse import parse_journey
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ANNA = ProfileId(4711)


def winback(**changes: Json) -> dict[str, Json]:
    """A cart winback: wait a day, remind by worth, end; an order is both goal and exit."""
    return {
        "id": "cart_winback",
        "entry": {"on": {"event": "add_to_cart"}, "key": "cart_id"},
        "reentry": "per_key",
        "goal": {"event": "order_paid", "same": "cart_id", "for": "3d"},
        "exit": [{"event": "order_paid", "same": "cart_id"}],
        "control": "none",
        "start": "pause",
        "nodes": {
            "pause": {"wait": "24h", "then": "worth"},
            "worth": {
                "branch": [{"if": {"trait": "vip", "is": True}, "then": "offer"}],
                "else": "remind",
            },
            "offer": {
                "send": {"channel": "email", "template": "offer", "topic": "marketing", "expires": "2d"},
                "then": "done",
            },
            "remind": {
                "send": {"channel": "email", "template": "remind", "topic": "marketing", "priority": 40},
                "then": "done",
            },
            "done": {"exit": {"outcome": "asked"}},
        },
        **changes,
    }


def published(document: Json | None = None, *, version: int = 1) -> PublishedJourney:
    """A published version, a day before noon."""
    journey = parse_journey(winback() if document is None else document)
    return PublishedJourney(journey=journey, version=version, published_at=NOON - DAY)


def an_occurrence(
    name: str = "add_to_cart",
    properties: Mapping[str, Json] | None = None,
    *,
    at: datetime = NOON,
    profile_id: ProfileId = ANNA,
    message_id: str = "",
) -> Occurrence:
    """Something Anna did, by default putting cart c1 together at noon."""
    return Occurrence(
        profile_id=profile_id,
        name=name,
        kind="perennial" if name.startswith("segment_") else "track",
        occurred_at=at,
        message_id=message_id or f"{name}@{at.isoformat()}",
        properties={"cart_id": "c1"} if properties is None else properties,
    )


def try_entry(
    journey: PublishedJourney,
    occurrence: Occurrence | None = None,
    *,
    previous: tuple[Enrollment, ...] = (),
    now: datetime | None = None,
    facts: Facts | None = None,
) -> Step | NotAdmitted | Question:
    """What comes of an occurrence, looked at when it happened unless told."""
    seen = occurrence or an_occurrence()
    return admit(
        journey, seen, previous=previous, now=now or seen.occurred_at, zones=Zones(), facts=facts or {}
    )


def enrolled(journey: PublishedJourney, occurrence: Occurrence | None = None) -> Enrollment:
    """A run that just began."""
    step = try_entry(journey, occurrence)
    assert isinstance(step, Step)
    return step.enrollment
