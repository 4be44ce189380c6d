"""What imports and exports over HTTP take and give, precisely."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from perennial.api.schemas import MAX_NAME, Given, Instant, PathText, ProblemDocument, Shown

Columns = Annotated[list[Annotated[str, Field(min_length=1, max_length=MAX_NAME)]], Field(max_length=1_000)]


class MappingQuestion(Given):
    """A file of this machine, or in object storage, that needs a mapping."""

    file: PathText


class MappingReading(Shown):
    """What one part of a mapping was taken to be."""

    part: str
    column: str
    sure: Literal["sure", "likely", "guess"]
    why: str


class MappingSuggestion(Shown):
    """A mapping that a file speaks for."""

    mapping: Mapping[str, JsonValue] | None
    yaml: str
    """The same, ready to be saved; a remark behind what is not sure."""
    form: str | None
    readings: list[MappingReading]
    rows: list[JsonValue]
    """The first rows as the calls they would be, or what is wrong with them."""


class ExportAsked(Given):
    """How an export is written, and where to."""

    to: PathText | None = None
    """A file of the server's machine or an address in object storage; without it, it waits to be fetched."""
    format: Literal["jsonl", "csv", "parquet"] = "jsonl"
    columns: Columns | None = None
    reveal: bool = False
    """Write values of properties that are flagged as personal as they are; they are masked without."""
    for_spreadsheets: bool = False
    """CSV only: a text that a spreadsheet would take for a formula gets an apostrophe before it."""


class EventsExportAsked(ExportAsked):
    """Which events are exported."""

    names: Columns | None = None
    since: str | None = None
    until: str | None = None
    with_ours: bool = False
    """What Perennial itself logged as well: messages, journeys, segments."""


class PeopleExportAsked(ExportAsked):
    """Which people are exported."""

    condition: JsonValue = None
    as_of: str | None = None


class ExportResult(Shown):
    """What was written."""

    rows: int
    size: int
    as_of: Instant


class ExportJob(Shown):
    """An export as it runs."""

    id: str
    state: Literal["running", "done", "failed", "cancelled"]
    written: int
    total: int | None
    result: ExportResult | None = None
    problem: ProblemDocument | None = None


class DatabaseTransfer(Shown):
    """A database that is read from or written to, and when."""

    id: str
    document: Mapping[str, JsonValue]
    next_run_at: Instant
    last_run_at: Instant | None
    last_result: Mapping[str, JsonValue] | None
    """What the last run that succeeded came to."""
    last_problem: Mapping[str, JsonValue] | None
    """Why the last run failed; nothing where it did not."""


class DatabaseSources(Shown):
    """Every database source."""

    sources: list[DatabaseTransfer]


class DatabaseExports(Shown):
    """Every database export."""

    exports: list[DatabaseTransfer]
