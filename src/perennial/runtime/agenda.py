"""Whether there can be anything to do: nothing changed and nothing is due yet, so nothing is looked for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

LONGEST_REST = timedelta(seconds=10)
"""However sure we are that nothing is due, it is looked for so often: clocks are set, and moved."""


class Agenda:
    """What a loop goes by: it works where something changed since it last looked, or its time has come.

    `version` is another after every change that may bring work. What it was *before* the work is remembered
    after it: what changes meanwhile, by the work itself too, is looked at once more.
    """

    def __init__(
        self,
        version: Callable[[], object],
        now: Callable[[], datetime],
        *,
        stopwatch: Callable[[], float] = monotonic,
    ) -> None:
        self._version = version
        self._now = now
        self._stopwatch = stopwatch
        self._present: object = None
        self._settled: object = None
        self._is_settled = False
        self._due_at: datetime | None = None
        self._looked_at = 0.0

    def rest(self) -> timedelta:
        """How long there will be nothing to do unless something changes; zero where there may be now."""
        self._present = self._version()
        if not self._is_settled or self._present != self._settled:
            return timedelta(0)
        if self._stopwatch() - self._looked_at >= LONGEST_REST.total_seconds():
            return timedelta(0)
        return next_wake(self._due_at, now=self._now(), at_most=LONGEST_REST)

    def settle(self, rest: timedelta) -> None:
        """Say, after the work that `rest` asked for, how long nothing will be due."""
        self._settled, self._is_settled = self._present, True
        self._due_at, self._looked_at = self._now() + rest, self._stopwatch()


def next_wake(next_due: datetime | None, *, now: datetime, at_most: timedelta) -> timedelta:
    """How long the loop may sleep: until what is due next, and no longer than so long."""
    if next_due is None:
        return at_most
    return max(timedelta(0), min(at_most, next_due - now))
