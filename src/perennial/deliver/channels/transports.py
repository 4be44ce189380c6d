"""Several ways of one channel, tried in order; a way that is broken is left alone for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from perennial.decide.journeys.model import Channel
from perennial.deliver.channels.model import Limits, Outgoing, Receipt
from perennial.deliver.channels.ports import Provider
from perennial.kernel.clock import Clock

FAILURES = 3
"""Rounds in which nothing reached a transport, one after the other, that open its circuit."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=5)


class Breaker:
    """A circuit breaker: after failures in a row it lets nothing through for a while, then one try."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether nothing is to be tried now."""
        return self._open_until is not None and now < self._open_until

    def worked(self) -> None:
        """The other side answered, whatever it said."""
        self._failures, self._open_until = 0, None

    def failed(self, now: datetime) -> None:
        """The other side was not there."""
        self._failures += 1
        if self._failures >= FAILURES:
            doublings = min(self._failures - FAILURES, 10)
            self._open_until = now + min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """One way and its breaker."""

    provider: Provider
    breaker: Breaker


class Transports:
    """A provider made of several: what certainly did not reach one is handed to the next.

    What one took, refused or may have taken is never handed to another.
    """

    def __init__(self, channel: Channel, providers: Sequence[Provider], clock: Clock) -> None:
        self.channel: Channel = channel
        self._transports = [Transport(provider=one, breaker=Breaker()) for one in providers]
        self._clock = clock

    @property
    def limits(self) -> Limits:
        """As much at once as the most careful takes."""
        return Limits(batch=min(one.provider.limits.batch for one in self._transports))

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Hand messages over by the first way that is there; one receipt for each."""
        receipts: dict[str, Receipt] = {}
        left: Sequence[Outgoing] = batch
        for transport in self._transports:
            if not left or transport.breaker.is_open(self._clock.now()):
                continue
            answers = transport.provider.send(left)
            receipts.update({one.message_id: one for one in answers})
            unreached = {one.message_id for one in answers if one.outcome == "unreachable"}
            if len(unreached) == len(left):
                transport.breaker.failed(self._clock.now())
            else:
                transport.breaker.worked()
            left = [one for one in batch if one.message_id in unreached]
        return [receipts.get(one.message_id) or _open(one) for one in batch]


def _open(outgoing: Outgoing) -> Receipt:
    return Receipt(message_id=outgoing.message_id, outcome="unreachable", reason="circuit_open")
