"""Reading and answering tracking requests without a framework, open to pages of every origin.

Browsers may send from anywhere: the write key says whose it is, and no cookie is ever looked at, so
`*` gives nothing away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import parse_qsl

import structlog
from starlette.types import Message, Receive, Scope, Send

from perennial.api.problems import HttpProblem, TooLarge, Unreadable, problem_of
from perennial.kernel.errors import PerennialError, Unavailable

JSON = {"content-type": "application/json"}
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""A transparent GIF of one point: what an address in an `<img>` is answered with."""
_IMAGE = {"content-type": "image/gif", "cache-control": "no-store"}
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")
_READABLE = (b"access-control-expose-headers", b"retry-after, x-ratelimit-reset")
_MAX_FIELDS = 100
_HEARD_OUT = 16 * 2**20
"""Bytes of a body that is too large, after which its sender is cut off."""
_DAY = "86400"
_log = structlog.get_logger(__name__)

Answer = Callable[[Scope, Receive, Send], Awaitable[None]]


async def guarded(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request; every refusal as a problem document, a crash of ours as "send it again"."""
    try:
        await answer(scope, receive, send)
    except PerennialError as refusal:
        await refuse(send, problem_of(refusal))
    except asyncio.CancelledError:
        raise
    except Exception as crash:  # noqa: BLE001  the HTTP loop: a crash of ours must not cost the client its data
        _log.error("intake_crashed", exc_info=crash)
        await refuse(send, problem_of(Unavailable("Something went wrong on our side; send the same again.")))


async def respond(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Write an answer."""
    wire = [(name.encode(), value.encode()) for name, value in headers.items()]
    if "retry-after" in headers:
        wire.append(_READABLE)  # a page of another origin reads no header that is not named
    wire += [_ANY_ORIGIN, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": wire})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, problem: HttpProblem) -> None:
    """Write a refusal."""
    await respond(send, problem.status, problem.headers, problem.body)


async def show_pixel(send: Send) -> None:
    """Answer with an image that nobody sees."""
    await respond(send, 200, _IMAGE, PIXEL)


async def allow(scope: Scope, send: Send) -> None:
    """Answer a browser that asks, before it sends from another origin, whether it may: it may."""
    asked = header(scope, b"access-control-request-headers")
    headers = {
        "access-control-allow-methods": "GET, POST, OPTIONS",
        # The star would not cover `authorization`, which is where the write key is.
        "access-control-allow-headers": asked or "authorization, content-type, content-encoding",
        "access-control-max-age": _DAY,
        "vary": "access-control-request-headers",
    }
    await respond(send, 204, headers, b"")


def header(scope: Scope, name: bytes) -> str:
    """A header's value, the first where there are several."""
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


def path_of(scope: Scope) -> str:
    """The path asked for, below wherever we are mounted, without a slash at the end."""
    path: str = scope["path"]
    return path.removesuffix("/")


def fields_of(form: bytes) -> Mapping[str, str]:
    """The fields of a query or a form, the first of each name; raises Unreadable."""
    try:
        pairs = parse_qsl(
            form.decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise Unreadable(f"The form cannot be read: {error}.") from error
    return dict(reversed(pairs))


async def read(receive: Receive, *, limit: int) -> bytes:
    """The body as it came; raises TooLarge for one that is larger than anything that could be accepted.

    That one is heard out, within reason, and not kept: who is cut off while sending never reads why.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise Unreadable("The request was cut off.")
        part: bytes = message.get("body", b"")
        size += len(part)
        is_last = not message.get("more_body", False)
        if size > limit:
            parts.clear()
            if is_last or size > _HEARD_OUT:
                raise TooLarge(f"The body has more than {limit} bytes.", hint="Send fewer calls at once.")
            continue
        parts.append(part)
        if is_last:
            return b"".join(parts)
