"""What segments and tags have in common: an id, versions, and the document each was written as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from perennial.kernel.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of a segment or tag, exactly as it was saved; versions never change."""

    id: str
    version: int
    name: str
    document: Mapping[str, Json]
    created_at: datetime
