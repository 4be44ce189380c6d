"""What came a moment ago, so that the same again is known."""

from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import blake2b
from threading import Lock

from perennial.collect.events.call import Call
from perennial.kernel.values import canonical

MOST_REMEMBERED = 200_000
"""Calls that are remembered; beyond that the oldest are forgotten."""


class RecentCalls:
    """Calls seen lately by one process. A restart forgets them: repeats a moment apart are then not known."""

    def __init__(self, *, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._seen: OrderedDict[bytes, tuple[datetime, str]] = OrderedDict()
        self._lock = Lock()

    def is_repeat(self, call: Call, *, within: timedelta) -> bool:
        """Whether the same happened within that time under another message id; else it is remembered."""
        key = _key(call)
        with self._lock:
            before = self._seen.get(key)
            if before is not None and abs(call.occurred_at - before[0]) <= within:
                # The same id again is a client that repeats itself, and is known by its id.
                return not call.message_id or before[1] != call.message_id
            self._seen[key] = (call.occurred_at, call.message_id)
            self._seen.move_to_end(key)
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return False


def _key(call: Call) -> bytes:
    said = [call.source, call.kind, call.name, call.user_id, call.anonymous_id, call.properties]
    return blake2b(canonical(said), digest_size=16).digest()
