"""The loop that turns by itself while a server runs: one thread that processes, one that sends.

They are two, so that a slow mail server holds up nobody's journey. Each sleeps until it is told of work
or its next timer is due, and never longer than its rhythm.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

import structlog

_log = structlog.get_logger(__name__)

RHYTHM = timedelta(seconds=1)
"""The longest sleep: new work is announced, so this only bounds what nobody announced."""
_PAUSE_AFTER_FAILURE = timedelta(seconds=2)

_GLANCE = timedelta(seconds=0.1)
"""Between two looks at what another process does: it tells nobody."""

Turn = Callable[[], timedelta]
"""Does what there is to do, and says how long it may sleep then."""


class Loop:
    """A named thread that takes turns until it is stopped; a failed turn is logged and tried again."""

    def __init__(
        self, name: str, turn: Turn, *, rhythm: timedelta = RHYTHM, apart: timedelta = timedelta(0)
    ) -> None:
        """`apart` is how long after a turn began the next one may begin, unless somebody is in a hurry."""
        self._turn = turn
        self._rhythm = rhythm
        self._apart = apart.total_seconds()
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin turning."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to do now."""
        self._wake.set()

    def hurry(self) -> None:
        """Say that somebody waits for what there is to do: the next turn follows at once."""
        self._hurry.set()
        self._wake.set()

    def stop(self) -> None:
        """Let the present turn end, and stop. Safe to call when it never started."""
        self._stopping.set()
        self.hurry()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            begun = monotonic()
            sleep = self._take_turn()
            self._hurry.wait(max(0.0, begun + self._apart - monotonic()))
            self._hurry.clear()
            self._wake.wait(min(sleep, self._rhythm).total_seconds())
            self._wake.clear()

    def _take_turn(self) -> timedelta:
        try:
            return self._turn()
        except Exception:  # noqa: BLE001 - a supervised loop: one bad turn must not stop the others
            # Nothing of a failed turn was committed; it is taken again from where it began.
            _log.exception("turn_failed", loop=self._thread.name)
            self._stopping.wait(_PAUSE_AFTER_FAILURE.total_seconds())
            return timedelta(0)


class Turned:
    """Lets threads wait until something has come about: our own turns tell them, another process's do not."""

    def __init__(self, *, rhythm: timedelta = RHYTHM) -> None:
        self._rhythm = rhythm
        self._condition = threading.Condition()

    def tell(self) -> None:
        """Say that a turn was taken."""
        with self._condition:
            self._condition.notify_all()

    def wait(self, is_so: Callable[[], bool], *, is_told: Callable[[], bool], timeout: float) -> bool:
        """Whether it comes about within so many seconds; `is_told` says whether it would be told of now.

        Whoever is told looks for itself now and then all the same: another process may have taken over
        meanwhile, and then nobody tells any more.
        """
        until = monotonic() + timeout
        with self._condition:
            while not is_so():
                left = until - monotonic()
                if left <= 0:
                    return False
                pause = self._rhythm if is_told() else _GLANCE
                self._condition.wait(min(left, pause.total_seconds()))
        return True
