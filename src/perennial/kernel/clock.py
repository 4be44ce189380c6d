"""A clock says what time it is; everything else is told."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Whoever needs the present asks one of these, never the machine."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock moved by hand: rehearsals, replays and tests run on it."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant the clock was last moved to."""
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Set the clock forward to an instant; moving backwards is refused."""
        if instant < self._now:
            raise ValueError(f"a clock does not run backwards: {instant} is before {self._now}")
        self._now = instant.astimezone(UTC)

    def advance(self, span: timedelta) -> None:
        """Set the clock forward by a span."""
        self.move_to(self._now + span)
