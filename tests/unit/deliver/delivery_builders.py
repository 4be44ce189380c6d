"""Builders: a test of delivery says only what matters to its sentence."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from perennial.decide.assignment.model import Arm
from perennial.decide.journeys.model import OverCap, SendMessage
from perennial.deliver.messages import Message, MessageState
from perennial.deliver.messages.rules import asked_for
from perennial.deliver.templates import Template, parse_template
from perennial.kernel.ids import EnrollmentId, JourneyId, MessageId, NodeId, ProfileId, TemplateId
from perennial.kernel.values import Json

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ANNA = ProfileId(101)
BO = ProfileId(102)


def a_send(
    name: str = "1",
    *,
    to: ProfileId = ANNA,
    topic: str = "marketing",
    template: str = "welcome",
    priority: int = 50,
    created_at: datetime = NOON,
    expires_at: datetime | None = None,
    over_cap: OverCap = "hold",
    arm: Arm = "treated",
) -> SendMessage:
    """A journey's wish to send; withheld where the arm is control."""
    return SendMessage(
        message_id=MessageId(f"msg_{name}"),
        cause=f"enr_{name}:write:1",
        enrollment_id=EnrollmentId(f"enr_{name}"),
        journey_id=JourneyId("winback"),
        version=3,
        node=NodeId("write"),
        arm=arm,
        profile_id=to,
        channel="email",
        template_id=TemplateId(template),
        topic=topic,
        priority=priority,
        created_at=created_at,
        expires_at=expires_at,
        over_cap=over_cap,
        withheld=arm == "control",
    )


def a_message(name: str = "1", *, state: MessageState = "queued", attempts: int = 0) -> Message:
    """A message to Anna in some state."""
    asked = asked_for(a_send(name), template_version=1, now=NOON)
    return replace(asked, state=state, attempts=attempts, address="anna@example.com")


def a_template(changes: Mapping[str, Json] | None = None) -> Template:
    """A small template, changed as the test says."""
    return parse_template({**template_document(), **(changes or {})})


def template_document(template_id: str = "welcome") -> dict[str, Json]:
    """The document of a small template."""
    return {
        "id": template_id,
        "channel": "email",
        "subject": "Hello",
        "text": "Hello {{ person.traits.name | default: 'you' }}",
    }
