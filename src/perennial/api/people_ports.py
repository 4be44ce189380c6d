"""What the edges need of a workspace to look somebody up."""

from datetime import datetime
from typing import Protocol

from perennial.api.answers import Answer, Page
from perennial.kernel.events import RowKind
from perennial.kernel.values import Json


class LookingUp(Protocol):
    """Finding people, and what is known of one of them."""

    def find_people(
        self,
        text: str | None,
        *,
        trait: str | None,
        starts_with: str | None,
        equals: Json,
        condition: Json,
        limit: int,
        after: str | None,
    ) -> Page:
        """People by how a name or trait of theirs begins."""
        ...

    def show_person(self, user_id: str) -> Answer:
        """Who somebody is."""
        ...

    def person_events(
        self,
        user_id: str,
        *,
        event: str | None,
        kind: RowKind | None,
        start: datetime | None,
        end: datetime | None,
        limit: int,
        after: str | None,
    ) -> Page:
        """What happened to a person, newest first."""
        ...
