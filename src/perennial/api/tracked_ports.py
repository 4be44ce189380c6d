"""What the edges need of a workspace about what becomes of its messages at their readers'."""

from collections.abc import Collection, Sequence
from typing import Protocol

from perennial.deliver.tracking import Clicked, Look, Opened


class TopicShown(Protocol):
    """One topic on one channel, as somebody is asked about it."""

    @property
    def channel(self) -> str:
        """Over which channel."""
        ...

    @property
    def topic(self) -> str:
        """About what."""
        ...

    @property
    def name(self) -> str:
        """How it is called in the reader's language."""
        ...

    @property
    def description(self) -> str:
        """More of it; may be empty."""
        ...

    @property
    def is_granted(self) -> bool:
        """Whether they hear of it now."""
        ...


class ChoicesShown(Protocol):
    """What somebody may choose, and what holds now."""

    @property
    def language(self) -> str:
        """In which the page is: `en` or `zh`."""
        ...

    @property
    def address(self) -> str:
        """Where they are written to, only just recognisable."""
        ...

    @property
    def topics(self) -> Sequence[TopicShown]:
        """What there is to choose from."""
        ...


class ConfirmationShown(Protocol):
    """What somebody is asked to confirm."""

    @property
    def language(self) -> str:
        """In which the page is: `en` or `zh`."""
        ...

    @property
    def name(self) -> str:
        """How the topic is called."""
        ...

    @property
    def is_granted(self) -> bool:
        """Whether it was confirmed already."""
        ...


class TrackedMessages(Protocol):
    """Links, pictures and choices of those who got messages; NotFound for what we did not sign."""

    def read_link(self, token: str) -> Clicked:
        """Where a message's link leads."""
        ...

    def read_picture(self, token: str) -> Opened:
        """Which message a picture belongs to."""
        ...

    def note_look(self, found: Clicked | Opened, look: Look) -> None:
        """Keep that a message was opened or a link followed."""
        ...

    def show_choices(self, token: str, *, locale: str | None) -> ChoicesShown:
        """What whoever got a message may choose."""
        ...

    def choose(self, token: str, granted: Collection[tuple[str, str]]) -> None:
        """Keep which of the topics shown somebody wants to hear of."""
        ...

    def show_confirmation(self, token: str, *, locale: str | None) -> ConfirmationShown:
        """What somebody is asked to confirm."""
        ...

    def confirm(self, token: str) -> None:
        """Keep that they confirmed it."""
        ...

    def unsubscribe(self, token: str) -> None:
        """End the topic of a message on its channel."""
        ...

    def unsubscribe_all(self, token: str) -> None:
        """End everything that somebody agreed to."""
        ...
