"""From what mail servers send to a report: delivery status notifications (RFC 3464), complaints (RFC 5965).

Which message it is about says the address it came to (`bounce+msg_…@…`), or the original's own Message-ID.
"""

import re
from collections.abc import Mapping
from email import message_from_bytes
from email.message import Message
from email.policy import default as default_policy
from typing import cast

from perennial.deliver.reports.model import REPORT_KINDS, Report, ReportKind
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.errors import PerennialError, nearest
from perennial.kernel.ids import MessageId
from perennial.kernel.values import Json

REPORT_KEYS = ("message", "kind", "status", "words")
MAX_WORDS = 300

_OURS = re.compile(r"<?(msg_[a-z0-9]+)@")
_AT_ADDRESS = re.compile(r"\+(msg_[a-z0-9]+)@", re.IGNORECASE)
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
_ACTIONS: Mapping[str, ReportKind] = {
    "failed": "bounced",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}


class NoReport(PerennialError):
    """The mail is no report on a message of ours: a delivery status (RFC 3464) or a complaint (RFC 5965)."""

    code = "no_report"


def parse_report(document: Json) -> Report:
    """The report that a provider's webhook was made into. Raises InvalidDocument with every mistake."""
    problems = Problems()
    found = problems.mapping(document, "$", what="A report")
    if found is None:
        problems.raise_all()
    problems.unknown_keys(found, REPORT_KEYS, "$")
    message, status, words = found.get("message"), found.get("status", ""), found.get("words", "")
    if not isinstance(message, str) or not message:
        problems.add("$.message", "missing_key", "Which message it is about is missing.", "Write msg_…")
    kinds: list[ReportKind] = [kind for kind in REPORT_KINDS if kind == found.get("kind")]
    if not kinds:
        given = str(found.get("kind", ""))
        hint = nearest(given, tuple(REPORT_KINDS))
        problems.add("$.kind", "unknown_kind", f"{given!r} is no kind of report.", hint)
    if not isinstance(status, str) or (status and not _STATUS.fullmatch(status)):
        problems.add("$.status", "bad_status", f"{status!r} is no status.", "Write 5.1.1 (RFC 3463).")
    if not isinstance(words, str):
        problems.add("$.words", "wrong_type", "The server's words are a text.")
    if problems.found:
        problems.raise_all()
    message_id = MessageId(str(message))
    return Report(message_id=message_id, kind=kinds[0], status=str(status), words=str(words)[:MAX_WORDS])


def parse_mail(octets: bytes) -> Report:
    """The report that a mail is. Raises NoReport."""
    mail = message_from_bytes(octets, policy=default_policy)
    kind = str(mail.get_param("report-type", "")).lower()
    parts: dict[str, Message] = {part.get_content_type(): part for part in mail.walk()}
    original = _original(parts)
    if kind == "delivery-status" and "message/delivery-status" in parts:
        return _status(mail, parts["message/delivery-status"], original)
    if kind == "feedback-report" and "message/feedback-report" in parts:
        return Report(message_id=_about(mail, original), kind="complained")
    raise NoReport()


def _status(mail: Message, part: Message, original: str) -> Report:
    """What a delivery status says of its one recipient; the last block of fields is theirs."""
    blocks = cast("list[Message]", part.get_payload())
    fields = blocks[-1] if blocks else Message()
    action = _ACTIONS.get(str(fields.get("Action", "")).strip().lower())
    if action is None:
        raise NoReport("This delivery status says of nobody what became of the mail.")
    status = _STATUS.search(str(fields.get("Status", "")))
    return Report(
        message_id=_about(mail, original),
        kind=action,
        status=status[0] if status else "",
        words=" ".join(str(fields.get("Diagnostic-Code", "")).split())[:MAX_WORDS],
    )


def _about(mail: Message, original: str) -> MessageId:
    """Which message it is about."""
    addresses = " ".join(str(mail.get(name, "")) for name in ("To", "Delivered-To", "X-Original-To"))
    found = _AT_ADDRESS.search(addresses) or _OURS.search(original)
    if found is None:
        raise NoReport("This report is about none of our messages.")
    return MessageId(found[1].lower())


def _original(parts: Mapping[str, Message]) -> str:
    """The Message-ID of the mail that is reported on, as far as its head was sent along."""
    whole = parts.get("message/rfc822")
    if whole is not None:
        inner = cast("list[Message]", whole.get_payload())
        return str(inner[0].get("Message-ID", "")) if inner else ""
    head = parts.get("text/rfc822-headers")
    if head is None:
        return ""
    text = cast("bytes", head.get_payload(decode=True) or b"")
    return str(message_from_bytes(text + b"\r\n\r\n", policy=default_policy).get("Message-ID", ""))
