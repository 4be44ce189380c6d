"""A message as the text of a mail, as the standard library would write it and a tenth of its work.

Headers that need folding or encoding are still written by it, and remembered: of a campaign's mails the
sender is always the same, and the subject often.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from functools import lru_cache

from perennial.deliver.channels import Outgoing

# Everything that is not plain ASCII is encoded, so that no server has to know 8BITMIME.
_POLICY = SMTP_POLICY.clone(cte_type="7bit")
_PLAIN_HEADER = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_LONGEST_HEADER = 78
_LONGEST_LINE = 900
"""Bytes of a line that is sent as it is; servers need not take more than 998."""
_ODD = re.compile(rb"[^\t\r\n -~]")
_BOUNDARY = "=_perennial_"
"""Begins a line between two forms of a text: no encoded line can, and a plain one that does is encoded."""


def write_mail(outgoing: Outgoing, *, sender: str, domain: str) -> bytes:
    """The mail: stable Message-ID, the date it was told, text and HTML as alternatives; lines end in CRLF.

    Raises ValueError where it cannot be written as one.
    """
    headers = [
        _header("From", sender),
        _plain_or_folded("To", outgoing.address),
        _plain_or_folded("Subject", outgoing.subject),
        f"Date: {format_datetime(outgoing.written_at)}\r\n",
        f"Message-ID: <{outgoing.message_id}@{domain}>\r\n",
        *_ways_out(outgoing.unsubscribe_url),
        "MIME-Version: 1.0\r\n",
    ]
    head = "".join(headers).encode("ascii")
    plain = _part("plain", outgoing.text)
    if outgoing.html is None:
        return head + plain
    boundary = f"{_BOUNDARY}{outgoing.message_id}"
    kind = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'
    # The line end before a boundary is its own, not the part's.
    begin, between, end = f"--{boundary}\r\n", f"\r\n--{boundary}\r\n", f"\r\n--{boundary}--\r\n"
    html = _part("html", outgoing.html)
    return b"".join([head, (kind + begin).encode("ascii"), plain, between.encode(), html, end.encode()])


def _ways_out(url: str) -> Sequence[str]:
    """The headers of one-click unsubscription (RFC 8058), where there is something to end.

    The address is one word, so its line is not folded: what is folded in the middle breaks signatures.
    """
    if not url:
        return ()
    return (f"List-Unsubscribe: <{url}>\r\n", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")


def _plain_or_folded(name: str, text: str) -> str:
    """A header that differs from mail to mail."""
    line = f"{name}: {text}\r\n"
    # What looks like an encoded word would be read as one.
    is_plain = len(line) <= _LONGEST_HEADER and "=?" not in text and _PLAIN_HEADER.fullmatch(text)
    return line if is_plain else _header(name, text)


@lru_cache(1_024)
def _header(name: str, value: str) -> str:
    header_name, parsed = _POLICY.header_store_parse(name, value)
    return _POLICY.fold(header_name, parsed)


def _part(kind: str, text: str) -> bytes:
    """One form of what is said, with its headers."""
    body = b"".join(line + b"\r\n" for line in text.encode().splitlines())
    encoding, written = _encoded(body)
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode("ascii") + written


def _encoded(body: bytes) -> tuple[str, bytes]:
    """A text in letters that every server takes, and how that is called."""
    is_plain = _ODD.search(body) is None and _BOUNDARY.encode("ascii") not in body
    if is_plain and max(map(len, body.split(b"\r\n"))) <= _LONGEST_LINE:
        return "7bit", body
    printable = binascii.b2a_qp(body, istext=True)
    in_64 = base64.encodebytes(body).replace(b"\n", b"\r\n")
    if len(printable) <= len(in_64):
        return "quoted-printable", printable if printable.endswith(b"\r\n") else printable + b"\r\n"
    return "base64", in_64
