"""The way in: `/v1/track`, `identify`, `page`, `screen`, `group`, `alias` and `batch`, as clients speak it.

A plain ASGI application, because nothing here may cost more than the call itself. It answers 200 only
after the durable commit; what may work later is never answered with a status that makes a client drop
its data (tracking-protocols, section 5).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import msgspec
import structlog
from starlette.types import Message, Receive, Scope, Send

from perennial.api.access import Edge
from perennial.api.decoding import (
    Key,
    body_key,
    decode_object,
    header_key,
    items_of,
    limit_for,
    object_at,
    unpack,
)
from perennial.api.ports import Workspace
from perennial.api.problems import (
    HttpProblem,
    TooLarge,
    Unauthorized,
    Unreadable,
    problem_of,
    write_problem,
)
from perennial.collect.events import Stopping
from perennial.collect.events.model import CallKind, Receipt, Reception, Reject
from perennial.kernel.errors import PerennialError, Unavailable
from perennial.kernel.values import Json

_KIND_BY_PATH: Mapping[str, CallKind | None] = {
    "track": "track",
    "identify": "identify",
    "page": "page",
    "screen": "screen",
    "group": "group",
    "alias": "alias",
    "batch": None,
}
TRACKING_PATHS = tuple(f"/v1/{word}" for word in _KIND_BY_PATH)

_NO_CONTEXT: Mapping[str, Json] = {}
_CALLS_AT_ONCE = 250
"""As many calls are checked within a millisecond or two; going to a thread and back costs as much."""
_KEY_MEMORY_SECONDS = 5.0
_KEY_MEMORY_SIZE = 1_000
_OK = msgspec.json.encode({"success": True})
_JSON = {"content-type": "application/json"}
_log = structlog.get_logger(__name__)


class Intake:
    """Takes tracking calls, and answers once they are durable."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._keys = KeyMemory()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            problem = await self._answer(scope, receive, send)
        except PerennialError as refusal:
            problem = problem_of(refusal)
        except Exception as crash:  # noqa: BLE001  the HTTP loop: a crash of ours must not cost the client its data
            _log.error("intake_crashed", exc_info=crash)
            problem = problem_of(Unavailable("Something went wrong on our side; send the same again."))
        if problem is not None:
            await _respond(send, problem.status, problem.headers, problem.body)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> HttpProblem | None:
        word = _word_of(scope)
        if word not in _KIND_BY_PATH:
            hint = "Known here: " + ", ".join(TRACKING_PATHS) + "."
            return write_problem(404, code="no_such_route", message="There is no such call.", hint=hint)
        if scope["method"] != "POST":
            return write_problem(405, code="method_not_allowed", message="Calls are sent with POST.")
        if self._edge.is_stopping:
            raise Stopping
        kind = _KIND_BY_PATH[word]
        limit = limit_for(kind)
        document = decode_object(unpack(await _read(receive, limit=limit), limit=limit))
        workspace, source = await self._enter(scope, document)
        receipt = await self._submit(workspace, source, kind, document)
        if kind is not None and receipt.rejected:
            return _single_refusal(receipt.rejected[0])
        body = _OK if kind is not None else _batch_answer(receipt.rejected)
        await _respond(send, 200, _JSON, body)
        return None

    async def _enter(self, scope: Scope, document: Mapping[str, Json]) -> tuple[Workspace, str]:
        """The workspace and source of the write key; the header's wins over the body's."""
        presented = header_key(_header(scope, b"authorization"))
        inside = body_key(document)
        candidates = [key for key in (presented, inside) if key is not None]
        if presented is not None and presented.scheme == "basic":
            candidates = [
                presented
            ]  # a bearer token may be another system's; a Basic user is always meant as the key
        for key in candidates:
            owner = await self._owner_of(key)
            if owner is not None:
                return owner
        raise Unauthorized(
            "The write key is missing or not known here.",
            hint="Send it as the user of Basic authentication; `perennial init` prints it.",
        )

    async def _owner_of(self, key: Key) -> tuple[Workspace, str] | None:
        now = asyncio.get_running_loop().time()
        known = self._keys.find(key.value, now=now)
        if known is None:
            known = await asyncio.to_thread(self._look_up, key.value)
            if known is not None:
                self._keys.keep(key.value, known, until=now + _KEY_MEMORY_SECONDS)
        return known

    def _look_up(self, key: str) -> tuple[Workspace, str] | None:
        owner = self._edge.application.authenticate_write(key)
        return (self._edge.application.workspace(owner[0]), owner[1]) if owner else None

    async def _submit(
        self, workspace: Workspace, source: str, kind: CallKind | None, document: Mapping[str, Json]
    ) -> Receipt:
        calls: Sequence[Json] = [document] if kind is not None else items_of(document)
        reception = Reception(
            source=source,
            received_at=self._edge.application.clock.now(),
            sent_at=document.get("sentAt"),
            kind=kind,
            is_decoded=True,
        )
        context = object_at(document, "context") if kind is None else _NO_CONTEXT
        if len(calls) > _CALLS_AT_ONCE:
            # Checking these is work of many milliseconds: on a thread, other clients are read meanwhile.
            future = await asyncio.to_thread(workspace.submit_calls, calls, reception, context=context)
        else:
            future = workspace.submit_calls(calls, reception, context=context)
        return await asyncio.wrap_future(future)


class KeyMemory:
    """Write keys seen a moment ago, so that a busy client costs one look-up, not thousands."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, tuple[Workspace, str]]] = OrderedDict()

    def find(self, key: str, *, now: float) -> tuple[Workspace, str] | None:
        """Whose key it is, if it was looked up lately (`now` in seconds of the loop's own clock)."""
        until, owner = self._known.get(key, (0.0, None))
        return owner if until > now else None

    def keep(self, key: str, owner: tuple[Workspace, str], *, until: float) -> None:
        """Remember whose key it is for a while."""
        self._known[key] = (until, owner)
        self._known.move_to_end(key)
        if len(self._known) > _KEY_MEMORY_SIZE:
            self._known.popitem(last=False)


def _word_of(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")).removeprefix("/v1").strip("/")


def _header(scope: Scope, name: bytes) -> str:
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


async def _read(receive: Receive, *, limit: int) -> bytes:
    """The body as it came, refused as soon as it is larger than anything that could be accepted."""
    parts: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise Unreadable("The request was cut off.")
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge(f"The body has more than {limit} bytes.", hint="Send fewer calls at once.")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _single_refusal(reject: Reject) -> HttpProblem:
    return write_problem(400, code=reject.code, message=reject.message, hint=reject.hint, path=reject.path)


def _batch_answer(rejected: Sequence[Reject]) -> bytes:
    if not rejected:
        return _OK
    listed = [
        {
            "index": reject.index,
            "messageId": reject.message_id,
            "path": reject.path,
            "code": reject.code,
            "message": reject.message,
            "hint": reject.hint,
        }
        for reject in rejected
    ]
    return msgspec.json.encode({"success": True, "rejected": listed})


async def _respond(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    wire = [(name.encode(), value.encode()) for name, value in headers.items()]
    wire.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": wire})
    await send({"type": "http.response.body", "body": body})
