"""Links of messages of an installation without engines: read by the real rules, and what was asked."""

from collections.abc import Collection

from perennial.deliver.tracking import (
    Choices,
    Clicked,
    ConfirmationAsked,
    LinkKeys,
    Links,
    Look,
    Opened,
    ReachedAt,
    TopicChoice,
)

_CHOICE = TopicChoice(
    channel="email", topic="marketing", name="Offers", description="Once a week", is_granted=True
)


class TrackedAnswers:
    """The messages' links of a workspace that remembers what it was told."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    @property
    def links(self) -> Links:
        """What signs here."""
        keys = LinkKeys(secrets=("a secret",))
        return Links("default", keys, lambda: ReachedAt(address="http://shop.example"))

    def read_link(self, token: str) -> Clicked:
        """What the link says."""
        return self.links.clicked(token)

    def read_picture(self, token: str) -> Opened:
        """What the picture says."""
        return self.links.opened(token)

    def note_look(self, found: Clicked | Opened, look: Look) -> None:
        """Remember it."""
        self._note("note_look", (found, look))

    def show_choices(self, token: str, *, locale: str | None) -> Choices:
        """One topic, granted."""
        self.links.choice(token)
        self._note("show_choices", (token, locale))
        language = "zh" if (locale or "").startswith("zh") else "en"
        return Choices(language=language, address="a***@b.example", topic="marketing", topics=[_CHOICE])

    def choose(self, token: str, granted: Collection[tuple[str, str]]) -> None:
        """Remember it."""
        self._note("choose", (self.links.choice(token), frozenset(granted)))

    def show_confirmation(self, token: str, *, locale: str | None) -> ConfirmationAsked:
        """One topic, not yet granted."""
        self.links.confirmed(token)
        self._note("show_confirmation", (token, locale))
        return ConfirmationAsked(language="en", name="Offers", is_granted=False)

    def confirm(self, token: str) -> None:
        """Remember it."""
        self._note("confirm", self.links.confirmed(token))

    def unsubscribe(self, token: str) -> None:
        """Remember it."""
        self._note("unsubscribe", self.links.choice(token))

    def unsubscribe_all(self, token: str) -> None:
        """Remember it."""
        self._note("unsubscribe_all", self.links.choice(token))
