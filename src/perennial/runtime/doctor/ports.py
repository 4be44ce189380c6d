"""What the doctor needs of the stores: questions about themselves, each bounded in time and in its answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from perennial.kernel.ids import JourneyId, NodeId, ProfileId, SegmentId


class RecordsExam(Protocol):
    """Questions about the state store and the intake log of one workspace.

    Lists are of at most 20; None is said by a question that took too long to be answered.
    """

    def damage(self) -> Sequence[str] | None:
        """What the engine finds wrong with its own files or indexes."""
        ...

    def schemas(self) -> Mapping[str, tuple[str, str]]:
        """For each store the migration it was last brought to, and the one this version brings it to."""
        ...

    def weak_settings(self) -> Sequence[str]:
        """Settings with which a commit may not survive a power cut."""
        ...

    def imports_waiting_since_before(self, instant: datetime) -> Sequence[str]:
        """Imports with rows that were accepted before an instant and are not in the event store yet."""
        ...

    def standing(self) -> Sequence[tuple[JourneyId, int, NodeId, int]]:
        """Where active enrollments stand: journey, version, node, how many."""
        ...

    def repeated_runs(self) -> Sequence[tuple[JourneyId, int, int, int]]:
        """People never merged with several active runs through a journey, counted alike ones together.

        Each: the journey, the newest version among the runs, how many runs, under how many keys.
        """
        ...

    def messages_by_state(self) -> Mapping[str, int]:
        """How many messages are in each state, whatever the states are called."""
        ...

    def sending_since_before(self, instant: datetime) -> Sequence[str] | None:
        """Messages that have been on their way to a provider since before an instant."""
        ...

    def contradictory_messages(self) -> Sequence[str] | None:
        """Messages that are sent without a time of sending, or have one without being sent."""
        ...

    def causeless_messages(self) -> Sequence[str] | None:
        """Messages whose cause is no enrollment there is."""
        ...

    def lost_names(self) -> Sequence[str] | None:
        """Profiles that a name leads to, and that are not there or were merged into another."""
        ...

    def memberships(self) -> Mapping[SegmentId, tuple[int, int, int]]:
        """For each filled segment the people it is said to have, those stored, those of them never merged."""
        ...


class LogExam(Protocol):
    """Questions about the event store of one workspace."""

    def schema(self) -> tuple[int, int]:
        """The last schema file it was given, and the last there is."""
        ...

    def strange_settings(self) -> Sequence[str]:
        """Settings that are not as they must be."""
        ...

    def missing(self, batch: pa.Table) -> Sequence[str]:
        """The message ids of those rows of a batch that are not there."""
        ...

    def rollup_differences(
        self, *, start: datetime, end: datetime
    ) -> Sequence[tuple[str, datetime, int, int]]:
        """Event, day (UTC), rows and rolled-up count wherever the last two differ, between whole days."""
        ...

    def doubled(self, *, since: datetime) -> Sequence[str]:
        """Message ids that stand twice among the rows received since then, from one source."""
        ...

    def overrides(self) -> Mapping[ProfileId, ProfileId]:
        """Whose rows count as whose."""
        ...

    def segment_members(self) -> Mapping[SegmentId, int]:
        """People never merged whose last event about a segment says that they entered it."""
        ...
