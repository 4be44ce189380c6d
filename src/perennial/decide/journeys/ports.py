"""What journeys need of the stores."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.decide.journeys.model import (
    Decision,
    Enrollment,
    JourneyState,
    JourneyStatus,
    PublishedJourney,
)
from perennial.decide.journeys.plans import Standing
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import EnrollmentId, JourneyId, NodeId, ProfileId
from perennial.kernel.windows import Zone


class JourneyShelf(Protocol):
    """Every version of every journey; a published version never changes."""

    def add(self, published: PublishedJourney) -> None:
        """Keep a new version as the newest. A first version is live; a paused journey stays paused."""
        ...

    def find(self, journey_id: JourneyId, version: int | None = None) -> PublishedJourney | None:
        """A version, the newest unless told; None where there is none."""
        ...

    def versions(
        self, wanted: Sequence[tuple[JourneyId, int]]
    ) -> Mapping[tuple[JourneyId, int], PublishedJourney]:
        """The versions that enrollments are on; those that do not exist are absent."""
        ...

    def status(self, journey_id: JourneyId) -> JourneyStatus | None:
        """Where a journey stands; None where there is no such journey."""
        ...

    def history(self, journey_id: JourneyId, *, limit: int, before: int | None) -> Sequence[PublishedJourney]:
        """A journey's versions, the newest first; those before a version where one is told."""
        ...

    def list_all(self) -> Sequence[JourneyStatus]:
        """Every journey, by id."""
        ...

    def live(self) -> Sequence[PublishedJourney]:
        """The newest version of every live journey, by id: those that take people in."""
        ...

    def set_state(self, journey_id: JourneyId, state: JourneyState, *, at: datetime) -> None:
        """Pause, resume or end a journey."""
        ...


class Enrollments(Protocol):
    """The runs of people through journeys. Quick at hundreds of thousands."""

    def watching(self, profile_ids: Sequence[ProfileId], *, since: datetime) -> Sequence[Enrollment]:
        """Runs that an event of these people may concern: active ones, and ended ones whose goal is open.

        A goal is open while it is not reached and its window ends at or after `since` (the earliest
        `occurred_at` at hand). Runs of paused journeys are included, those of ended journeys are not active.
        """
        ...

    def due(self, now: datetime, *, limit: int) -> Sequence[Enrollment]:
        """Active runs of live journeys whose time has come, the earliest first (ties by id)."""
        ...

    def next_due(self) -> datetime | None:
        """When the next active run of a live journey is due; None where nothing waits."""
        ...

    def previous(
        self, journey_ids: Sequence[JourneyId], profile_ids: Sequence[ProfileId]
    ) -> Mapping[tuple[JourneyId, ProfileId], Sequence[Enrollment]]:
        """All runs of these people through these journeys, in the order of entry; absent where none."""
        ...

    def find(self, enrollment_id: EnrollmentId) -> Enrollment | None:
        """One run."""
        ...

    def active_of(self, journey_id: JourneyId, *, limit: int) -> Sequence[Enrollment]:
        """Active runs of one journey: what ending it touches."""
        ...

    def standing_before(self, journey_id: JourneyId, version: int) -> Sequence[Standing]:
        """How many active runs of earlier versions stand at each node, by version and node."""
        ...

    def active_before(
        self, journey_id: JourneyId, version: int, *, limit: int, after: EnrollmentId | None
    ) -> Sequence[Enrollment]:
        """Active runs of earlier versions, by id: whom a plan touches."""
        ...

    def save(self, runs: Sequence[Enrollment]) -> None:
        """Write runs as they stand now; the last of equal ids counts."""
        ...

    def record(self, made: Sequence[Decision]) -> None:
        """Append decisions; one that is known by its id stays as it is."""
        ...

    def standing(self, journey_id: JourneyId) -> Mapping[NodeId, int]:
        """How many active runs stand at each node, all versions together."""
        ...


class Verdicts(Protocol):
    """What is so of people: conditions as written, each at an instant of their own; and their own clocks."""

    def verdicts(self, conditions: Sequence[Condition], asks: Sequence[Ask]) -> Sequence[tuple[bool, ...]]:
        """Each ask's verdict on each condition, in the order of the asks; one pass over the event store."""
        ...

    def zones(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, Zone]:
        """The own zones of these people; absent where none is known."""
        ...
