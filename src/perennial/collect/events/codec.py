"""Calls as bytes of the intake log, and back."""

from collections.abc import Mapping, Sequence

import msgspec

from perennial.collect.events.call import Call
from perennial.collect.events.model import MAX_CALL_BYTES
from perennial.kernel.values import Json, canonical

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[Call])
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
    return len(encoded) * _LONGER_AT_MOST <= MAX_CALL_BYTES and b"\\u0000" not in encoded
