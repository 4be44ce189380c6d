"""神策 (Sensors): `/sa` and `/sa.gif`, as its SDKs speak them. Facts: tracking-protocols, section 6."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from starlette.types import Receive, Scope, Send

from perennial.api.decoding import MAX_BATCH_BYTES, Key, decode_value, header_key, limited, unbase64, unpack
from perennial.api.problems import Unreadable, write_problem
from perennial.api.protocols.entrance import Entrance
from perennial.api.protocols.wire import JSON, fields_of, header, path_of, read, refuse, respond, show_pixel
from perennial.collect.events.model import Reception, Reject
from perennial.collect.protocols import calls_of_records
from perennial.kernel.values import Json

SENSORS_PATHS = ("/sa", "/sa.gif")
_ENCODED_BYTES = MAX_BATCH_BYTES * 2
"""A body in base64, with every third sign of it percent-encoded at worst by a third of its length again."""


_QUICK_BYTES = 16 * 1024
"""A form that holds so much is read within a few milliseconds."""


class Sensors:
    """Takes what 神策's SDKs send, and answers once it is durable."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method = scope["method"]
        if method not in ("GET", "POST"):
            problem = write_problem(405, code="method_not_allowed", message="Records come by GET or POST.")
            await refuse(send, problem)
            return
        self._entrance.require_open()
        query = fields_of(scope["query_string"])
        form_bytes = unpack(await read(receive, limit=_ENCODED_BYTES), limit=_ENCODED_BYTES)
        fields = {**query, **fields_of(form_bytes)}
        owner = await self._entrance.owner(_keys(header_key(header(scope, b"authorization")), fields))
        if len(form_bytes) > _QUICK_BYTES:
            # Unpacking and hashing these takes long: on a thread, other clients are read meanwhile.
            calls = await asyncio.to_thread(_calls, fields)
        else:
            calls = _calls(fields)
        receipt = await self._entrance.submit(
            owner, calls, Reception(source="", received_at=None, knows_operations=True)
        )
        if method == "GET" or path_of(scope).endswith(".gif"):
            await show_pixel(send)
        else:
            await respond(send, 200, JSON, _answer(receipt.rejected))


def _keys(presented: Key | None, fields: Mapping[str, str]) -> Iterator[Key]:
    """Where a write key may stand: the header, `?token=`, and `?project=`, which SDKs let everyone set."""
    if presented is not None:
        yield presented
    for name in ("token", "project"):
        if fields.get(name):
            yield Key(value=fields[name], scheme="query")


def _calls(fields: Mapping[str, str]) -> Sequence[Json]:
    """The calls that a request's records are."""
    return calls_of_records(_records(fields), project=fields.get("project", ""))


def _records(fields: Mapping[str, str]) -> Sequence[Json]:
    """The records of a request; `crc` is not looked at, since a body that came is whole or no JSON."""
    if "data_list" in fields:
        listed = _decoded(fields["data_list"], "data_list")
        if not isinstance(listed, list):
            raise Unreadable("data_list holds a list of records.", path="$.data_list")
        return limited(listed)
    if "data" in fields:
        # Some SDKs send a list under this name too.
        one = _decoded(fields["data"], "data")
        return limited(one) if isinstance(one, list) else [one]
    raise Unreadable("There are no records.", hint="They come as `data` or `data_list`, in base64.")


def _decoded(text: str, name: str) -> Json:
    # Whether it is packed is known by its first bytes; the flag `gzip` says nothing more.
    return decode_value(unpack(unbase64(text, name), limit=MAX_BATCH_BYTES))


def _answer(rejected: Sequence[Reject]) -> bytes:
    listed = [{"code": each.code, "message": each.message} for each in rejected]
    return msgspec.json.encode({"success": True, "rejected": listed} if listed else {"success": True})
