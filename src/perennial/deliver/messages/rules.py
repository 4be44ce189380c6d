"""How a message moves from state to state, and the event each move leaves. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from perennial.decide.journeys.model import Channel, SendMessage
from perennial.decide.policies import TRANSACTIONAL, Candidate, Drop, Hold, Pass, Verdict
from perennial.deliver.channels import Outcome, Receipt
from perennial.deliver.messages.model import SHARDS, TRANSITIONS, Message, MessageState, Trigger
from perennial.deliver.reports.model import Report
from perennial.deliver.tracking.model import Choice, Clicked, Opened, SeenBy
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId, bucket, profile_text
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY: Mapping[Outcome, timedelta] = {
    # A server that is down comes back for everyone at once; one that refuses a mailbox for now may take days.
    "unreachable": timedelta(minutes=5),
    "temporary": timedelta(hours=4),
}
MAX_REFUSALS = 30
"""Attempts after which a temporary refusal is taken for a refusal: about four days."""

ADDRESS_TRAITS: Mapping[Channel, str] = {"email": "email"}
"""The trait that holds a person's address on each channel, where people have one."""
TO_PROGRAMS: Mapping[Channel, str] = {"webhook": "webhook"}
"""Channels that reach a program about a person; what stands for an address there."""
ZONE_TRAIT = "timezone"
"""The trait that names a person's own time zone."""
MAX_ADDRESS = 254

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\x00-\x1f\x7f]+@[^\s@<>\"(),:;\\\x00-\x1f\x7f]+")
_TRIGGERS: Mapping[Outcome, Trigger] = {
    "accepted": "accepted",
    "temporary": "put_off",
    "unreachable": "put_off",
    "permanent": "failed",
    "unknown": "lost",
}
_EVENTS: Mapping[MessageState, str] = {
    "queued": "message_queued",
    "held": "message_held",
    "sent": "message_sent",
    "failed": "message_failed",
    "unknown": "message_unknown",
    "dropped": "message_dropped",
}
_REPEATABLE: frozenset[MessageState] = frozenset({"queued", "held"})


def address_of(traits: Mapping[str, Json], channel: Channel) -> str | None:
    """A person's address on a channel; None where the trait is missing or is no address."""
    if channel in TO_PROGRAMS:
        return TO_PROGRAMS[channel]
    found = traits.get(ADDRESS_TRAITS[channel])
    if not isinstance(found, str):
        return None
    address = found.strip()
    return address if is_address(address) else None


def is_address(text: str) -> bool:
    """Whether mail can be sent to a text."""
    return len(text) <= MAX_ADDRESS and _ADDRESS.fullmatch(text) is not None


def locale_of(traits: Mapping[str, Json]) -> str | None:
    """The language a person reads: their trait `locale`, else `language`."""
    for name in ("locale", "language"):
        found = traits.get(name)
        if isinstance(found, str) and found:
            return found
    return None


@lru_cache(maxsize=1_000)
def zone_of(told: str, otherwise: Zone) -> Zone:
    """A person's own zone, where what was told of them (the trait `timezone`) names one."""
    try:
        ZoneInfo(told)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return otherwise
    return replace(otherwise, name=told)


def own_zones(told: Mapping[ProfileId, Mapping[str, Json]], otherwise: Zone) -> dict[ProfileId, Zone]:
    """People's own zones by what was told of them; absent where nothing was."""
    named = ((profile_id, traits.get(ZONE_TRAIT)) for profile_id, traits in told.items())
    return {
        profile_id: zone_of(name, otherwise) for profile_id, name in named if isinstance(name, str) and name
    }


def asked_for(effect: SendMessage, *, template_version: int, now: datetime) -> Message:
    """The message an effect asks for, before the gate has looked at it."""
    return Message(
        message_id=effect.message_id,
        cause=effect.cause,
        journey_id=effect.journey_id,
        journey_version=effect.version,
        enrollment_id=effect.enrollment_id,
        node=effect.node,
        arm=effect.arm,
        profile_id=effect.profile_id,
        channel=effect.channel,
        topic=effect.topic,
        template_id=effect.template_id,
        template_version=template_version,
        address="",
        priority=effect.priority,
        value=effect.value,
        at=effect.at,
        over_cap=effect.over_cap,
        state="queued",
        reason="",
        created_at=effect.created_at,
        due_at=now,
        expires_at=effect.expires_at,
    )


def candidate_of(message: Message) -> Candidate:
    """A message as the gate sees it."""
    return Candidate(
        message_id=message.message_id,
        channel=message.channel,
        topic=message.topic,
        priority=message.priority,
        value=message.value,
        at=message.at,
        created_at=message.created_at,
        expires_at=message.expires_at,
        over_cap=message.over_cap,
    )


def admitted(message: Message, verdict: Verdict, *, now: datetime) -> Message:
    """A new message in the state the gate's first verdict gives it."""
    match verdict:
        case Pass():
            return replace(message, state="queued", due_at=now)
        case Hold(reason=reason, until=until):
            return replace(message, state="held", reason=reason, due_at=until)
        case Drop(reason=reason):
            return replace(message, state="dropped", reason=reason)


def judged(message: Message, verdict: Verdict, *, now: datetime) -> Message:
    """A message that waited, after the gate has looked again. A queued one that passes stays as it is."""
    match verdict:
        case Pass():
            return message if message.state == "queued" else moved(message, "passed", due_at=now)
        case Hold(reason=reason, until=until):
            return moved(message, "held", reason=reason, due_at=until)
        case Drop(reason=reason):
            return moved(message, "refused", reason=reason)


