"""E-mail over SMTP: one connection per batch, and an honest receipt for every message.

What the server's answer means depends on how far the conversation had come:

| until                                             | an answer 4xx | 5xx         | silence, a broken line |
|---------------------------------------------------|---------------|-------------|------------------------|
| connect, greeting, EHLO, STARTTLS, AUTH           | unreachable   | unreachable | unreachable            |
| MAIL FROM, RCPT TO, DATA (before the text)        | temporary     | permanent   | unreachable            |
| the text and its end                              | temporary     | permanent   | **unknown**            |

Once the text is on its way the server may have kept it, whatever we did not hear.
"""

import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.utils import parseaddr
from ipaddress import ip_address
from socket import gaierror
from time import monotonic
from urllib.parse import parse_qs, unquote, urlsplit

from perennial.backends.smtp.dkim import DkimSigner
from perennial.backends.smtp.text import write_mail
from perennial.decide.journeys.model import Channel
from perennial.deliver.channels import Limits, Outcome, Outgoing, Receipt
from perennial.kernel.errors import PerennialError

TIMEOUT_SECONDS = 30.0
MAX_ANSWER = 300
FEWEST, MOST = 20, 160
"""Mails handed over at once."""
MOMENT_SECONDS = 0.25
_PORTS = {"smtp": 25, "smtps": 465}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LINE_START_DOT = re.compile(rb"(?m)^\.")
# Addresses beyond ASCII need SMTPUTF8 of every server on the way; they are refused rather than mangled.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.\[\]:-]+")
_CLOSING = 421
# RFC 3463: a mailbox or host that is not there, has moved, is closed or takes no mail. A bare 550 may as well
# be about us, and would suppress a whole list that somebody blocks for an hour.
_NO_SUCH_MAILBOX = re.compile(r"5\.(1\.(1|2|3|6|10)|2\.1)\b")
# The first kind that fits; nothing of a login's conversation is repeated.
_CONNECTION_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "login_refused"),
    (smtplib.SMTPNotSupportedError, "login_not_supported"),
    (smtplib.SMTPServerDisconnected, "disconnected"),
    (ssl.SSLError, "tls_failed"),
    (ConnectionRefusedError, "connection_refused"),
    (gaierror, "unknown_host"),
    (TimeoutError, "timed_out"),
)


class InvalidServer(PerennialError):
    """The mail server's address is not one: smtp://user:password@host:port?from=shop@example.com."""

    code = "invalid_smtp_url"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    is_tls: bool
    """TLS from the first byte (`smtps`); otherwise STARTTLS where the server offers it."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether nothing leaves this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse_server(url: str) -> SmtpServer:
    """The server a URL names. Raises InvalidServer, which never repeats the URL: it may hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidServer(path="smtp") from error
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise InvalidServer(path="smtp")
    sender = parse_qs(parts.query).get("from", [None])[0]
    if sender is not None and not _mailbox(sender):
        raise InvalidServer("The sender after `from=` is no address.", path="smtp")
    return SmtpServer(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        is_tls=parts.scheme == "smtps",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        sender=sender,
    )


