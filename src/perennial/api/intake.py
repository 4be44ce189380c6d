"""The way in of Segment's and RudderStack's clients: `/v1/track` and its like, the short forms, the pixel.

A plain ASGI application, because nothing here may cost more than the call itself. It answers 200 only
after the durable commit; what may work later is never answered with a status that makes a client drop
its data (tracking-protocols, section 5).
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from starlette.types import Receive, Scope, Send

from perennial.api.decoding import (
    MAX_BATCH_BYTES,
    Key,
    body_key,
    context_of,
    decode_object,
    header_key,
    items_of,
    limit_for,
    unbase64,
    unpack,
)
from perennial.api.problems import HttpProblem, write_problem
from perennial.api.protocols.entrance import NO_CONTEXT, Entrance
from perennial.api.protocols.settings import settings_of
from perennial.api.protocols.wire import JSON, fields_of, header, path_of, read, refuse, respond, show_pixel
from perennial.collect.events.model import CallKind, Receipt, Reception, Reject
from perennial.kernel.values import Json

_KIND_BY_PATH: Mapping[str, CallKind | None] = {
    "track": "track",
    "identify": "identify",
    "page": "page",
    "screen": "screen",
    "group": "group",
    "alias": "alias",
    "batch": None,
    "import": None,
}
TRACKING_PATHS = tuple(f"/v1/{word}" for word in _KIND_BY_PATH)
_KIND_BY_LETTER: Mapping[str, CallKind | None] = {
    word[0]: kind for word, kind in _KIND_BY_PATH.items() if word != "import"
}
"""Browser libraries write `/v1/t` for `/v1/track`."""
_KINDS: Mapping[str, CallKind | None] = {**_KIND_BY_PATH, **_KIND_BY_LETTER}
_METRICS = "m"
"""What Segment's browser library tells of its own running; nobody reads it here."""
_PIXEL = "pixel/"
_OK = msgspec.json.encode({"success": True})


class Intake:
    """Takes Segment-shaped tracking calls, and answers once they are durable."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises PerennialError for what is not taken."""
        word = _word_of(scope)
        if scope["method"] == "GET":
            await self._show(word, scope, send)
            return
        if scope["method"] != "POST" or word not in _KINDS:
            # Heard out, so that the connection can be kept: what is not read ends it.
            await read(receive, limit=MAX_BATCH_BYTES)
        if scope["method"] != "POST":
            problem = write_problem(405, code="method_not_allowed", message="Calls are sent with POST.")
            await refuse(send, problem)
        elif word == _METRICS:
            await respond(send, 200, JSON, _OK)
        elif word not in _KINDS:
            await refuse(send, _no_such_call())
        else:
            await self._take(_KINDS[word], scope, receive, send)

    async def _take(self, kind: CallKind | None, scope: Scope, receive: Receive, send: Send) -> None:
        self._entrance.require_open()
        limit = limit_for(kind)
        document = decode_object(unpack(await read(receive, limit=limit), limit=limit))
        receipt = await self._submit(kind, document, _keys(scope, document))
        if kind is not None and receipt.rejected:
            await refuse(send, _single_refusal(receipt.rejected[0]))
        else:
            await respond(send, 200, JSON, _batch_answer(receipt.rejected))

    async def _submit(
        self, kind: CallKind | None, document: Mapping[str, Json], keys: Iterator[Key]
    ) -> Receipt:
        owner = await self._entrance.owner(keys, inside=body_key(document))
        calls: Sequence[Json] = [document] if kind is not None else items_of(document)
        reception = Reception(
            source="",
            received_at=None,
            sent_at=document.get("sentAt"),
            stated_at=document.get("timestamp") if kind is None else None,
            kind=kind,
        )
        context = context_of(document, len(calls)) if kind is None else NO_CONTEXT
        return await self._entrance.submit(owner, calls, reception, context=context)

    async def _show(self, word: str, scope: Scope, send: Send) -> None:
        """What is asked for with GET: the pixel, which is a call, and what a browser library starts with."""
        kind = _KINDS.get(word.removeprefix(_PIXEL))
        if word.startswith(_PIXEL) and kind is not None:
            await self._take_pixel(kind, scope, send)
            return
        settings = settings_of(word, host=header(scope, b"host"), scheme=scope.get("scheme", "http"))
        if settings is not None:
            await respond(send, 200, JSON, settings)
        elif word in _KINDS:
            problem = write_problem(405, code="method_not_allowed", message="Calls are sent with POST.")
            await refuse(send, problem)
        else:
            await refuse(send, _no_such_call())

    async def _take_pixel(self, kind: CallKind, scope: Scope, send: Send) -> None:
        """One call in an address: `?data=`, the call as JSON in base64."""
        self._entrance.require_open()
        plain = unpack(
            unbase64(fields_of(scope["query_string"]).get("data", ""), "data"), limit=limit_for(kind)
        )
        document = decode_object(plain)
        receipt = await self._submit(kind, document, _keys(scope, document))
        if receipt.rejected:
            await refuse(send, _single_refusal(receipt.rejected[0]))
        else:
            await show_pixel(send)


def _keys(scope: Scope, document: Mapping[str, Json]) -> Iterator[Key]:
    """Where the write key may stand, in the order that counts: header, body, address."""
    presented = header_key(header(scope, b"authorization"))
    if presented is not None:
        yield presented
        # A bearer token may be another system's; a Basic user is always meant as the key.
        if presented.scheme == "basic":
            return
    inside = body_key(document)
    if inside is not None:
        yield inside
    if scope["query_string"] and (value := fields_of(scope["query_string"]).get("writeKey")):
        yield Key(value=value, scheme="query")


def _word_of(scope: Scope) -> str:
    below = path_of(scope).removeprefix(scope.get("root_path", ""))
    return below.removeprefix("/beacon").removeprefix("/v1").strip("/")


def _no_such_call() -> HttpProblem:
    hint = "Known here: " + ", ".join(TRACKING_PATHS) + "."
    return write_problem(404, code="no_such_route", message="There is no such call.", hint=hint)


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
