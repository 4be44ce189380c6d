"""`mailbox`: a mail server on this machine that keeps what arrives, to try sending with."""

import json
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perennial.cli.session import session_of
from perennial.kernel.clock import SystemClock
from perennial.kernel.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from perennial.showcase.mailbox import Mail

_ACCEPTED = "250 OK"
_NOT_KEPT = "451 The mail could not be written down"


class MailboxFailed(Refused):
    """The mailbox cannot listen on this port, or cannot write its file."""

    code = "mailbox_failed"


def keep_mail(
    context: typer.Context,
    file: Annotated[Path, typer.Option("--file", help="Where each mail becomes a line of JSON.")],
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="The port to listen on; 0 is any free one.")
    ] = 8425,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0, help="Stop by itself after so long.")
    ] = None,
) -> None:
    """Take mail on the loopback address and keep it in a file; relay nothing.

    Each line has `message_id`, `from`, `to`, `subject`, `date` and `text`. It stops on SIGTERM or SIGINT.
    """
    from perennial.showcase.mailbox import Mailbox

    session_of(context)
    told_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: told_to_stop.set())
    try:
        file.touch()
        with Mailbox(SystemClock(), port=port, capacity=1, answer=_writer(file)) as mailbox:
            print(f"mailbox ready: {mailbox.url} → {file}", file=sys.stderr, flush=True)  # noqa: T201  for people
            told_to_stop.wait(seconds)
    except OSError as error:
        reason = error.strerror or str(error)
        raise MailboxFailed(
            f"The mailbox cannot run: {reason}.", hint="Look at --port and --file."
        ) from error


def _writer(file: Path) -> "Callable[[Mail], str]":
    """The mailbox's answer to each mail: kept once it stands in the file, else to be tried again."""

    def answer(mail: "Mail") -> str:
        try:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(mail_line(mail))
        except OSError:
            return _NOT_KEPT
        return _ACCEPTED

    return answer


def mail_line(mail: "Mail") -> str:
    """A mail as one line of JSON; `from` and `to` are those of the envelope."""
    body = mail.message.get_body(("plain",))
    document = {
        "message_id": str(mail.message["Message-ID"] or ""),
        "from": mail.sender,
        "to": list(mail.recipients),
        "subject": str(mail.message["Subject"] or ""),
        "date": str(mail.message["Date"] or ""),
        "text": "" if body is None else body.get_content(),
    }
    return json.dumps(document, ensure_ascii=False) + "\n"
