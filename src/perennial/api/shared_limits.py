"""How often a link to a board may be looked at: by everybody together, and from one address."""

from collections import OrderedDict
from threading import Lock

from perennial.access.limits import RateLimit, TokenBucket
from perennial.api.problems import RateLimited
from perennial.kernel.clock import Clock

BY_SHARE = RateLimit(events_per_second=2, burst=120)
BY_ADDRESS = RateLimit(events_per_second=1, burst=30)
MOST_KEPT = 10_000
"""Addresses that are remembered; whoever was not heard of longest is forgotten."""


class LookedTooOften(RateLimited):
    """This link is looked at more often than it may be. Wait, then look again."""


class SharedLimits:
    """One serving process's limits of looks. Safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def let_in(self, address: str) -> None:
        """Let an address ask at all, also with tokens that are none. Raises LookedTooOften."""
        self._take(f"address {address}", BY_ADDRESS)

    def let_look(self, share_id: str) -> None:
        """Let a share be looked at once more. Raises LookedTooOften."""
        self._take(f"share {share_id}", BY_SHARE)

    def _take(self, key: str, limit: RateLimit) -> None:
        now = self._clock.now().timestamp()
        with self._lock:
            bucket = self._buckets.setdefault(key, TokenBucket(limit, now=now))
            self._buckets.move_to_end(key)
            while len(self._buckets) > MOST_KEPT:
                self._buckets.popitem(last=False)
            wait = bucket.take(1, now=now)
        if wait:
            raise LookedTooOften(wait)