class _Unreachable(Exception):
    """The conversation did not get as far as a message."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Pace:
    """How many mails are handed over at once, by how quick the server was.

    A crash leaves everything that was under way `unknown`, so it is no more than a server takes in a moment;
    but each time costs two commits and a greeting, which a quick server must not wait for (ADR 0035).
    """

    def __init__(self) -> None:
        self.batch = FEWEST

    def took(self, mails: int, seconds: float) -> None:
        """So many mails took so long."""
        if seconds > MOMENT_SECONDS:
            self.batch = max(FEWEST, self.batch // 2)
        elif mails == self.batch and seconds < MOMENT_SECONDS / 2:
            self.batch = min(MOST, self.batch * 2)


class SmtpProvider:
    """Hands mail to one server."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        tls: ssl.SSLContext | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        limits: Limits | None = None,
        dkim: DkimSigner | None = None,
        bounces: str | None = None,
    ) -> None:
        """Take `dkim` to sign every mail, and `bounces` for the mailbox that failures are reported to.

        `bounce@a.example` gets those of each message at an address of its own, `bounce+msg_…@a.example`.
        """
        self._dkim = dkim
        self._bounces = bounces
        self.channel: Channel = "email"
        self._limits = limits
        self._pace = Pace()
        self._server = server
        self._tls = tls or ssl.create_default_context()
        self._timeout = timeout_seconds

    @property
    def limits(self) -> Limits:
        """How much is handed over at once: what was given, or as much as the server takes in a moment."""
        return self._limits or Limits(batch=self._pace.batch)

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Hand mail over, one after the other over one connection; a receipt for each, whatever happens.

        Once the line breaks the rest of the batch waits: a server that hangs up after every text would
        otherwise turn a whole queue into `unknown`.
        """
        begun = monotonic()
        receipts = self._converse(batch)
        self._pace.took(len(batch), monotonic() - begun)
        return receipts

    def _converse(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        receipts: list[Receipt] = []
        connection: smtplib.SMTP | None = None
        broken = ""
        for outgoing in batch:
            envelope = self._envelope(outgoing)
            if isinstance(envelope, Receipt):
                receipts.append(envelope)
                continue
            if connection is None and not broken:
                connection, broken = self._open()
            if connection is None:
                receipts.append(_receipt(outgoing, "unreachable", broken))
                continue
            receipts.append(_submit(connection, envelope))
            if connection.sock is None:
                connection, broken = None, "disconnected"
        if connection is not None:
            _say_goodbye(connection)
        return receipts

    def _envelope(self, outgoing: Outgoing) -> "_Envelope | Receipt":
        """A message in the form of a mail, or the receipt of one that cannot be put into it."""
        sender = outgoing.sender or self._server.sender
        if sender is None:
            return _receipt(outgoing, "unreachable", "no_sender")
        if _CONTROL.search(outgoing.subject):
            return _receipt(outgoing, "permanent", "line_break_in_subject")
        sender_mailbox, mailbox = _mailbox(sender), _mailbox(outgoing.address)
        if sender_mailbox is None:
            return _receipt(outgoing, "permanent", "invalid_sender")
        if mailbox is None or mailbox != outgoing.address:
            return _receipt(outgoing, "permanent", "invalid_address")
        try:
            text = write_mail(outgoing, sender=sender, domain=sender_mailbox.rpartition("@")[2])
        except (ValueError, MessageError):
            return _receipt(outgoing, "permanent", "not_writable_as_mail")
        if self._dkim is not None:
            text = self._dkim.signature(text, at=outgoing.written_at) + text
        reported_to = self._reported_to(outgoing) or sender_mailbox
        return _Envelope(outgoing=outgoing, sender=reported_to, recipient=mailbox, text=text)

    def _reported_to(self, outgoing: Outgoing) -> str | None:
        """Where the failure of this very message is reported to."""
        if self._bounces is None:
            return None
        name, _, domain = self._bounces.rpartition("@")
        return f"{name}+{outgoing.message_id}@{domain}"

    def _open(self) -> tuple[smtplib.SMTP | None, str]:
        """A connection ready for mail, or the reason why there is none."""
        try:
            return self._connect(), ""
        except _Unreachable as found:
            return None, found.reason

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        try:
            connection = (
                smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=self._tls)
                if server.is_tls
                else smtplib.SMTP(server.host, server.port, timeout=self._timeout)
            )
        except (OSError, smtplib.SMTPException) as error:
            raise _Unreachable(_connection_reason(error)) from error
        try:
            self._introduce(connection)
        except _Unreachable:
            connection.close()
            raise
        except (OSError, smtplib.SMTPException) as error:
            connection.close()
            raise _Unreachable(_connection_reason(error)) from error
        return connection

    def _introduce(self, connection: smtplib.SMTP) -> None:
        """Say hello, take TLS where it is offered, and log in where we have a name."""
        server = self._server
        connection.ehlo_or_helo_if_needed()
        is_private = server.is_tls
        if not is_private and connection.has_extn("starttls"):
            connection.starttls(context=self._tls)
            connection.ehlo_or_helo_if_needed()
            is_private = True
        if server.user is None:
            return
        if not is_private and not server.is_local:
            # A password in the clear could be read, and whoever stands between could hide STARTTLS to get it.
            raise _Unreachable("no_tls_for_password")
        connection.login(server.user, server.password or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Envelope:
    """A mail as it goes over the wire."""

    outgoing: Outgoing
    sender: str
    recipient: str
    text: bytes = field(repr=False)


def _submit(connection: smtplib.SMTP, envelope: _Envelope) -> Receipt:
    """One mail's conversation, up to the server's last word on it."""
    outgoing = envelope.outgoing
    try:
        refusal = _announce(connection, envelope)
    except (OSError, smtplib.SMTPException):
        connection.close()
        return _receipt(outgoing, "unreachable", "disconnected")
    if refusal is not None:
        return refusal
    try:
        connection.send(_LINE_START_DOT.sub(b"..", envelope.text) + b".\r\n")
        code, words = connection.getreply()
    except (OSError, smtplib.SMTPException):
        connection.close()
        return _receipt(outgoing, "unknown", "no_answer")
    if code // 100 == 2:
        return _receipt(outgoing, "accepted", "", words)
    return _refused(connection, outgoing, code, words, otherwise="unknown")


def _announce(connection: smtplib.SMTP, envelope: _Envelope) -> Receipt | None:
    """Everything before the text; the receipt of a refusal, or None where the server waits for the text."""
    steps: tuple[tuple[str, str, int], ...] = (
        ("MAIL", f"FROM:<{envelope.sender}>", 2),
        ("RCPT", f"TO:<{envelope.recipient}>", 2),
        ("DATA", "", 3),
    )
    for command, argument, expected in steps:
        code, words = connection.docmd(command, argument)
        if code // 100 != expected:
            refusal = _refused(connection, envelope.outgoing, code, words, otherwise="unreachable")
            if connection.sock is not None:
                connection.docmd("RSET")  # the next mail starts from nothing
            return refusal
    return None


def _refused(
    connection: smtplib.SMTP, outgoing: Outgoing, code: int, words: bytes, *, otherwise: Outcome
) -> Receipt:
    """The receipt of an answer that is no yes; `otherwise` is for one that is no answer at all."""
    outcomes: dict[int, Outcome] = {4: "temporary", 5: "permanent"}
    outcome = outcomes.get(code // 100)
    if outcome is None or code == _CLOSING:
        connection.close()
    if outcome is None:
        return _receipt(outgoing, otherwise, "odd_answer", words)
    return _receipt(outgoing, outcome, f"refused_{code}", words)


def _receipt(outgoing: Outgoing, outcome: Outcome, reason: str, words: bytes = b"") -> Receipt:
    answer = words.decode("utf-8", "replace")[:MAX_ANSWER]
    is_dead = outcome == "permanent" and _NO_SUCH_MAILBOX.match(answer) is not None
    return Receipt(
        message_id=outgoing.message_id, outcome=outcome, reason=reason, answer=answer, is_address_dead=is_dead
    )


def _mailbox(text: str) -> str | None:
    """The bare address in `Shop <shop@example.com>`; None where there is no plain one."""
    if _ADDRESS.fullmatch(text):
        return text  # most are nothing else, and taking one apart is slow
    if _CONTROL.search(text):
        return None
    address = parseaddr(text)[1]
    return address if _ADDRESS.fullmatch(address) else None


def _connection_reason(error: Exception) -> str:
    for kind, reason in _CONNECTION_REASONS:
        if isinstance(error, kind):
            return reason
    return f"refused_{error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else "not_reached"


def _say_goodbye(connection: smtplib.SMTP) -> None:
    """Leave politely; every mail has its receipt, so a failure here changes nothing."""
    with suppress(OSError, smtplib.SMTPException):
        connection.quit()
    connection.close()
