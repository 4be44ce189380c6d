"""The nouns of transfers: databases that are read from, and databases that are written to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from perennial.kernel.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSource:
    """A query whose rows are imported, the new ones each time."""

    source_id: str
    url_secret: str
    """The name of the secret that holds the database's address; the address itself is nowhere of ours."""
    query: str
    cursor: str
    """A column of the query that grows: only rows from its last value on are asked for."""
    mapping: Mapping[str, Json]
    every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseExport:
    """A table that is kept as people are: a row for each, found by its key."""

    export_id: str
    url_secret: str
    table: str
    key: str
    """The table's column that tells rows apart; it needs a unique index there."""
    columns: Mapping[str, str]
    """The table's columns, each with what is written there: `user_id`, `traits.city`, `tags.stage`."""
    segment: str | None
    """Only this segment's people; everyone without."""
    mode: Literal["changes", "full"]
    deletes: bool
    """Whether a row that we wrote goes when its person is not among them any more."""
    every: timedelta
