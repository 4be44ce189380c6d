"""A mail server on this machine that keeps what it gets: the demo's sink, and a real server for tests."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from perennial.kernel.clock import Clock

MAX_MAILS = 10_000
MAX_BYTES = 2_000_000
ACCEPTED = "250 OK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail as it arrived."""

    sender: str
    recipients: tuple[str, ...]
    octets: bytes = field(repr=False)
    received_at: datetime

    @property
    def message(self) -> EmailMessage:
        """What it says, read when somebody asks: reading costs more than taking it."""
        return message_from_bytes(self.octets, policy=default_policy)


Answer = Callable[[Mail], str | None]
"""The server's last word on a mail (`250 OK`, `451 later`, `550 no`); None hangs up without one."""


class Mailbox:
    """An SMTP server on the loopback address. It keeps the newest `capacity` mails and relays nothing."""

    def __init__(
        self,
        clock: Clock,
        *,
        port: int = 0,
        capacity: int = MAX_MAILS,
        answer: Answer = lambda _mail: ACCEPTED,
        recipient_answer: Callable[[str], str] = lambda _address: ACCEPTED,
    ) -> None:
        self.host = "127.0.0.1"
        self.port = port
        """The port it listens on; 0 is a free one, known once started."""
        self.total = 0
        """Mails it accepted, also those no longer kept."""
        self._clock = clock
        self._answer = answer
        self._recipient_answer = recipient_answer
        self._mails: deque[Mail] = deque(maxlen=capacity)
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._serve, name="mailbox", daemon=True)

    @property
    def url(self) -> str:
        """Where to hand mail to it."""
        return f"smtp://{self.host}:{self.port}"

    @property
    def mails(self) -> tuple[Mail, ...]:
        """The mails it keeps, the oldest first."""
        return tuple(self._mails)

    def start(self) -> None:
        """Listen; returns once it does. Raises OSError where the port is taken."""
        self._thread.start()
        future = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)
        try:
            self.port = future.result(timeout=10)
        except OSError:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop listening and end every conversation."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """The server's word on a recipient."""
        answer = self._recipient_answer(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802  # aiosmtpd calls it by this name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail and say so, or do what the `answer` says."""
        mail = Mail(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            octets=_octets(envelope),
            received_at=self._clock.now(),
        )
        answer = self._answer(mail)
        if answer is None:
            if isinstance(server.transport, asyncio.WriteTransport):
                server.transport.abort()
            return ACCEPTED
        if answer.startswith("2"):
            self.total += 1
            self._mails.append(mail)
        return answer

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self) -> int:
        def conversation() -> SMTP:
            return SMTP(self, hostname="mailbox", data_size_limit=MAX_BYTES, loop=self._loop)

        self._server = await self._loop.create_server(conversation, self.host, self.port)
        return self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        ours = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not ours]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def _octets(envelope: Envelope) -> bytes:
    content = envelope.content
    return content.encode() if isinstance(content, str) else content or b""
