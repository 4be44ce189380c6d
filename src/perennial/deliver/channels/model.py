"""What goes to a provider and what comes back. Frozen values, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from perennial.kernel.ids import MessageId

Outcome = Literal["accepted", "temporary", "permanent", "unknown", "unreachable"]

OUTCOMES: Mapping[Outcome, str] = {
    "accepted": "The provider took the message.",
    "temporary": "The provider refused it for now; it was certainly not sent.",
    "permanent": "The provider refused it for good; it was certainly not sent.",
    "unknown": "It was handed over and no answer came; nobody can know.",
    "unreachable": "The provider could not be asked; it was certainly not sent.",
}
"""Every way a hand-over can end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One rendered message, ready to be handed over."""

    message_id: MessageId
    """Stable: a provider that knows ids uses it to refuse a second copy."""
    address: str = field(repr=False)
    sender: str | None
    """Whom it is from; None is the provider's own default."""
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    unsubscribe_url: str = field(default="", repr=False)
    """Where one click, or a POST by the mail program, ends the topic; empty where nothing can be ended."""
    written_at: datetime
    """The date the message carries: the clock of whoever sends it, which may be a virtual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one hand-over."""

    message_id: MessageId
    outcome: Outcome
    reason: str = ""
    """A short word for people and counts, such as `refused_550`; never an address."""
    answer: str = field(default="", repr=False)
    """The provider's own words, where there were any."""
    is_address_dead: bool = False
    """Whether nothing will ever arrive at the address, so that nothing is sent to it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a provider takes at once."""

    batch: int = 20
    """Messages per call. A crash within a call leaves as many `unknown`, so it is kept small."""
