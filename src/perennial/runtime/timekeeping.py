"""Finding whom time moved, before a full refresh has to (ADR 0038).

Borders of windows move over the log as time passes: whoever has an event that a border passed over is asked
again. What is left for the full refresh to correct is counted as drift: there should be none.
"""

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from perennial.compute.segments.timekeeping import Crossing, crossing, give_up, note_checked
from perennial.kernel.conditions.model import Constant
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.runtime.consequences import Stages
from perennial.runtime.refreshing import record_refresh

_log = structlog.get_logger(__name__)

PORTION = 1_000
"""People asked in one transaction."""
MOST = 10_000
"""More than these are not asked one by one: everyone is, in one pass."""


class Ahead:
    """People who sent what has not happened yet, by clocks ahead of ours: asked again when it has."""

    def __init__(self) -> None:
        self._people: dict[ProfileId, datetime] = {}
        """Until when each is to be asked again."""

    def note(self, rows: pa.Table, *, now: datetime) -> None:
        """Remember whose rows these are that lie ahead of now."""
        if not rows.num_rows:
            return
        is_ahead = pc.greater(
            rows.column("occurred_at"), pa.scalar(now, rows.schema.field("occurred_at").type)
        )
        later = rows.filter(is_ahead) if pc.any(is_ahead).as_py() else None
        if later is None:
            return
        people, moments = later.column("profile_id").to_pylist(), later.column("occurred_at").to_pylist()
        for person, moment in zip(people, moments, strict=True):
            known = self._people.get(ProfileId(person), moment)
            self._people[ProfileId(person)] = max(known, moment)

    def due(self) -> list[ProfileId]:
        """Whoever something lies ahead of, or did until the last look."""
        return list(self._people)

    def settle(self, *, now: datetime) -> None:
        """Forget whom nothing lies ahead of any more: they were asked."""
        self._people = {person: until for person, until in self._people.items() if until > now}


def refresh_crossed(stages: Stages, ahead: Ahead, *, now: datetime) -> None:
    """Ask again whom time may have moved, where it is time to."""
    at = Moment(as_of=now, zone=stages.zone)
    with stages.state.read() as transaction:
        found = crossing(stages.segments, at=at, population=stages.population, state=transaction)
    if found is None:
        return
    people = _people(stages, found, at)
    is_too_many = len(people) > MOST
    overdue = [*found.overdue, *(found.segments if is_too_many else ())]
    if found.segments and not is_too_many:
        people = sorted({*people, *ahead.due()})
        for start in range(0, len(people), PORTION):
            _ask(stages, people[start : start + PORTION], found.segments, at)
        ahead.settle(now=now)
    with stages.state.begin() as transaction:
        give_up(overdue, at=at, state=transaction)
        if not is_too_many:
            note_checked(found.segments, at=at, state=transaction)
    if people:
        _log.info("time_followed", people=len(people), segments=len(found.segments), everyone=is_too_many)


def _people(stages: Stages, found: Crossing, at: Moment) -> list[ProfileId]:
    if isinstance(found.condition, Constant):
        return []
    [members] = stages.population.members([found.condition], at=at)
    return [ProfileId(one) for one in members.tolist()]


def _ask(stages: Stages, people: Sequence[ProfileId], segments: Sequence[SegmentId], at: Moment) -> None:
    with stages.state.begin() as transaction:
        became = transaction.identities.merged(people)
        changes = stages.segments.refresh_touched(
            [became.get(one, one) for one in people],
            at=at,
            population=stages.population,
            state=transaction,
            among=segments,
            cause="refresh",
        )
        record_refresh(stages, changes, transaction, now=at.as_of)
