"""How one workspace turns: by itself while a server runs, or once by hand."""

from datetime import timedelta
from threading import Condition
from time import monotonic

import structlog

from perennial.deliver.messages import Round, Share
from perennial.kernel.errors import PerennialError, Unavailable
from perennial.kernel.leases import TERM, LeaseLost
from perennial.runtime.holdings import HeldElsewhere, Holdings
from perennial.runtime.loop import RHYTHM, Loop
from perennial.runtime.processor import Processor, Stages

_log = structlog.get_logger(__name__)

_GLANCE = 0.1
"""Seconds between two looks at what another process has understood: it tells nobody."""


class Behind(Unavailable):
    """What was accepted is not processed yet."""

    code = "behind"


class Turning:
    """The loops of a workspace: one understands and decides, one sends, one holds on to the right to both."""

    def __init__(
        self, name: str, stages: Stages, processor: Processor, holdings: Holdings, *, is_rehearsal: bool
    ) -> None:
        self._name = name
        self._stages = stages
        self._processor = processor
        self._holdings = holdings
        self._is_rehearsal = is_rehearsal
        self._loops: list[Loop] = []
        self._turned = Condition()
        self._epochs: dict[int, int] = {}
        """The turn at each shard that what an earlier holder left was settled in."""

    def start(self) -> None:
        """Turn in the background, until `stop`: whatever of the work is or becomes this process's."""
        self._holdings.renew()
        self._loops = [Loop(f"understand-{self._name}", self._understand)]
        if not self._is_rehearsal:
            self._loops.append(Loop(f"send-{self._name}", self._send))
        self._loops.append(Loop(f"hold-{self._name}", self._hold, rhythm=TERM / 3))
        for loop in self._loops:
            loop.start()

    def wake(self) -> None:
        """Say that something was accepted."""
        for loop in self._loops[:-1]:  # all but the one that holds on
            loop.wake()

    def stop(self) -> None:
        """End the present turns, and let other processes have the work at once."""
        for loop in self._loops:
            loop.stop()
        self._loops = []
        try:
            self._holdings.release()
        except PerennialError as error:
            _log.warning("leases_not_released", workspace=self._name, hint=error.hint)

    def turn(self) -> None:
        """Turn once: understand, refresh what is due, fire timers, send, and see what came of it."""
        self._holdings.renew()
        self._processor.cycle()
        while self._deliver().has_more:
            pass
        self._processor.drain()

    def catch_up(self) -> None:
        """Process what was accepted, where that is this process's to do; else it is under way elsewhere."""
        if not self._loops:
            self._holdings.renew()
        if self._holdings.is_understanding:
            self._processor.drain()

    def wait_accepted(self, *, timeout: float) -> None:
        """Return once everything accepted before now is queryable; where no loop turns, see to it here."""
        if not self._loops:
            self.catch_up()
        upto = self._stages.intake.position()
        self.wake()
        if not self._wait_for(upto, timeout=timeout):
            raise Behind(hint="The server is catching up; ask again in a minute.")

    def _wait_for(self, upto: int, *, timeout: float) -> bool:
        """Whether a position is understood in time. Our own loop says so at once, another process never."""
        until = monotonic() + timeout
        with self._turned:
            while self._processor.is_pending(upto=upto):
                left = until - monotonic()
                if left <= 0:
                    return False
                self._turned.wait(left if self._holdings.is_understanding else min(left, _GLANCE))
        return True

    def _hold(self) -> timedelta:
        self._holdings.renew()
        return TERM / 3

    def _understand(self) -> timedelta:
        if not self._holdings.is_understanding:
            return RHYTHM
        try:
            if self._is_rehearsal:
                self._processor.drain()
            else:
                self._processor.cycle()
        except (LeaseLost, HeldElsewhere):
            return self._see_what_is_left()
        with self._turned:
            self._turned.notify_all()
        return self._processor.rest()

    def _see_what_is_left(self) -> timedelta:
        """Another process took over: nothing of the turn was kept, and it is taken there."""
        _log.info("lease_lost", workspace=self._name)
        self._holdings.renew()
        return timedelta(0)

    def _send(self) -> timedelta:
        try:
            done = self._deliver()
        except (LeaseLost, HeldElsewhere):
            return self._see_what_is_left()
        if done.sent or done.failed or done.unknown or done.dropped:
            self._loops[0].wake()  # what became of them is for journeys to see
        return timedelta(0) if done.has_more else RHYTHM

    def _deliver(self) -> Round:
        now, delivery, share = self._stages.clock.now(), self._stages.delivery, self._holdings.share
        if not share.shards:
            return Round()
        self._settle_what_was_left(share)
        released = delivery.release_held(now=now, share=share)
        return released.plus(delivery.deliver_due(now=now, share=share))

    def _settle_what_was_left(self, share: Share) -> None:
        """Of what a former holder of a shard was sending when it lost it, nobody can know."""
        leases = share.leases or {}
        fresh = {shard: one for shard, one in leases.items() if self._epochs.get(shard) != one.epoch}
        if fresh:
            now = self._stages.clock.now()
            self._stages.delivery.resolve_interrupted(now=now, share=Share(leases=fresh))
        self._epochs = {shard: lease.epoch for shard, lease in leases.items()}
