"""How much one source may send: so many events a second, with a burst above that now and then."""

from dataclasses import dataclass

from perennial.kernel.errors import Problem

MOST_EVENTS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """What a source may send: on average, and at once after it was quiet."""

    events_per_second: int
    burst: int


class TokenBucket:
    """What a source may still send at this moment. Times are seconds of any clock that never goes back.

    A request is let through while there is room for it, or for a full burst where it is larger than that:
    then the source owes the rest, and waits the longer. Were it not so, a request above the burst could never
    come through, and its client would send it for ever.
    """

    def __init__(self, limit: RateLimit, *, now: float) -> None:
        self.limit = limit
        self._room = float(limit.burst)
        self._at = now

    def take(self, events: int, *, now: float) -> float:
        """Let so many events through, all or none: 0.0, or the seconds after which there is room for them."""
        limit = self.limit
        room = min(float(limit.burst), self._room + (now - self._at) * limit.events_per_second)
        self._at = now
        missing = min(events, limit.burst) - room
        if missing > 0:
            self._room = room
            return missing / limit.events_per_second
        self._room = room - events
        return 0.0

    def change(self, limit: RateLimit, *, now: float) -> None:
        """Go by another limit from now on; what is owed stays owed."""
        self.take(0, now=now)
        self.limit = limit
        self._room = min(self._room, float(limit.burst))


def limit_problems(events_per_second: int, burst: int) -> list[Problem]:
    """What is wrong with a limit."""
    stated = {"events_per_second": events_per_second, "burst": burst}
    return [
        Problem(
            path=f"$.{name}",
            code="bad_limit",
            message=f"{name} is a whole number from 1 to {MOST_EVENTS}.",
            hint="Revoke the source to let nothing of it in.",
        )
        for name, value in stated.items()
        if not 1 <= value <= MOST_EVENTS
    ]
