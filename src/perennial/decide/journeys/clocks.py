"""Waits until a clock shows a time: how they are read and written, and when such a wait is over. Pure.

A time that a day skips comes as much later as its clock jumps; one that comes twice
counts the first time.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from perennial.decide.journeys.grammar import LATER_WAITS, WAIT_KEYS, WEEKDAYS
from perennial.decide.journeys.model import EventMatch, WaitClock, WhoseClock
from perennial.decide.journeys.reading import JourneyProblems
from perennial.decide.policies.parse import read_wall
from perennial.kernel.ids import NodeId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

_WHOSE: tuple[WhoseClock, ...] = ("workspace", "person")
_DAY = timedelta(days=1)
_LOOK_AHEAD = 10
"""Days from the one before: a week, and one more where today's time is over."""


def over_at(node: WaitClock, arrived_at: datetime, *, zone: Zone) -> datetime:
    """The first instant after arrival at which the clock shows the time, on a day that is meant.

    Whoever arrives at that very instant waits for the next: a loop would otherwise turn on the spot.
    """
    first = arrived_at.astimezone(zone.rules).date() - _DAY
    days = (first + _DAY * ahead for ahead in range(_LOOK_AHEAD))
    meant = (day for day in days if not node.days or day.weekday() in node.days)
    instants = (datetime.combine(day, node.until, tzinfo=zone.rules).astimezone(UTC) for day in meant)
    return next(instant for instant in instants if instant > arrived_at)


def read_clock_wait(
    written: Mapping[str, Json],
    path: str,
    problems: JourneyProblems,
    *,
    then: NodeId | None,
    restart_on: EventMatch | None,
) -> WaitClock | None:
    """The wait an object says; None where it is wrong."""
    later = [key for key in written if key in LATER_WAITS]
    if later:
        problems.not_built_yet(f"{path}.{later[0]}", f"A wait by `{later[0]}`")
        return None
    problems.keys(written, WAIT_KEYS, path)
    if not problems.required(written, "until", path, what="A wait by the clock"):
        return None
    until = read_wall(written["until"], f"{path}.until", problems)
    whose = problems.word(written.get("zone", "workspace"), f"{path}.zone", _WHOSE)
    days = _days(written, path, problems)
    if until is None or whose is None or days is None or then is None:
        return None
    clock: WhoseClock = "person" if whose == "person" else "workspace"
    return WaitClock(until=until, clock=clock, days=days, restart_on=restart_on, then=then)


def clock_document(node: WaitClock) -> dict[str, Json]:
    """The object that reads as this wait."""
    document: dict[str, Json] = {"until": f"{node.until:%H:%M}"}
    if node.clock != "workspace":
        document["zone"] = node.clock
    if node.days:
        document["on"] = [WEEKDAYS[day] for day in node.days]
    return document


def clock_text(node: WaitClock) -> str:
    """A wait by the clock, in short."""
    days = "".join(f" {WEEKDAYS[day]}" for day in node.days)
    return f"until {node.until:%H:%M}{days}"


def _days(written: Mapping[str, Json], path: str, problems: JourneyProblems) -> tuple[int, ...] | None:
    if "on" not in written:
        return ()
    listed = problems.sequence(written["on"], f"{path}.on", what="The days of a wait")
    if listed is None:
        return None
    words = [problems.word(day, f"{path}.on[{place}]", WEEKDAYS) for place, day in enumerate(listed)]
    if None in words:
        return None
    return tuple(sorted({WEEKDAYS.index(word) for word in words if word is not None}))
