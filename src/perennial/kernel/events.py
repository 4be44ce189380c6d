"""Names of events: which are ours, which a client may not use, and what counts as activity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

Origin = Literal["source", "perennial"]
"""Who wrote an event: a client, an import or the API (`source`), or we ourselves (`perennial`)."""

RowKind = Literal["track", "page", "screen", "identify", "alias", "group", "consent", "aside", "perennial"]
EVENT_KINDS: tuple[RowKind, ...] = ("track", "page", "screen")
"""The calls that are events; the others make a person exist and are not counted."""

ANY_EVENT = "*"

RESERVED_PREFIXES = ("message_", "journey_", "segment_", "consent_", "perennial_")
RESERVED_NAMES = ("reward_withheld",)
PERSON_ACTIVITY = ("message_opened", "message_clicked")
"""Events of ours that are activity of a person, when their text `by` is `person` (not a scanner)."""

# Every event Perennial writes itself today, with its meaning; the reference page is made from this.
EMITTED: Mapping[str, str] = {
    "segment_entered": "A person now meets a segment's condition; `cause` is `initial` for its first fill.",
    "segment_left": "A person no longer meets a segment's condition.",
    "journey_entered": "A person entered a journey; carries version, arm, key and the arm's probability.",
    "journey_called": "A program asked to let a person into a journey; carries the journey and what it said.",
    "journey_entry_ignored": "Who is in already, or may not return, met a journey's entry; carries reason.",
    "journey_step": "An enrollment passed a node; carries node, edge, visit and cause.",
    "journey_goal_reached": "The goal happened within its window after entry.",
    "journey_left": "An enrollment ended; carries outcome and cause.",
    "message_queued": "A message passed the gate and waits for its provider.",
    "message_held": "A message waits; carries the gate's reason and until when.",
    "message_dropped": "A message will not be sent; carries the gate's reason.",
    "message_withheld": "A control's message: everything was decided, nothing is sent.",
    "message_sent": "The provider accepted the message.",
    "message_failed": "The provider refused the message for good; carries its reason.",
    "message_delivered": "The reader's mail server took the message.",
    "message_delayed": "The message is still on its way, as a mail server told.",
    "message_bounced": "The message came back; carries the server's `status`.",
    "message_complained": "The reader called the message spam; nothing more is sent to the address.",
    "message_opened": "A message was shown; `by` is `person`, `scanner` or `prefetch` (fetched ahead).",
    "message_clicked": "A link of a message was followed; carries `url`, `link` and `by`, as above.",
    "message_unknown": "We cannot know whether the provider took the message; it is not sent again.",
}


def is_reserved(name: str) -> bool:
    """Whether a client may not use this event name, because such events are written by Perennial."""
    return name.startswith(RESERVED_PREFIXES) or name in RESERVED_NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class EmittedEvent:
    """A fact that Perennial itself records; it reaches the log under its own, derived message id."""

    name: str
    profile_id: ProfileId
    occurred_at: datetime
    message_id: str
    """Equal on every retry: derived from what caused the event, never random."""
    properties: Mapping[str, Json] = field(default_factory=dict[str, Json])
