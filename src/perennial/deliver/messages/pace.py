"""How fast a provider is fed: a bucket that fills with time, a token for each message."""

from dataclasses import dataclass
from datetime import datetime

from perennial.decide.policies import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """The tokens there were at an instant."""

    tokens: float
    at: datetime


class Pacing:
    """The buckets of one process, by channel. One thread at a time is inside."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def room(self, channel: str, rate: Rate | None, *, part: float, now: datetime) -> int | None:
        """How many messages may go now; None where nothing limits them.

        `part` is the share of all sending that is this process's: several together keep to the rate.
        """
        if rate is None:
            self._buckets.pop(channel, None)
            return None
        return int(self._filled(channel, rate, part, now).tokens)

    def took(self, channel: str, rate: Rate | None, messages: int, *, part: float, now: datetime) -> None:
        """So many messages went."""
        if rate is not None:
            bucket = self._filled(channel, rate, part, now)
            self._buckets[channel] = Bucket(tokens=bucket.tokens - messages, at=bucket.at)

    def _filled(self, channel: str, rate: Rate, part: float, now: datetime) -> Bucket:
        # At least one fits, or the smallest part would never send.
        most = max(1.0, rate.burst * part)
        before = self._buckets.get(channel, Bucket(tokens=most, at=now))
        # A clock that was put back fills nothing.
        passed = max(0.0, (now - before.at).total_seconds())
        return Bucket(
            tokens=min(most, before.tokens + passed * rate.per_second * part), at=max(now, before.at)
        )
