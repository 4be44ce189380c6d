"""Reading a tracking client's request: a bounded body, unpacked where it is packed, and the write key.

Decoding goes by what the bytes are, never by what the headers claim: real clients send gzipped JSON as
`application/x-www-form-urlencoded` (tracking-protocols, section 2).
"""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import msgspec

from perennial.api.problems import TooLarge, Unreadable
from perennial.collect.events.model import MAX_CALL_BYTES
from perennial.collect.events.rules import payload_text
from perennial.kernel.values import Json

MAX_BATCH_BYTES = 4 * 1024 * 1024
"""RudderStack's clients send as much; Segment's stay below 500 KB."""
MAX_BATCH_CALLS = 20_000
"""Calls of one request: of small ones, 4 MB would hold a million, each of them work."""
MAX_MERGED_BYTES = 32 * 1024 * 1024
"""What a batch's context may come to once every call has it: 90 KB could say more than half a gigabyte."""
_PLAIN_BASE64 = str.maketrans("-_ ", "+/+")
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = zlib.MAX_WBITS | 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A write key as a request presented it."""

    value: str
    scheme: Literal["basic", "bearer", "body", "query"]


def unpack(body: bytes, *, limit: int) -> bytes:
    """The body as it was before compression, at most `limit` bytes; raises TooLarge or Unreadable."""
    if not body.startswith(_GZIP_MAGIC):
        return _within(body, limit)
    inflater = zlib.decompressobj(wbits=_GZIP_WINDOW)
    try:
        # One byte more than allowed is enough to know; a bomb is never blown up.
        plain = inflater.decompress(body, limit + 1)
    except zlib.error as error:
        raise Unreadable("The body begins as gzip and cannot be unpacked.") from error
    _within(plain, limit)
    if not inflater.eof:
        raise Unreadable("The gzip body is cut off.", hint="Send the whole body again.")
    return plain


def decode_object(body: bytes) -> Mapping[str, Json]:
    """The body as a JSON object; raises Unreadable."""
    document = decode_value(body)
    if not isinstance(document, Mapping):
        raise Unreadable("The body must be a JSON object.", path="$", hint='A batch is {"batch": [...]}.')
    return document


def decode_value(body: bytes) -> Json:
    """The body as JSON; raises Unreadable."""
    try:
        return cast("Json", msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"The body is not JSON: {error}.", path="$") from error


def unbase64(text: str, name: str) -> bytes:
    """What stands in base64 in a field of an address or a form; raises Unreadable.

    Written for addresses or not, padded or not, and whether a plus was read as a space.
    """
    sent = text.translate(_PLAIN_BASE64)
    try:
        return base64.b64decode(sent + "=" * (-len(sent) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"{name} is not base64.", path=f"$.{name}") from error


def items_of(document: Mapping[str, Json]) -> Sequence[Json]:
    """A batch's items; raises Unreadable where there is no list of them, TooLarge where it is too long."""
    items = document.get("batch")
    if not isinstance(items, list):
        raise Unreadable("A batch needs a list of calls.", path="$.batch", hint='Send {"batch": [...]}.')
    return limited(items)


def limited(items: Sequence[Json]) -> Sequence[Json]:
    """What one request holds, where it is not too much; raises TooLarge."""
    if len(items) > MAX_BATCH_CALLS:
        raise TooLarge(f"A request has at most {MAX_BATCH_CALLS} calls.", hint="Send fewer calls at once.")
    return items


def object_at(document: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    """A member that is an object; empty where it is absent or something else."""
    member = document.get(name)
    return member if isinstance(member, Mapping) else {}


def context_of(document: Mapping[str, Json], calls: int) -> Mapping[str, Json]:
    """A batch's own context, which so many calls are to have; raises TooLarge where that is too much."""
    context = object_at(document, "context")
    if context and len(payload_text(context).encode()) * calls > MAX_MERGED_BYTES:
        raise TooLarge(
            f"The batch's context comes to more than {MAX_MERGED_BYTES} bytes when each call has it.",
            path="$.context",
            hint="Send fewer calls at once, or a smaller context.",
        )
    return context


def limit_for(kind: str | None) -> int:
    """How large a request may be: one call, or a batch (no kind)."""
    return MAX_BATCH_BYTES if kind is None else MAX_CALL_BYTES


def header_key(authorization: str) -> Key | None:
    """The write key of an Authorization header: Basic `KEY:` (colon optional) or Bearer."""
    scheme, _, rest = authorization.strip().partition(" ")
    presented = rest.strip()
    if scheme.lower() == "bearer" and presented:
        return Key(value=presented, scheme="bearer")
    if scheme.lower() != "basic" or not presented:
        return None
    try:
        decoded = base64.b64decode(presented, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    user = decoded.partition(":")[0]
    return Key(value=user, scheme="basic") if user else None


def body_key(document: Mapping[str, Json]) -> Key | None:
    """The write key inside the body."""
    value = document.get("writeKey")
    return Key(value=value, scheme="body") if isinstance(value, str) and value else None


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise TooLarge(f"The body has more than {limit} bytes.", hint="Send fewer calls at once.")
    return body
