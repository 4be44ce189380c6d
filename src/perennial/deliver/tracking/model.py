"""What a signed link says. Frozen values, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from perennial.deliver.tracking.wording import Language
from perennial.kernel.ids import MessageId, ProfileId

SeenBy = Literal["person", "scanner", "prefetch"]
"""Who opened a message or followed a link: only a person's is activity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicked:
    """A link of a message: where it leads, and which of the message's links it is."""

    message_id: MessageId
    number: int
    """Counted from 1 in the order of the text."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The picture that a message loads when it is shown."""

    message_id: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The page on which whoever got a message says what they want to hear of."""

    message_id: MessageId
    profile_id: ProfileId
    channel: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What somebody is asked to confirm by a mail: that they want to hear of a topic on a channel."""

    profile_id: ProfileId
    channel: str
    topic: str
    asked_at: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationAsked:
    """The page of a confirmation."""

    language: Language
    name: str
    """How the topic is called in that language."""
    is_granted: bool
    """Whether it was confirmed already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChoice:
    """One topic on one channel, as whoever got a message is asked about it."""

    channel: str
    topic: str
    name: str
    description: str
    is_granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What somebody may choose, and what holds now."""

    language: Language
    address: str
    """Where they are written to, only just recognisable."""
    topic: str
    """The topic of the message they came from."""
    topics: Sequence[TopicChoice]
