"""How one workspace turns: by itself while a server runs, or once by hand."""

from datetime import timedelta
from threading import Condition

from perennial.deliver.messages import Round
from perennial.kernel.errors import Unavailable
from perennial.runtime.loop import RHYTHM, Loop
from perennial.runtime.processor import Processor, Stages


class Behind(Unavailable):
    """What was accepted is not processed yet."""

    code = "behind"


class Turning:
    """The loops of a workspace: one that understands and decides, one that sends."""

    def __init__(self, name: str, stages: Stages, processor: Processor, *, is_rehearsal: bool) -> None:
        self._name = name
        self._stages = stages
        self._processor = processor
        self._is_rehearsal = is_rehearsal
        self._loops: list[Loop] = []
        self._turned = Condition()

    def start(self) -> None:
        """Turn in the background, until `stop`. What an earlier crash caught on its way is settled first."""
        self._stages.delivery.resolve_interrupted(now=self._stages.clock.now())
        self._loops = [Loop(f"understand-{self._name}", self._understand)]
        if not self._is_rehearsal:
            self._loops.append(Loop(f"send-{self._name}", self._send))
        for loop in self._loops:
            loop.start()

    def wake(self) -> None:
        """Say that something was accepted."""
        for loop in self._loops:
            loop.wake()

    def stop(self) -> None:
        """End the present turns."""
        for loop in self._loops:
            loop.stop()
        self._loops = []

    def turn(self) -> None:
        """Turn once: understand, refresh what is due, fire timers, send, and see what came of it."""
        self._processor.cycle()
        while self._deliver().has_more:
            pass
        self._processor.drain()

    def wait_accepted(self, *, timeout: float) -> None:
        """Return once everything accepted before now is queryable; where no loop turns, see to it here."""
        if not self._loops:
            self._processor.drain()
            return
        upto = self._stages.intake.position()
        self.wake()
        with self._turned:
            done = self._turned.wait_for(lambda: not self._processor.is_pending(upto=upto), timeout)
        if not done:
            raise Behind(hint="The server is catching up; ask again in a minute.")

    def _understand(self) -> timedelta:
        if self._is_rehearsal:
            self._processor.drain()
        else:
            self._processor.cycle()
        with self._turned:
            self._turned.notify_all()
        return self._processor.rest()

    def _send(self) -> timedelta:
        done = self._deliver()
        if done.sent or done.failed or done.unknown or done.dropped:
            self._loops[0].wake()  # what became of them is for journeys to see
        return timedelta(0) if done.has_more else RHYTHM

    def _deliver(self) -> Round:
        now = self._stages.clock.now()
        return self._stages.delivery.release_held(now=now).plus(self._stages.delivery.deliver_due(now=now))
