"""What becomes of messages after a provider took them, and of addresses where nothing arrives."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from perennial.collect.consent.model import Suppression
from perennial.deliver.messages.model import Message
from perennial.deliver.messages.ports import DeliveryState
from perennial.deliver.messages.rules import reported
from perennial.deliver.reports import SOFT_BOUNCES, SOFT_DAYS, Report, is_final
from perennial.kernel.errors import NotFound

BOUNCED = "bounced"
COMPLAINED = "complained"


class UnknownMessage(NotFound):
    """There is no such message, or it is no longer kept."""

    code = "unknown_message"


def take_report(report: Report, state: DeliveryState, *, now: datetime) -> bool:
    """Keep what a mail server told later of a message; whether its address gets nothing from now on.

    The same report again changes nothing. A complaint and a final bounce suppress the address, and so do
    `SOFT_BOUNCES` others within `SOFT_DAYS` days. Raises UnknownMessage.
    """
    messages = state.outbox.find([report.message_id])
    if not messages:
        raise UnknownMessage(f"There is no message {report.message_id!r}.", path="$.message")
    message = messages[0]
    state.emitted.record([reported(message, report, now=now)])
    if report.kind == "complained":
        suppress([message], state, reason=COMPLAINED, now=now)
        return True
    if report.kind != "bounced":
        return False
    state.notes.note_bounce(
        message.message_id, channel=message.channel, address=message.address, status=report.status, at=now
    )
    since = now - timedelta(days=SOFT_DAYS)
    times = state.notes.count_bounces(message.address, channel=message.channel, since=since)
    is_dead = is_final(report) or times >= SOFT_BOUNCES
    if is_dead:
        suppress([message], state, reason=BOUNCED, now=now)
    return is_dead


def suppress(messages: Sequence[Message], state: DeliveryState, *, reason: str, now: datetime) -> None:
    """Send nothing more to the addresses of these messages."""
    state.suppressions.add(
        [
            Suppression(channel=one.channel, address=one.address, reason=reason, since=now)
            for one in messages
            if one.address
        ]
    )
