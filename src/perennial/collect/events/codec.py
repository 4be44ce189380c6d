"""Calls as bytes of the intake log, and back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import msgspec

from perennial.collect.events.call import Call
from perennial.collect.events.model import MAX_CALL_BYTES, MAX_DEPTH
from perennial.kernel.values import Json, canonical

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[Call])
_CONTAINERS = (Mapping, list, tuple)
_LONGER_AT_MOST = 2
"""How many times longer `canonical` may be than what is written here: exponents differ (1e22, 1e+22)."""


def encode_calls(calls: Sequence[Call]) -> bytes:
    """Calls ready to be logged: a JSON array of arrays, fields by place."""
    return _encoder.encode(calls)


def decode_calls(body: bytes) -> list[Call]:
    """The calls that were logged."""
    return _decoder.decode(body)


def written(document: Mapping[str, Json]) -> str:
    """A document as JSON text, in the order it was sent."""
    try:
        return _encoder.encode(document).decode()
    except OverflowError:
        # Whole numbers of more than 64 bits.
        return canonical(document).decode()


def is_surely_fine(document: Mapping[str, object]) -> bool:
    """Whether what a JSON decoder gave has no bad text and is not too large: quick, and not always sure."""
    try:
        encoded = _encoder.encode(document)
    except (UnicodeEncodeError, OverflowError, RecursionError):
        return False
    if len(encoded) * _LONGER_AT_MOST > MAX_CALL_BYTES or b"\\u0000" in encoded:
        return False
    # No call is deeper than it has brackets; hardly any has so many.
    return encoded.count(b"{") + encoded.count(b"[") <= MAX_DEPTH or not is_too_deep(document)


def is_too_deep(document: Mapping[str, object]) -> bool:
    """Whether objects and lists are inside each other more than `MAX_DEPTH` times; without recursion."""
    level: list[object] = [document]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, _CONTAINERS)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value).values()  # what is in it is looked at by its own type
    return cast("Sequence[object]", value)  # only containers are asked