def unwritable(message: Message, *, reason: str, detail: str = "") -> Message:
    """A message whose template says nothing for its person."""
    return replace(moved(message, "unwritable", reason=reason), receipt=detail)


def shard_of(message: Message) -> int:
    """Whose it is to send: of its person, or while it is handed over, of whoever began with that."""
    return message.profile_id % SHARDS if message.shard is None else message.shard


def handed_over(message: Message, *, now: datetime) -> Message:
    """A message on its way to the provider: written down before the call, so no crash repeats it."""
    begun = moved(message, "handed_over", due_at=now)
    return replace(begun, attempts=message.attempts + 1, receipt="", shard=shard_of(message))


def settled(message: Message, receipt: Receipt, *, now: datetime) -> Message:
    """A message after its provider answered, or did not."""
    answered = replace(message, receipt=receipt.answer)
    match receipt.outcome:
        case "accepted":
            return replace(moved(answered, "accepted"), sent_at=now)
        case "temporary" if message.attempts >= MAX_REFUSALS:
            return moved(answered, "failed", reason="gave_up")
        case "temporary" | "unreachable":
            due_at = retry_at(message, receipt.outcome, now=now)
            return moved(answered, "put_off", reason=receipt.reason, due_at=due_at)
        case "permanent" | "unknown":
            return moved(answered, _TRIGGERS[receipt.outcome], reason=receipt.reason)


def retry_at(message: Message, outcome: Outcome, *, now: datetime) -> datetime:
    """When to try again: twice as long after each attempt, spread by the message's id."""
    longest = LONGEST_RETRY[outcome]
    doublings = min(message.attempts - 1, 20)
    span = min(FIRST_RETRY * 2**doublings, longest)
    spread = 0.75 + bucket(message.message_id, salt=f"retry:{message.attempts}") / 2
    return now + span * spread


def moved(message: Message, trigger: Trigger, *, reason: str = "", due_at: datetime | None = None) -> Message:
    """A message one step on. A step that `TRANSITIONS` does not know is a mistake of ours: KeyError."""
    state = TRANSITIONS[message.state, trigger]
    return replace(message, state=state, reason=reason, due_at=due_at or message.due_at, shard=None)


def trail(message: Message, *, now: datetime) -> EmittedEvent:
    """The event of the state a message has just come into. There is none for `sending`."""
    name = _EVENTS[message.state]
    # A message ends once, but may wait several times.
    suffix = f"{name}:{now.isoformat()}" if message.state in _REPEATABLE else name
    until: dict[str, Json] = {"until": message.due_at.isoformat()} if message.state == "held" else {}
    return _event(message, name, suffix=suffix, now=now, more=until)


def withheld(message: Message, *, by: Literal["control", "holdout"], now: datetime) -> EmittedEvent:
    """The event of a message that is kept back; `verdict` is the state the gate would have given it."""
    name = "message_withheld"
    return _event(message, name, suffix=name, now=now, more={"verdict": message.state, "by": by})


def choice_of(message: Message) -> Choice | None:
    """What whoever gets a message may choose; None for one that needs no consent."""
    if message.topic == TRANSACTIONAL:
        return None
    return Choice(
        message_id=message.message_id,
        profile_id=message.profile_id,
        channel=message.channel,
        topic=message.topic,
    )


def seen(found: Clicked | Opened, message: Message, by: SeenBy, *, key: str, now: datetime) -> EmittedEvent:
    """The event of a message that was opened, or of a link that was followed; `key` tells each time apart."""
    name, more = "message_opened", {"by": by}
    if isinstance(found, Clicked):
        name, more = "message_clicked", {"by": by, "url": found.url, "link": str(found.number)}
    return _event(message, name, suffix=f"{name}:{key}", now=now, more=more)


def reported(message: Message, report: Report, *, now: datetime) -> EmittedEvent:
    """The event of what a mail server told later; told twice it is the same event."""
    name = f"message_{report.kind}"
    more: dict[str, Json] = {"status": report.status} if report.status else {}
    return _event(message, name, suffix=name, now=now, more=more)


def variables(
    message: Message,
    *,
    user_id: str | None,
    traits: Mapping[str, Json],
    ordered: Mapping[str, Json],
    way_out: str = "",
    now: datetime,
) -> Mapping[str, Json]:
    """What a template may say about a message (`perennial.deliver.templates.VARIABLES`)."""
    about: dict[str, Json] = {
        "id": message.message_id,
        "topic": message.topic,
        "written_at": now.isoformat(),
    }
    if way_out:
        about["unsubscribe_url"] = way_out
    person: dict[str, Json] = {"profile_id": profile_text(message.profile_id), "traits": traits}
    if user_id is not None:
        person["user_id"] = user_id
    return {
        "person": person,
        "variables": ordered,
        "journey": {
            "id": message.journey_id,
            "version": message.journey_version,
            "enrollment": message.enrollment_id,
            "node": message.node,
        },
        "message": about,
    }


def _event(
    message: Message, name: str, *, suffix: str, now: datetime, more: Mapping[str, Json]
) -> EmittedEvent:
    properties: dict[str, Json] = {
        "message": message.message_id,
        "journey": message.journey_id,
        "version": str(message.journey_version),
        "enrollment": message.enrollment_id,
        "node": message.node,
        "arm": message.arm,
        "channel": message.channel,
        "topic": message.topic,
        "template": message.template_id,
        **more,
    }
    if message.reason:
        properties["reason"] = message.reason
    return EmittedEvent(
        name=name,
        profile_id=message.profile_id,
        occurred_at=now,
        message_id=f"{message.message_id}:{suffix}",
        properties=properties,
    )
