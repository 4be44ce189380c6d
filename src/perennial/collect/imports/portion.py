"""A portion of a file, read and checked: what both ways of reading files come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from perennial.collect.events.model import Reject
from perennial.collect.imports.ordinals import Ordinals

PORTION_ROWS = 100_000
"""Rows that are accepted together: large enough for the event store, small enough for memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Consecutive rows of a file: the good as rows of the log (nobody's yet), the bad with reasons."""

    start: int
    rows: int
    table: pa.Table
    """In `EVENT_SCHEMA`, `profile_id` 0."""
    rejects: Sequence[Reject]


def derived_ids(forms: Sequence[bytes], ordinals: Ordinals) -> list[str]:
    """Message ids of rows without: a hash of the row's canonical form, and which of its equals it is."""
    digests = [blake2b(form, digest_size=16).digest() for form in forms]
    hashes = np.frombuffer(b"".join(digests), dtype=np.uint64)[::2]
    return [
        f"{digest.hex()}-{ordinal}" if ordinal else digest.hex()
        for digest, ordinal in zip(digests, ordinals.of(hashes).tolist(), strict=True)
    ]
