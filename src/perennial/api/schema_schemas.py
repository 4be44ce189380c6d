"""What the API gives and takes about what is sent: the catalogue, the tracking plan, cleaning."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, JsonValue, RootModel

from perennial.api.schemas import MAX_NAME, Given, Instant, ProblemEntry, Shown
from perennial.collect.catalogue.model import DriftCode, PiiKind, Status

Text = Annotated[str, Field(max_length=2_000)]


class Said(Shown):
    """What people say of an event or property."""

    description: str
    owner: str
    status: Status | None
    pii: bool


class SchemaEvent(Said):
    """An event of the catalogue; one that was described and never sent has no times."""

    name: str
    kinds: list[str]
    """The calls it came by."""
    events: int
    last_7_days: int
    first_at: Instant | None
    last_at: Instant | None
    sources: list[str]


class SchemaEvents(Shown):
    """A page of the catalogue's events, by name."""

    events: list[SchemaEvent]
    next: str | None


class SchemaProperty(Said):
    """A property of an event, at its dotted path."""

    path: str
    types: dict[str, int]
    """How many events have it as each type: number, text, boolean, time, list, object, empty."""
    events: int
    share: float
    """The part of the event's events that have it, from 0 to 1."""
    first_at: Instant | None
    last_at: Instant | None
    samples: list[str]
    looks_like: PiiKind | None


class SchemaProperties(Shown):
    """A page of an event's properties, by path."""

    properties: list[SchemaProperty]
    next: str | None


class DescriptionGiven(Given):
    """What somebody says of an event, or with a path of one of its properties. What is left out stays."""

    event: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    path: Annotated[str, Field(max_length=MAX_NAME)] = ""
    description: Text | None = None
    owner: Text | None = None
    status: Status | Literal[""] | None = None
    """Empty takes it away."""
    pii: bool | None = None


class SchemaDescription(Said):
    """What is said of an event or property now."""

    event: str
    path: str
    version: int


class SchemaDrift(Shown):
    """A property that is not what it was, or that nobody planned."""

    event: str
    path: str
    code: DriftCode
    expected: str
    found: str
    events: int
    first_at: Instant
    last_at: Instant
    sources: list[str]
    sample: str


class SchemaDrifts(Shown):
    """What changed, the latest first."""

    drift: list[SchemaDrift]


class PiiSuggestion(Shown):
    """A property whose values look personal and that nobody flagged."""

    event: str
    path: str
    kind: PiiKind
    matching: int
    events: int
    sample: str
    """Masked."""


class PiiSuggestions(Shown):
    """What might be personal, the most frequent first."""

    suggestions: list[PiiSuggestion]


class DocumentCheck(Shown):
    """Whether a document could be published, and everything that is wrong with it."""

    ok: bool
    problems: list[ProblemEntry]


class PlanSchema(RootModel[dict[str, JsonValue]]):
    """What a tracking plan may look like: JSON Schema, 2020-12."""


class PublishedDocument(Shown):
    """The live version of a document that a workspace has one of."""

    version: int
    created_at: Instant
    document: dict[str, JsonValue]


class PlanViolation(Shown):
    """One way in which calls were not as planned, and how often."""

    outcome: Literal["warned", "blocked"]
    code: str
    event: str
    """Empty for blocked calls: they are no events."""
    path: str
    source: str
    events: int
    first_at: Instant
    last_at: Instant
    message_id: str
    """Of the last one that was kept."""
    sample: str


class PlanReport(Shown):
    """How what was sent kept to the plan."""

    since: Instant
    violations: list[PlanViolation]


class CleaningDay(Shown):
    """What a rule of cleaning did on a day."""

    rule: str
    day: date
    outcome: Literal["kept", "set_aside", "dropped"]
    events: int


class CleaningReport(Shown):
    """What the rules of cleaning did, by day."""

    since: Instant
    counts: list[CleaningDay]
