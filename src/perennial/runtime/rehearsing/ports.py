"""What a rehearsal needs of the past. Nothing here writes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.decide.policies import Taken
from perennial.decide.rehearsals import Heard, Reached, Wish
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import JourneyId, ProfileId, SegmentId
from perennial.kernel.windows import Zone


class Past(Protocol):
    """What happened, in the order in which it became known."""

    def count(self, names: Collection[str], *, start: datetime, end: datetime) -> int:
        """About how many events `heard` will give."""
        ...

    def heard(
        self,
        names: Collection[str],
        *,
        start: datetime,
        end: datetime,
        besides: Collection[JourneyId] = (),
    ) -> Iterator[Heard]:
        """Events of these names that came in after `start` and by `end`, in that order.

        What these journeys (`besides`) brought about in truth is left out.
        """
        ...

    def sent(
        self, *, since: datetime, end: datetime, besides: Collection[JourneyId]
    ) -> Iterator[tuple[ProfileId, Taken]]:
        """Messages that really went out, but those of these journeys: they took room under caps."""
        ...


class Facts(Protocol):
    """What was known of people, as of an instant."""

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, known_by: datetime
    ) -> Sequence[tuple[bool, ...]]:
        """Each ask's verdict on each condition as written, by what was known then."""
        ...

    def reach(self, wishes: Sequence[Wish], *, known_by: datetime) -> Mapping[ProfileId, Reached]:
        """On which channels, and for what, people could be reached."""
        ...

    def zones(self, profile_ids: Sequence[ProfileId], *, known_by: datetime) -> Mapping[ProfileId, Zone]:
        """The own zones of these people; absent where none is known."""
        ...

    def members(self, segment: SegmentId, *, at: datetime) -> frozenset[ProfileId]:
        """Who was in a segment."""
        ...
