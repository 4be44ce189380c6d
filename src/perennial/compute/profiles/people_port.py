"""What listing people needs of the identity graph: whose profile it is, in the order people are listed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from perennial.kernel.ids import ProfileId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person as a list shows them: their profile, and the customer's id where one is known."""

    profile_id: ProfileId
    user_id: UserId | None = None


class People(Protocol):
    """Everyone the identity graph knows; merged profiles appear once, under the one kept."""

    def page_by_user_id(self, *, limit: int, after: Person | None = None) -> Sequence[Person]:
        """People after one of them, sorted by user id (code points), the anonymous last by profile id."""
        ...

    def user_ids(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, UserId]:
        """The customer's ids of these profiles; anonymous ones are absent."""
        ...

    def find(self, user_id: UserId) -> ProfileId | None:
        """The profile a customer's id leads to, or None."""
        ...
