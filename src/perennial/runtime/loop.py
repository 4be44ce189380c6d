"""The loop that turns by itself while a server runs: one thread that processes, one that sends.

They are two, so that a slow mail server holds up nobody's journey. Each sleeps until it is told of work
or its next timer is due, and never longer than its rhythm.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

_log = structlog.get_logger(__name__)

RHYTHM = timedelta(seconds=1)
"""The longest sleep: new work is announced, so this only bounds what nobody announced."""
_PAUSE_AFTER_FAILURE = timedelta(seconds=2)

Turn = Callable[[], timedelta]
"""Does what there is to do, and says how long it may sleep then."""


class Loop:
    """A named thread that takes turns until it is stopped; a failed turn is logged and tried again."""

    def __init__(self, name: str, turn: Turn, *, rhythm: timedelta = RHYTHM) -> None:
        self._turn = turn
        self._rhythm = rhythm
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin turning."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to do now."""
        self._wake.set()

    def stop(self) -> None:
        """Let the present turn end, and stop. Safe to call when it never started."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            sleep = self._take_turn()
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
