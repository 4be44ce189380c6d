"""What the API takes and gives, precisely: the OpenAPI document is made from these."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AliasChoices, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from perennial.kernel.ids import profile_text


def _as_profile_text(value: object) -> object:
    return profile_text(value) if isinstance(value, int) else value


ProfileText = Annotated[str, BeforeValidator(_as_profile_text), Field(examples=["prf_0a1b2c3d4e5f6"])]
Instant = AwareDatetime
MAX_NAME = 255
PathText = Annotated[str, Field(min_length=1, max_length=4096)]
"""A path on this machine. Having a length, it is also looked at for what no file system can write."""
MAX_PAGE = 10_000
Limit = Annotated[int, Field(ge=1, le=MAX_PAGE)]


class Given(BaseModel):
    """A document that a caller sends: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """A document that we answer with."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


class ProblemEntry(Shown):
    """One mistake in a document."""

    path: str
    code: str
    message: str
    hint: str = ""
    line: int | None = None


class ProblemDocument(Shown):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    message: str
    hint: str
    path: str
    problems: list[ProblemEntry] = []


class Health(Shown):
    """The server answers."""

    status: Literal["ok"]
    version: str
    instance: str
    """Tells one running server from another on the same address."""


class DoctorCheck(Shown):
    """One thing that must always hold."""

    name: str
    ok: bool
    detail: str


class Diagnosis(Shown):
    """Whether everything that must always hold does hold."""

    ok: bool
    checks: list[DoctorCheck]


class WorkspaceOrder(Given):
    """A workspace to make."""

    workspace: str = "default"
    timezone: str | None = None
    """An IANA name; UTC unless told, never the machine's."""
    week_start: str | None = None
    """The day that weeks begin with; monday unless told."""
    renew_token: bool = False


class Credentials(Shown):
    """What opens a workspace; a token is told once, when it is made."""

    workspace: str
    write_key: str
    api_token: str | None


class EventCount(Shown):
    """How many events."""

    events: int


class PeopleQuestion(Given):
    """Whom to count; without a condition, everyone."""

    condition: JsonValue = None
    as_of: str | None = None


class PeoplePageQuestion(PeopleQuestion):
    """Whom to list."""

    limit: Limit = 100
    after: str | None = None


class PeopleCount(Shown):
    """How many people."""

    people: int


class Person(Shown):
    """One person."""

    profile_id: ProfileText
    user_id: str | None


class PeoplePage(Shown):
    """People by user id, the anonymous last."""

    people: list[Person]
    next: str | None


class ConsentGiven(Given):
    """A consent that was granted or withdrawn."""

    consent: str = Field(examples=["email/marketing"])
    state: Literal["granted", "withdrawn"]
    proof: str = ""


class ConsentRecorded(ConsentGiven):
    """The consent as it was recorded."""

    user_id: str


class Segment(Shown):
    """A segment's live version, and how many people were in it when it was last refreshed."""

    id: str
    name: str
    kind: Literal["live", "scheduled", "frozen", "list"] = "live"
    condition: JsonValue = None
    """None of a list: it has whom somebody put on it."""
    refresh: JsonValue = None
    """When a scheduled segment is answered anew."""
    as_of: Instant | None = None
    """The moment a frozen segment keeps, where its document says one."""
    sentence: Mapping[str, str] = {}
    """The condition in words, by language."""
    version: int
    people: int | None = None
    refreshed_at: Instant | None = None
    failed_at: Instant | None = None
    problem: str | None = None
    """Why its last refresh failed; its people are those of the last that did not."""
    drift: int = 0
    """People whom a full refresh had to correct, ever: there should be none."""


class Segments(Shown):
    """Every segment."""

    segments: list[Segment]
    next: str | None = None


class SegmentCounts(Shown):
    """How many people are in each segment."""

    segments: Mapping[str, int]


class RefreshChosen(Given):
    """What to refresh; without ids, all."""

    ids: list[str] | None = None


class Template(Shown):
    """A template's live version."""

    id: str
    channel: str
    version: int
    created_at: Instant | None = None


class Templates(Shown):
    """Every template."""

    templates: list[Template]
    next: str | None = None


class JourneyCheck(Shown):
    """Whether a journey could be published, and everything that is wrong with it."""

    ok: bool
    problems: list[ProblemEntry]
    warnings: list[ProblemEntry] = Field(default_factory=list[ProblemEntry])
    """What is allowed and probably not meant; none is looked for while there are problems."""


class Journey(Shown):
    """A journey and its state, with the name of its newest version ("" where it has none)."""

    id: Annotated[str, Field(validation_alias=AliasChoices("id", "journey_id"))]
    name: str = ""
    state: Literal["live", "paused", "ended"]
    version: int
    published_at: Instant | None = None


class Journeys(Shown):
    """Every journey."""

    journeys: list[Journey]
    next: str | None = None


class ArmReadOut(Shown):
    """One arm of a journey. Only people whose goal window has ended (`matured`) are compared."""

    arm: str
    people: int
    matured: int
    reached: int
    goal_rate: float | None


class NodeReadOut(Shown):
    """How many came to a node, by which edge they left it, and how many stand there."""

    entered: int
    left: Mapping[str, int]
    waiting: int
    ended_here: int


class RelativeEffect(Shown):
    """The effect as a share of the control's rate."""

    value: float
    interval: tuple[float, float]


class RatioCheck(Shown):
    """Whether the arms have the sizes that chance should have given them (sample-ratio mismatch)."""

    p_value: float
    ok: bool


class ReadOut(Shown):
    """Whether a journey helped; rates and differences are shares of 1, intervals are always valid at 95 %."""

    journey: str
    version: int
    entered: int
    arms: list[ArmReadOut]
    difference: float | None
    interval: tuple[float, float] | None
    relative: RelativeEffect | None
    verdict: Literal["effect_shown", "no_effect_shown", "cannot_be_measured", "srm_failed"]
    obstacle: str | None
    sentence: Mapping[str, str]
    """The verdict in words, by language (`en`, `zh-CN`)."""
    srm: RatioCheck | None
    matured_share: float | None
    people_needed: int | None
    smallest_visible: float | None
    left_out: int
    nodes: Mapping[str, NodeReadOut]
    messages: Mapping[str, int]


class Message(Shown):
    """One message and what became of it."""

    message_id: str
    user_id: str | None
    channel: str
    topic: str
    state: str
    reason: str | None
    cause: str
    created_at: Instant
    sent_at: Instant | None


class Messages(Shown):
    """A page of messages."""

    messages: list[Message]
    next: str | None


class ImportOrder(Given):
    """A file of this machine to import."""

    file: PathText
    mapping: Mapping[str, JsonValue] | None = None
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)] | None = None


class ImportResult(Shown):
    """What became of a file's rows."""

    read: int
    accepted: int
    duplicates: int
    rejected: int


class ImportJob(Shown):
    """An import as it runs."""

    name: str
    state: Literal["running", "done", "failed", "cancelled"]
    read: int
    total: int | None
    result: ImportResult | None = None
    problem: ProblemDocument | None = None
