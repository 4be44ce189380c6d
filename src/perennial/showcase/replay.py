"""The last twelve weeks, replayed as live calls on a virtual clock through the live engine (ADR 0015)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from perennial.kernel.clock import VirtualClock
from perennial.kernel.errors import Refused
from perennial.kernel.values import Json
from perennial.showcase.documents import document
from perennial.showcase.history import Progress, declared, import_declared, import_history
from perennial.showcase.household_year import HouseholdYear
from perennial.showcase.mailbox import Mailbox
from perennial.showcase.position import Position
from perennial.wiring import Workspace, open_app

REPLAY = "demo_replay"
JOURNEY = "spending_rescue"
SEED = "the-complete-journey"
"""Profile ids are derived with it, so that arms repeat for the same data on every machine."""
SPAN = timedelta(weeks=12)
STEP = timedelta(hours=12)
REFRESH_EVERY = timedelta(days=1)
_SOURCE = "demo"
_OWN = ("user_id", "at", "message_id")


def replay(home: Path, year: HouseholdYear, position: Position, progress: Progress) -> Mapping[str, Json]:
    """Replay the last twelve weeks of the year, from where an earlier run stopped; the journey's read-out."""
    begin = year.last_event_at - SPAN
    clock = VirtualClock(position.reached or begin)
    with Mailbox(clock) as mailbox:
        mail = {REPLAY: f"{mailbox.url}?from=demo@example.invalid"}
        with open_app(home, clock=clock, smtp_urls=mail, refresh_every=REFRESH_EVERY) as app:
            app.init(REPLAY, seed=SEED, is_rehearsal=True)
            workspace = app.workspace(REPLAY)
            calls = _LiveCalls(year, after=clock.now())
            if position.reached is None:
                _prepare(workspace, year, begin, progress)
                position.reach(begin)
            _play(workspace, calls, clock, position, progress, end=year.last_event_at)
            return workspace.read_journey(JOURNEY)


def _prepare(workspace: Workspace, year: HouseholdYear, begin: datetime, progress: Progress) -> None:
    """History before the replay, and the journey; the first fill of its segment starts nobody."""
    import_history(workspace, year, until=begin, progress=progress)
    import_declared(workspace, [call for at, call in declared(year) if at <= begin])
    workspace.save_segment(document("segment_spending_fell"))
    workspace.save_template(document("template_rescue"))
    workspace.publish_journey(document("journey_spending_rescue"))
    workspace.turn()


def _play(
    workspace: Workspace,
    calls: "_LiveCalls",
    clock: VirtualClock,
    position: Position,
    progress: Progress,
    *,
    end: datetime,
) -> None:
    steps = list(_steps(clock.now(), end))
    for done, instant in enumerate(steps, start=1):
        clock.move_to(instant)
        batch = calls.until(instant)
        if batch:
            refused = workspace.send(batch, source=_SOURCE).rejected
            if refused:
                raise Refused(f"The data set holds a bad call: {refused[0].message}", hint=refused[0].hint)
        workspace.turn()
        position.reach(instant)
        progress("replaying 12 weeks", done, len(steps))


def _steps(start: datetime, end: datetime) -> Iterator[datetime]:
    instant = start
    while instant < end:
        instant = min(instant + STEP, end)
        yield instant


class _LiveCalls:
    """The year's rows after an instant, as clients would have sent them."""

    def __init__(self, year: HouseholdYear, *, after: datetime) -> None:
        self._declared = [(at, call) for at, call in declared(year) if at > after]
        self._tables = {
            name: _after(table, after).sort_by("at").combine_chunks() for name, table in year.events.items()
        }

    def until(self, instant: datetime) -> list[Json]:
        """The calls up to and including an instant that were not given out before."""
        found = [call for at, call in self._declared if at <= instant]
        self._declared = [(at, call) for at, call in self._declared if at > instant]
        for name, table in self._tables.items():
            rest = _after(table, instant)
            rows = table.slice(0, table.num_rows - rest.num_rows).to_pylist()
            found.extend(_call(name, row) for row in rows)
            self._tables[name] = table.slice(len(rows))
        return found


def _after(table: pa.Table, instant: datetime) -> pa.Table:
    return table.filter(pc.greater(table["at"], pa.scalar(instant, table["at"].type)))


def _call(event: str, row: Mapping[str, Any]) -> Json:
    return {
        "type": "track",
        "event": event,
        "userId": str(row["user_id"]),
        "messageId": str(row["message_id"]),
        "timestamp": row["at"].isoformat(),
        "properties": {name: value for name, value in row.items() if name not in _OWN},
    }
