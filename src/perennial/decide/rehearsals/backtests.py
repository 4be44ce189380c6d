"""A backtest's nouns and arithmetic: over which span, in what steps, and what two drafts differ in. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from perennial.kernel.errors import NotFound, Refused
from perennial.kernel.ids import JourneyId
from perennial.kernel.values import Json

MOST_STEPS = 400
_STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440))
_COMPARED = ("entered", "still_held")
_COMPARED_COUNTS = ("messages", "withheld", "held", "dropped", "outcomes")


class BacktestCancelled(Refused):
    """The backtest was stopped before its end; nothing of it is kept."""

    code = "cancelled"


class BacktestNotFound(NotFound):
    """No backtest has this id."""

    code = "backtest_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """One journey run over a span of the past, and what it came to."""

    backtest_id: str
    journey_id: JourneyId
    start: datetime
    end: datetime
    ran_at: datetime
    report: Mapping[str, Json]


class Backtests(Protocol):
    """Backtests that were run, inside the caller's transaction."""

    def add(self, backtest: Backtest) -> None:
        """Keep what one came to."""
        ...

    def find(self, backtest_id: str) -> Backtest | None:
        """One of them."""
        ...

    def page(self, *, limit: int, after: str | None) -> Sequence[Backtest]:
        """The newest first, after one of them."""
        ...

    def forget(self, *, kept: int) -> None:
        """Let go of all but the newest."""
        ...


def step_for(span: timedelta) -> timedelta:
    """How far the clock moves at once over a span: a round length, so that there are not too many steps."""
    return next((one for one in _STEPS if span / one <= MOST_STEPS), _STEPS[-1])


def difference(draft: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    """By how much one report is above another, number by number."""
    plain: dict[str, Json] = {name: _number(draft[name]) - _number(other[name]) for name in _COMPARED}
    counts: dict[str, Json] = {name: _by_name(draft[name], other[name]) for name in _COMPARED_COUNTS}
    return plain | counts


def _by_name(draft: Json, other: Json) -> dict[str, Json]:
    nothing: dict[str, Json] = {}
    first = draft if isinstance(draft, Mapping) else nothing
    second = other if isinstance(other, Mapping) else nothing
    return {
        name: _number(first.get(name, 0)) - _number(second.get(name, 0))
        for name in sorted(first.keys() | second.keys())
    }


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
