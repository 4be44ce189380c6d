"""What schedules need of the state store."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.collect.schedules.model import Scheduled, ScheduleKind
from perennial.kernel.values import Json


class Schedules(Protocol):
    """Schedules and how far each is; within one transaction."""

    def list(self, kind: ScheduleKind | None = None) -> Sequence[Scheduled]:
        """Every schedule (of a kind), by id."""
        ...

    def save(self, scheduled: Scheduled) -> None:
        """Keep a schedule as it stands."""
        ...

    def remove(self, kind: ScheduleKind, schedule_id: str) -> None:
        """Forget a schedule and everything of it."""
        ...

    def mark(self, schedule_id: str, mark: Mapping[str, Json]) -> None:
        """Note how far a source was read."""
        ...

    def next_due(self) -> datetime | None:
        """When the next one is due; None where there is none."""
        ...

    def digests(self, export_id: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        """What was last written under these keys; a digest of each row that was."""
        ...

    def wrote(self, export_id: str, digests: Mapping[str, bytes]) -> None:
        """Note what was written."""
        ...

    def written_keys(self, export_id: str, *, after: str, limit: int) -> Sequence[str]:
        """Keys that were written and not taken away, in order, after one of them."""
        ...

    def took_away(self, export_id: str, keys: Sequence[str]) -> None:
        """Note that rows are gone."""
        ...
