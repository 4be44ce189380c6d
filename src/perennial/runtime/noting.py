"""Events noted one by one from many threads, durable before any is told so, a commit for as many as wait."""

from collections.abc import Sequence
from threading import Lock

from perennial.kernel.events import EmittedEvent
from perennial.runtime.ports import StateStore


class Noting:
    """Whoever comes first commits for everyone who came meanwhile."""

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self._waiting: list[EmittedEvent] = []
        self._guard, self._turn = Lock(), Lock()

    def note(self, events: Sequence[EmittedEvent]) -> None:
        """Keep events. Where they cannot be kept it raises; they may be kept with a later one's."""
        with self._guard:
            self._waiting += events
        with self._turn:
            with self._guard:
                ours, self._waiting = self._waiting, []
            if not ours:
                return
            try:
                with self._store.begin() as transaction:
                    transaction.emitted.record(ours)
            except BaseException:
                with self._guard:
                    self._waiting = [*ours, *self._waiting]
                raise
