"""How one workspace turns: by itself while a server runs, or once by hand."""

from datetime import timedelta
from itertools import count
from threading import Lock

import structlog

from perennial.deliver.messages import Round, Share
from perennial.kernel.errors import PerennialError, Unavailable
from perennial.kernel.leases import TERM, LeaseLost
from perennial.runtime.agenda import LONGEST_REST, Agenda, next_wake
from perennial.runtime.holdings import HeldElsewhere, Holdings
from perennial.runtime.loop import RHYTHM, Loop, Turned
from perennial.runtime.processor import Processor, Stages

_log = structlog.get_logger(__name__)

GATHERING = timedelta(seconds=0.5)
"""From the begin of a batch to that of the next while calls keep coming, so that single ones, too, come to
the event store many at a time: a batch costs about as much as a thousand calls. Who asks waits for none of
it, and a batch that takes longer is followed by the next at once."""


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
        self._turned = Turned()
        self._announced = count()
        self._accepted = 0
        """The number of the last announcement."""
        self._understanding = Agenda(self._version_of_calls, stages.clock.now)
        self._sending = Agenda(self._version_of_outbox, stages.clock.now)
        self._delivering = Lock()
        """One round of sending at a time, by the loop or by hand."""
        self._epochs: dict[int, int] = {}
        """The turn at each shard that what an earlier holder left was settled in."""

    def recover(self) -> None:
        """Look for what a power cut took, where nobody else understands now."""
        self._holdings.renew_understanding()
        try:
            if self._holdings.is_understanding:
                self._processor.recover()
        finally:
            # Whether it is this process that understands from now on, is for `start` to say.
            self._holdings.release()

    def start(self) -> None:
        """Turn in the background, until `stop`: whatever of the work is or becomes this process's."""
        self._holdings.renew()
        self._loops = [Loop(f"understand-{self._name}", self._understand, apart=GATHERING)]
        if not self._is_rehearsal:
            self._loops.append(Loop(f"send-{self._name}", self._send))
        self._loops.append(Loop(f"hold-{self._name}", self._hold, rhythm=TERM / 3))
        for loop in self._loops:
            loop.start()

    @property
    def is_understanding(self) -> bool:
        """Whether this workspace's work is this process's now."""
        return self._holdings.is_understanding

    def wake(self) -> None:
        """Say that something was accepted."""
        self._accepted = next(self._announced)
        for loop in self._loops[:1]:
            loop.wake()

    def stop(self) -> None:
        """End the present turns, and let other processes have the work at once."""
        for loop in self._loops:
            loop.stop()
        self._loops = []
        # The last chance to write down what was answered: after a start nobody can know.
        for last in (self._stages.delivery.write_down, self._holdings.release):
            try:
                last()
            except PerennialError as error:
                _log.warning("not_handed_back", workspace=self._name, code=error.code, hint=error.hint)

    def turn(self) -> None:
        """Turn once: understand, refresh what is due, fire timers, send, and see what came of it."""
        self._holdings.renew()
        while self._processor.cycle():
            pass
        while self._deliver().has_more:
            pass
        self._processor.drain()

    def catch_up(self) -> None:
        """Process what was accepted, where that is this process's to do; else it is under way elsewhere."""
        if not self._loops:
            self._holdings.renew_understanding()
        if not self._holdings.is_understanding:
            return
        try:
            self._processor.drain()
        except (LeaseLost, HeldElsewhere):
            _log.info("lease_lost", workspace=self._name)

    def wait_accepted(self, *, timeout: float) -> None:
        """Return once everything accepted before now is queryable; where no loop turns, see to it here."""
        upto = self._stages.intake.position()
        if not self._loops:
            self.catch_up()
        self.wake()
        if not self._turned.wait(
            lambda: not self._is_pending_in_a_hurry(upto),
            is_told=lambda: self._holdings.is_understanding,
            timeout=timeout,
        ):
            raise Behind(hint="The server is catching up; ask again in a minute.")

    def _is_pending_in_a_hurry(self, upto: int) -> bool:
        """Whether calls up to a position wait, for somebody who waits for them."""
        is_pending = self._processor.is_pending(upto=upto)
        for loop in self._loops[:1] if is_pending else ():
            loop.hurry()
        return is_pending

    def _hold(self) -> timedelta:
        self._holdings.renew()
        return TERM / 3

    def _understand(self) -> timedelta:
        if not self._holdings.is_understanding:
            return RHYTHM
        try:
            if rest := self._understanding.rest():
                return rest
            if self._is_rehearsal:
                self._processor.drain(batches=1)
            else:
                self._processor.cycle()
        except (LeaseLost, HeldElsewhere):
            return self._see_what_is_left()
        self._turned.tell()
        for loop in self._loops[1:-1]:  # the one that sends: journeys may have asked for messages
            loop.wake()
        rest = self._rest_of_rehearsal() if self._is_rehearsal else self._processor.rest()
        self._understanding.settle(rest)
        return rest

    def _rest_of_rehearsal(self) -> timedelta:
        """Nothing falls due there: nobody moves its clock."""
        is_pending = self._processor.is_pending(upto=self._stages.intake.position())
        return timedelta(0) if is_pending else LONGEST_REST

    def _version_of_calls(self) -> object:
        """Another whenever there may be something to understand; other processes are told of by the store."""
        return self._accepted, self._stages.state.version(), self._holdings.understanding.epoch

    def _see_what_is_left(self) -> timedelta:
        """Another process took over: nothing of the turn was kept, and it is taken there."""
        _log.info("lease_lost", workspace=self._name)
        self._holdings.renew()
        return timedelta(0)

    def _send(self) -> timedelta:
        if rest := self._sending.rest():
            return rest
        try:
            done = self._deliver()
        except (LeaseLost, HeldElsewhere):
            return self._see_what_is_left()
        if done.sent or done.failed or done.unknown or done.dropped:
            self._loops[0].wake()  # what became of them is for journeys to see
        if done.has_more:
            return timedelta(0)
        with self._stages.state.read() as transaction:
            next_due = transaction.outbox.next_due(share=self._holdings.share)
        # What is due all the same was looked at just now, and waits for its provider or for room.
        rest = max(RHYTHM, next_wake(next_due, now=self._stages.clock.now(), at_most=LONGEST_REST))
        self._sending.settle(rest)
        return rest

    def _version_of_outbox(self) -> object:
        """Another whenever there may be something to send."""
        return self._stages.state.version(), self._holdings.share

    def _deliver(self) -> Round:
        """One round of sending. What an earlier one could not write down comes first, whoever sends now."""
        with self._delivering:
            done = self._stages.delivery.write_down()
            with self._holdings.sending() as share:
                return done.plus(self._deliver_share(share)) if share.shards else done

    def _deliver_share(self, share: Share) -> Round:
        now, delivery = self._stages.clock.now(), self._stages.delivery
        self._settle_what_was_left(share)
        with self._stages.state.read() as transaction:
            next_due = transaction.outbox.next_due(share=share)
        if next_due is None or next_due > now:
            return Round()  # without waiting for the writer's turn
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
