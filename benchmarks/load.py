"""Requests over kept connections from one thread, as cheaply as Python sends them: it shares the machine.

Every connection waits for its answer before it sends the next request. Requests are made beforehand.
"""

import multiprocessing
import select
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Making = Callable[[int, str, int], Sequence[bytes]]
"""The whole requests of one connection: which connection, the write key, how many."""
LONGEST_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is sent: how many connections, what the requests of one are, and how many events each holds."""

    connections: int
    events: int
    make: Making


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a load came to, as its clients saw it."""

    events: int
    """Of one request."""
    refused: int
    """Requests answered with "later"."""
    seconds: float
    answers: Sequence[float]
    """Seconds of every answer that acknowledged, sorted."""
    spent: float
    """Processor seconds of the generator itself."""

    @property
    def acknowledged(self) -> int:
        """Events."""
        return len(self.answers) * self.events

    @property
    def rate(self) -> float:
        return self.acknowledged / self.seconds

    def late(self, share: float) -> float:
        """Seconds that so many of the answers did not exceed."""
        return self.answers[min(int(len(self.answers) * share), len(self.answers) - 1)]

    def __str__(self) -> str:
        return (
            f"{self.rate:,.0f} acknowledged events/s in {len(self.answers) / self.seconds:,.0f} requests/s"
            f" ({self.refused * self.events:,} told to come later),"
            f" answer median {self.late(0.5) * 1000:.0f} ms, p99 {self.late(0.99) * 1000:.0f} ms"
        )


def run_load(address: str, key: str, seconds: int, pace: int, shape: Shape) -> Load:
    """Send from a process of its own until the time is over, no more events a second than `pace`."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(send_all, (address, key, seconds, pace, shape))


def send_all(address: str, key: str, seconds: int, pace: int, shape: Shape) -> Load:
    """The same, in this process."""
    each = seconds * pace // shape.events // shape.connections
    requests = [shape.make(number, key, each) for number in range(shape.connections)]
    host, _, port = address.removeprefix("http://").partition(":")
    return _Sender((host, int(port)), requests, shape.events).run(
        seconds, shape.events * shape.connections / pace
    )


class _Sender:
    """One thread and all connections."""

    def __init__(self, to: tuple[str, int], requests: Sequence[Sequence[bytes]], events: int) -> None:
        self._events = events
        self._sockets = [socket.create_connection(to, timeout=LONGEST_WAIT_SECONDS) for _ in requests]
        for one in self._sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._place_of = {one.fileno(): place for place, one in enumerate(self._sockets)}
        self._requests = [iter(own) for own in requests]
        self._sent_at = [0.0] * len(requests)
        self._due = [0.0] * len(requests)
        self._answers: list[float] = []
        self._refused = 0

    def run(self, seconds: float, interval: float) -> Load:
        """Send for so long; one connection sends a request in `interval` seconds, or fewer."""
        spent, begun = time.process_time(), time.perf_counter()
        count = len(self._sockets)
        self._due = [begun + interval * place / count for place in range(count)]
        waiting, busy = list(range(count)), 0
        poll = select.epoll()
        for one in self._sockets:
            poll.register(one.fileno(), select.EPOLLIN)
        while True:
            now = time.perf_counter()
            is_over = now - begun > seconds
            if is_over and not busy:
                break
            if not is_over:
                ready = [place for place in waiting if self._due[place] <= now]
                if ready:
                    waiting = [place for place in waiting if self._due[place] > now]
                    busy += sum(self._send(place, interval) for place in ready)
            pause = min((self._due[place] for place in waiting), default=now + 1) - now
            if is_over or not waiting:
                pause = 1.0
            for number, _ in poll.poll(max(0.0, pause)):
                place = self._place_of[number]
                self._receive(place)
                waiting.append(place)
                busy -= 1
        for one in self._sockets:
            one.close()
        return Load(
            events=self._events,
            refused=self._refused,
            seconds=time.perf_counter() - begun,
            answers=sorted(self._answers),
            spent=time.process_time() - spent,
        )

    def _send(self, place: int, interval: float) -> int:
        """Send a connection's next request; whether there was one."""
        request = next(self._requests[place], None)
        if request is None:
            self._due[place] = float("inf")
            return 0
        self._due[place] += interval
        self._sent_at[place] = time.perf_counter()
        self._sockets[place].sendall(request)
        return 1

    def _receive(self, place: int) -> None:
        status = status_of(self._sockets[place])
        if status == 200:
            self._answers.append(time.perf_counter() - self._sent_at[place])
        else:
            self._refused += 1


def status_of(connection: socket.socket) -> int:
    """The status of the next answer, whose body is read and dropped."""
    answer = connection.recv(65536)
    while b"\r\n\r\n" not in answer:
        part = connection.recv(65536)
        if not part:
            sys.exit("the server hung up")
        answer += part
    head, _, rest = answer.partition(b"\r\n\r\n")
    place = head.lower().index(b"content-length:") + 15
    length = int(head[place:].partition(b"\r")[0])
    while len(rest) < length:
        rest += connection.recv(65536)
    return int(head[9:12])
