"""What rehearsals of journeys take and give, precisely."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from perennial.api.schemas import Given, Instant, ProblemDocument, Shown

Draft = Annotated[JsonValue, Field(description="A journey: YAML or JSON as text, or the object itself.")]


class ExampleMismatch(Shown):
    """Where what came of an example is not what was expected."""

    what: str
    expected: JsonValue
    found: JsonValue


class ExampleOutcome(Shown):
    """What came of one example."""

    name: str
    ok: bool
    entered: bool = False
    path: list[str]
    messages: list[Mapping[str, JsonValue]]
    outcome: str | None = None
    goal: str | None = None
    mismatches: list[ExampleMismatch]


class JourneyTest(Shown):
    """What came of the examples of a journey's file."""

    journey: str
    ok: bool
    passed: int
    failed: int
    examples: list[ExampleOutcome]


class JourneyChange(Shown):
    """One part of a journey that is not as it was."""

    path: str
    kind: Literal["added", "removed", "changed"]
    node: str | None
    before: JsonValue
    after: JsonValue
    people: int
    """So many stand at the node now."""
    reading: Mapping[str, str]
    """In words, in each language."""


class JourneyDiff(Shown):
    """What a draft changes of the newest version."""

    journey: str
    version: int | None
    """The newest version; none where the journey was never published."""
    same: bool
    active: int
    """People who are in the journey now; publishing asks what becomes of them."""
    changes: list[JourneyChange]


class PlayList(Shown):
    """The playbook: ready journeys that we ship."""

    plays: list[str]


class PlayShown(Shown):
    """A ready journey: its files as YAML, to be copied and changed."""

    play_id: str
    journey: str
    segments: Mapping[str, str]
    """By id: those it begins with. Create them first."""
    templates: Mapping[str, str]
    """By id, each in two languages."""


class BacktestAsked(Given):
    """A journey to run over a part of the recorded past."""

    journey: Draft
    against: Draft | None = None
    """Another draft, to be compared with."""
    start: Annotated[str, Field(alias="from")]
    end: Annotated[str, Field(alias="to")]


class BacktestNode(Shown):
    """How often a node was come to, and left by each edge."""

    entered: int
    left: Mapping[str, int]


class BacktestGoal(Shown):
    """How many reached the goal though nothing was sent: the base rate, of runs whose window has ended."""

    reached: int
    matured: int
    base_rate: float | None


class ControlNeeded(Shown):
    """How many people a share of control needs to show a relative effect of 10 % in 4 of 5 cases."""

    share: float
    people: int | None
    days: float | None
    """So long until they have come in."""
    visible_in_30_days: float | None
    """The smallest relative effect that 30 days of entries would show."""


class BacktestControl(Shown):
    """What measuring the journey would take."""

    share: float | None
    base_rate: float | None
    entered_per_day: float
    needed: list[ControlNeeded]


class BacktestCounts(Shown):
    """What a journey would have done over a part of the past."""

    journey: str
    start: Annotated[str, Field(alias="from")]
    end: Annotated[str, Field(alias="to")]
    step_seconds: int
    events: int
    entered: int
    arms: Mapping[str, int]
    nodes: Mapping[str, BacktestNode]
    outcomes: Mapping[str, int]
    not_entered: Mapping[str, int]
    messages: Mapping[str, int]
    withheld: Mapping[str, int]
    held: Mapping[str, int]
    dropped: Mapping[str, int]
    still_held: int
    goal: BacktestGoal
    assumed: Mapping[str, int]
    control: BacktestControl
    segments: Mapping[str, str]


class BacktestReport(BacktestCounts):
    """The report of a backtest, and where there was another draft, by how much they differ."""

    backtest: str
    against: BacktestCounts | None = None
    difference: Mapping[str, JsonValue] | None = None


class BacktestJob(Shown):
    """A backtest as it runs, and its report in the end."""

    id: str
    state: Literal["running", "done", "failed", "cancelled"]
    taken: int
    """Events it has gone through."""
    total: int | None
    result: BacktestReport | None = None
    problem: ProblemDocument | None = None


class BacktestRow(Shown):
    """A backtest that is kept."""

    backtest: str
    journey: str
    start: Annotated[Instant, Field(alias="from")]
    end: Annotated[Instant, Field(alias="to")]
    ran_at: Instant
    entered: int


class BacktestList(Shown):
    """Backtests that are kept, the newest first."""

    backtests: list[BacktestRow]
    next: str | None = None
