"""The nouns of imports: how a file's columns become calls, and how far an import has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from perennial.kernel.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Each row's own value, from the column of this name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """The same value for every row."""

    value: Json


Field = Column | Constant


TimeUnit = Literal["s", "ms", "us"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMapping:
    """Which column of a file says what; a part that is absent says nothing."""

    type: Field = Constant(value="track")
    event: Field | None = None
    user_id: Field | None = None
    anonymous_id: Field | None = None
    timestamp: Field | None = None
    message_id: Field | None = None
    properties: Mapping[str, Field] = field(default_factory=dict[str, Field])
    traits: Mapping[str, Field] = field(default_factory=dict[str, Field])
    time_unit: TimeUnit = "ms"
    """What a time that is written as a number counts, since 1970."""
    zone: str | None = None
    """Where times without an offset are local to; the workspace's zone unless said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What became of a file's rows."""

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0


ImportState = Literal["running", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProgress:
    """How far an import has come; what it counts is durable."""

    name: str
    file: str
    fingerprint: str
    """Of the file and its mapping: where either changed, it starts anew, and still adds no row twice."""
    state: ImportState
    result: ImportResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Spool:
    """A batch that was accepted and may not have reached the event store yet."""

    token: str
    name: str
    path: str
    """Of its rows, an Arrow file in the workspace's spool directory."""
    places: bytes | None = None
    """A bit for each row of its portion of the file: whether it was new. None: all of them were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file that can be imported, where it lies."""

    name: str
    """Within the place that was asked for: in a folder, its path from there."""
    place: str
    size: int
