"""A message ordered by a call rather than by a journey: a receipt, a password, an alert."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from perennial.decide.journeys.model import Channel, SendMessage
from perennial.decide.policies import TRANSACTIONAL
from perennial.kernel.errors import Refused
from perennial.kernel.ids import (
    EnrollmentId,
    JourneyId,
    MessageId,
    NodeId,
    ProfileId,
    TemplateId,
    derive_text,
)
from perennial.kernel.values import Json, canonical

MAX_KEY = 200
"""Characters of an idempotency key."""
ORDERED_PRIORITY = 90
"""Whoever waits for a message goes before campaigns."""


class OrderChanged(Refused):
    """The idempotency key was used before, for another message."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWish:
    """What a call asks for."""

    key: str
    """The caller's own name of it: the same key is the same message, however often it is asked for."""
    user: str
    """The person, as the call named them: a merge meanwhile does not make it another wish."""
    template_id: TemplateId
    channel: Channel = "email"
    topic: str = TRANSACTIONAL
    variables: Mapping[str, Json] = field(default_factory=dict[str, Json], repr=False)
    """What the template may show as `variables`."""
    priority: int = ORDERED_PRIORITY
    expires_in: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is kept of a wish beside its message."""

    message_id: MessageId
    digest: str
    variables: Mapping[str, Json] = field(repr=False)


def order_of(wish: MessageWish) -> Order:
    """What is kept of a wish; its id says which key and channel it is of."""
    said: Json = [
        wish.user,
        wish.template_id,
        wish.topic,
        {**wish.variables},
        wish.priority,
        str(wish.expires_in),
    ]
    return Order(
        message_id=MessageId(derive_text("msg_", "api", wish.key, wish.channel)),
        digest=sha256(canonical(said)).hexdigest(),
        variables=wish.variables,
    )


def effect_of(wish: MessageWish, order: Order, profile_id: ProfileId, *, now: datetime) -> SendMessage:
    """The message that is put to the gate."""
    return SendMessage(
        message_id=order.message_id,
        cause=f"api:{wish.key}",
        enrollment_id=EnrollmentId(""),
        journey_id=JourneyId(""),
        version=0,
        node=NodeId(""),
        arm="treated",
        profile_id=profile_id,
        channel=wish.channel,
        template_id=wish.template_id,
        topic=wish.topic,
        priority=wish.priority,
        created_at=now,
        expires_at=now + wish.expires_in if wish.expires_in else None,
        over_cap="hold",
        withheld=False,
    )
