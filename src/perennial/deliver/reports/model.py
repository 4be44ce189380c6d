"""What a report says. Frozen values, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from perennial.kernel.ids import MessageId

ReportKind = Literal["delivered", "delayed", "bounced", "complained"]

REPORT_KINDS: Mapping[ReportKind, str] = {
    "delivered": "The reader's mail server took it.",
    "delayed": "It is still on its way; the server keeps trying.",
    "bounced": "It could not be delivered; the status says whether it ever can.",
    "complained": "The reader called it spam.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of one message after a provider took it."""

    message_id: MessageId
    kind: ReportKind
    status: str = ""
    """The enhanced status code (RFC 3463), such as `5.1.1`; empty where none was told."""
    words: str = field(default="", repr=False)
    """The server's own words."""
