"""What every use case of a workspace stands on: its stages, the present moment, who meets a condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from perennial.compute.definitions.service import LiveDefinitions, vocabulary
from perennial.compute.profiles import EVERYONE, Person, Profiles
from perennial.kernel.conditions import Condition, InSegment, Moment, moment_asked, parse_condition, resolve
from perennial.kernel.ids import ProfileId, SegmentId, UserId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.runtime import shown
from perennial.runtime.consequences import Stages
from perennial.runtime.ports import StateStore, StateTransaction
from perennial.runtime.processor import Processor
from perennial.runtime.shown import Page


@dataclass(frozen=True, slots=True)
class _PeopleAsNeeded:
    """People as they are listed (`People`), each read in a snapshot of its own.

    The event store may take long to answer: nobody's connection is held meanwhile.
    """

    state: StateStore

    def page_by_user_id(self, *, limit: int, after: Person | None = None) -> Sequence[Person]:
        with self.state.read() as transaction:
            return transaction.people.page_by_user_id(limit=limit, after=after)

    def user_ids(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, UserId]:
        with self.state.read() as transaction:
            return transaction.people.user_ids(profile_ids)

    def find(self, user_id: UserId) -> ProfileId | None:
        with self.state.read() as transaction:
            return transaction.people.find(user_id)


class Asking:
    """A workspace as far as it can be asked about people."""

    def __init__(self, stages: Stages, processor: Processor) -> None:
        self._stages = stages
        self._processor = processor

    @property
    def zone(self) -> Zone:
        """Where days and weeks begin."""
        return self._stages.zone

    def count_people(self, condition: Json = None, *, as_of: datetime | None = None) -> int:
        """How many people meet a condition."""
        at = self._at(as_of)
        with self._stages.state.read() as transaction:
            resolved = self._resolved(condition, transaction, at)
        return self._stages.population.count(resolved, at=at)

    def list_people(
        self,
        condition: Json = None,
        *,
        as_of: datetime | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> Page:
        """Who meets a condition, by user id."""
        at = self._at(as_of)
        with self._stages.state.read() as transaction:
            resolved = self._resolved(condition, transaction, at)
        return self._page(resolved, at, limit, after)

    def segment_people(self, segment_id: str, *, limit: int = 100, after: str | None = None) -> Page:
        """Who is in a segment now, by user id."""
        at = self._at(None)
        with self._stages.state.read() as transaction:
            self._stages.segments.get(SegmentId(segment_id), state=transaction)
            definitions = LiveDefinitions(transaction, at=at, population=self._stages.population)
            resolved = resolve(InSegment(segment=segment_id), definitions)
        return self._page(resolved, at, limit, after)

    def _now(self) -> datetime:
        return self._stages.clock.now()

    def _at(self, as_of: datetime | None) -> Moment:
        return moment_asked(as_of or self._now(), zone=self.zone)

    def _resolved(self, condition: Json, transaction: StateTransaction, at: Moment) -> Condition:
        if condition is None:
            return EVERYONE
        parsed = parse_condition(condition, known=vocabulary(transaction))
        definitions = LiveDefinitions(transaction, at=at, population=self._stages.population)
        return resolve(parsed, definitions)

    def _page(self, condition: Condition, at: Moment, limit: int, after: str | None) -> Page:
        profiles = Profiles(self._stages.population, _PeopleAsNeeded(self._stages.state))
        return shown.people(profiles.page(condition, at=at, limit=limit, after=after))
