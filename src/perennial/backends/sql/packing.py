"""Columns over very many people as bytes: arrays, compressed, block by block."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

BLOCK = 8_192
"""Places of a block: small enough to look one person up, large enough to read everyone."""

Ids = NDArray[np.uint64]
Places = NDArray[np.int64]
Codes = NDArray[np.uint32]
Numbers = NDArray[np.float64]
Instants = NDArray[np.int64]
Content = NDArray[np.uint32 | np.float64]

_CODEC = "zstd"
_WIDTHS = {1: np.dtype(np.uint8), 2: np.dtype(np.uint16), 4: np.dtype(np.uint32)}
_HEAD = 5


def pack_content(content: Content) -> bytes:
    """Codes, as narrow as the largest allows; or numbers, NaN where there is none."""
    if content.dtype == np.float64:
        return _squeezed(content.tobytes(), 8)
    highest = int(content.max()) if len(content) else 0
    width = 1 if highest < 256 else 2 if highest < 65_536 else 4
    return _squeezed(content.astype(_WIDTHS[width]).tobytes(), width)


def unpack_content(packed: bytes) -> Content:
    """What `pack_content` was given."""
    if packed[0] == 8:
        return np.frombuffer(_freed(packed), dtype=np.float64)
    return np.frombuffer(_freed(packed), dtype=_WIDTHS[packed[0]]).astype(np.uint32)


def pack_instants(instants: Instants) -> bytes:
    """Microseconds since 1970; mostly a few over and over."""
    return _squeezed(instants.tobytes(), 8)


def unpack_instants(packed: bytes) -> Instants:
    """What `pack_instants` was given."""
    return np.frombuffer(_freed(packed), dtype=np.int64)


def pack_people(people: Ids) -> bytes:
    """Ids, which are hashes: nothing is to be squeezed out of them."""
    return people.astype("<u8").tobytes()


def unpack_people(packed: bytes) -> Ids:
    """What `pack_people` was given."""
    return np.frombuffer(packed, dtype="<u8").astype(np.uint64)


def _squeezed(plain: bytes, width: int) -> bytes:
    """The width of an element, the length, and the bytes compressed."""
    head = bytes([width]) + len(plain).to_bytes(_HEAD - 1, "big")
    return head + pa.compress(plain, codec=_CODEC, asbytes=True)


def _freed(packed: bytes) -> bytes:
    length = int.from_bytes(packed[1:_HEAD], "big")
    return pa.decompress(packed[_HEAD:], decompressed_size=length, codec=_CODEC, asbytes=True)
