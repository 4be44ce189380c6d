"""Journeys and runs held in memory: what a rehearsal writes to instead of the workspace's state."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from perennial.decide.journeys.model import (
    Decision,
    Enrollment,
    JourneyState,
    JourneyStatus,
    PublishedJourney,
)
from perennial.decide.journeys.plans import Standing
from perennial.kernel.ids import EnrollmentId, JourneyId, NodeId, ProfileId


class ScratchShelf:
    """`JourneyShelf` of the journeys that are rehearsed: one version of each, live from the beginning."""

    def __init__(self, journeys: Sequence[PublishedJourney]) -> None:
        self._journeys = {one.journey.journey_id: one for one in journeys}

    def add(self, published: PublishedJourney) -> None:
        """Keep another journey, or another version in place of the first."""
        self._journeys[published.journey.journey_id] = published

    def find(self, journey_id: JourneyId, version: int | None = None) -> PublishedJourney | None:
        """The version there is."""
        found = self._journeys.get(journey_id)
        return found if found is None or version in (None, found.version) else None

    def versions(
        self, wanted: Sequence[tuple[JourneyId, int]]
    ) -> Mapping[tuple[JourneyId, int], PublishedJourney]:
        """Those that are rehearsed."""
        found = {key: self.find(*key) for key in wanted}
        return {key: one for key, one in found.items() if one is not None}

    def history(self, journey_id: JourneyId, *, limit: int, before: int | None) -> Sequence[PublishedJourney]:
        """The one version there is."""
        found = self.find(journey_id)
        return [found][:limit] if found is not None and (before is None or found.version < before) else []

    def status(self, journey_id: JourneyId) -> JourneyStatus | None:
        """Live since the rehearsal began."""
        found = self._journeys.get(journey_id)
        if found is None:
            return None
        return JourneyStatus(
            journey_id=journey_id,
            state="live",
            version=found.version,
            published_at=found.published_at,
            changed_at=found.published_at,
        )

    def list_all(self) -> Sequence[JourneyStatus]:
        """All of them, by id."""
        return [status for one in sorted(self._journeys) if (status := self.status(one)) is not None]

    def live(self) -> Sequence[PublishedJourney]:
        """All of them, by id."""
        return [self._journeys[one] for one in sorted(self._journeys)]

    def set_state(self, journey_id: JourneyId, state: JourneyState, *, at: datetime) -> None:
        """Nobody pauses a rehearsal."""
        raise NotImplementedError


class ScratchRuns:
    """`Enrollments` in memory."""

    def __init__(self) -> None:
        self._runs: dict[EnrollmentId, Enrollment] = {}
        self._of: dict[ProfileId, list[EnrollmentId]] = defaultdict(list)
        """Each person's runs, in the order of entry."""
        self._due: list[tuple[datetime, EnrollmentId]] = []

    def all(self) -> Sequence[Enrollment]:
        """Every run as it stands now."""
        return list(self._runs.values())

    def watching(self, profile_ids: Sequence[ProfileId], *, since: datetime) -> Sequence[Enrollment]:
        """Runs that an event of these people may concern: active ones, and those whose goal is open."""
        return [
            run
            for person in profile_ids
            for one in self._of.get(person, ())
            if (run := self._runs[one]).status == "active" or _is_goal_open(run, since)
        ]

    def due(self, now: datetime, *, limit: int) -> Sequence[Enrollment]:
        """Active runs whose time has come, the earliest first (ties by id)."""
        found: list[tuple[datetime, EnrollmentId]] = []
        while self._due and self._due[0][0] <= now and len(found) < limit:
            entry = heapq.heappop(self._due)
            if self._is_current(entry) and (not found or found[-1] != entry):
                found.append(entry)
        for entry in found:  # due until they are saved elsewhere
            heapq.heappush(self._due, entry)
        return [self._runs[one] for _, one in found]

    def next_due(self) -> datetime | None:
        """When the next active run is due; None where nothing waits."""
        while self._due and not self._is_current(self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def previous(
        self, journey_ids: Sequence[JourneyId], profile_ids: Sequence[ProfileId]
    ) -> Mapping[tuple[JourneyId, ProfileId], Sequence[Enrollment]]:
        """All runs of these people through these journeys, in the order of entry; absent where none."""
        wanted, found = set(journey_ids), defaultdict[tuple[JourneyId, ProfileId], list[Enrollment]](list)
        for person in profile_ids:
            for one in self._of.get(person, ()):
                run = self._runs[one]
                if run.journey_id in wanted:
                    found[run.journey_id, person].append(run)
        return found

    def find(self, enrollment_id: EnrollmentId) -> Enrollment | None:
        """One run."""
        return self._runs.get(enrollment_id)

    def active_of(self, journey_id: JourneyId, *, limit: int) -> Sequence[Enrollment]:
        """Active runs of one journey."""
        theirs = [
            run for run in self._runs.values() if run.journey_id == journey_id and run.status == "active"
        ]
        return theirs[:limit]

    def standing_before(self, journey_id: JourneyId, version: int) -> Sequence[Standing]:
        """Rehearsed journeys have one version: nobody stands in an earlier one."""
        return ()

    def active_before(
        self, journey_id: JourneyId, version: int, *, limit: int, after: EnrollmentId | None
    ) -> Sequence[Enrollment]:
        """For the same reason nobody."""
        return ()

    def save(self, runs: Sequence[Enrollment]) -> None:
        """Write runs as they stand now."""
        for run in runs:
            if run.enrollment_id not in self._runs:
                self._of[run.profile_id].append(run.enrollment_id)
            self._runs[run.enrollment_id] = run
            if run.status == "active" and run.due_at is not None:
                heapq.heappush(self._due, (run.due_at, run.enrollment_id))

    def record(self, made: Sequence[Decision]) -> None:
        """Decisions of a rehearsal are of no consequence."""

    def standing(self, journey_id: JourneyId) -> Mapping[NodeId, int]:
        """How many active runs stand at each node."""
        return Counter(run.node for run in self._runs.values() if _stands_in(run, journey_id))

    def _is_current(self, entry: tuple[datetime, EnrollmentId]) -> bool:
        run = self._runs[entry[1]]
        return run.status == "active" and run.due_at == entry[0]


def _is_goal_open(run: Enrollment, since: datetime) -> bool:
    return run.goal_at is None and run.goal_until is not None and run.goal_until >= since


def _stands_in(run: Enrollment, journey_id: JourneyId) -> bool:
    return run.journey_id == journey_id and run.status == "active"
