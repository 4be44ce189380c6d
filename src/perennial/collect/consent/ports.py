"""What consent needs of the state store."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from perennial.collect.consent.model import Consent, Suppression
from perennial.kernel.ids import ProfileId


class Consents(Protocol):
    """Who agreed to what: the latest statement wins, by time and then message id."""

    def record(self, consents: Sequence[Consent], /) -> None:
        """Keep statements; an older one never overwrites a newer one."""
        ...

    def of(
        self, profile_ids: Sequence[ProfileId], *, channel: str, topic: str
    ) -> Mapping[ProfileId, Consent]:
        """What each profile said last about a topic; those who said nothing are absent."""
        ...

    def granted(self, profile_ids: Sequence[ProfileId], *, channel: str, topic: str) -> Sequence[ProfileId]:
        """Which of them said last that they want to hear of a topic."""
        ...

    def all_of(self, profile_id: ProfileId) -> Sequence[Consent]:
        """What somebody said last about each topic, by channel and topic."""
        ...


class Suppressions(Protocol):
    """Addresses that get nothing."""

    def add(self, suppressions: Sequence[Suppression], /) -> None:
        """Suppress addresses; the first reason stays."""
        ...

    def page(self, *, channel: str, limit: int, after: str = "") -> Sequence[Suppression]:
        """Suppressed addresses of a channel, by address, from behind one on."""
        ...

    def remove(self, address: str, *, channel: str) -> bool:
        """Let an address get messages again; whether it was suppressed."""
        ...

    def among(self, addresses: Sequence[str], *, channel: str) -> Mapping[str, Suppression]:
        """Which of these addresses are suppressed."""
        ...
