"""An insight's specification: what an analyst asks of the log, as data.

Every kind has a frozen dataclass of its own fields; what all kinds share is `Shared`. Definitions are those
of the design page INSIGHTS; `parse.py` reads documents, and refuses what means nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from perennial.kernel.conditions.model import Condition, EventPattern
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

DEFINITION_VERSION = 1
"""Of what the words of a specification mean; a change that moves numbers gets the next one."""

Unit = Literal["hour", "day", "week", "month"]
UNITS: tuple[Unit, ...] = ("hour", "day", "week", "month")
LastUnit = Literal["hour", "day", "week", "month", "year"]

MOST_VALUES = 25
"""Values of a breakdown that stand alone; the rest are `(other)`."""
OTHER, NONE = "(other)", "(none)"
FEW_PEOPLE = 10
"""Cells of fewer people are shown grey: a rate of so few says little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """So many whole local units up to the present one, which is unfinished."""

    count: int
    unit: LastUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class FromTo:
    """From and to as written: dates are whole local days, both inside; instants half-open."""

    start: date | datetime
    end: date | datetime


Range = Last | FromTo
BreakdownBy = Literal["property", "trait", "tag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """What a number is divided by: an event's property, or a person's trait or tag as of the asking."""

    by: BreakdownBy
    name: str
    first_touch: bool = False
    """Of a property in a funnel: from the person's first such event rather than from the counted step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What every kind of insight may say."""

    range: Range
    interval: Unit
    zone: Zone
    among: Condition | None = None
    breakdown: Breakdown | None = None
    compare: Literal["previous"] | Range | None = None
    as_of: datetime | None = None
    raw: bool = False
    """Whether everything is counted from the log, nothing from sums that are kept."""


CountKind = Literal["total", "people", "per_person_avg", "sum", "avg", "min", "max", "median", "p90"]
COUNTS: tuple[CountKind, ...] = (
    *("total", "people", "per_person_avg"),
    *("sum", "avg", "min", "max", "median", "p90"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What of the events is counted; from `sum` on it is about a property's numbers."""

    kind: CountKind = "total"
    property: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line of a trend."""

    pattern: EventPattern
    count: Count
    first_time: bool = False
    """Whether only the first such event of each person's life counts."""
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """How much of something happened in each interval."""

    shared: Shared
    series: tuple[Series, ...]
    formula: str | None = None
    rolling: int | None = None
    """Whole local days that each point looks back over, its own included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a funnel."""

    pattern: EventPattern
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """What must not happen between two steps, counted from 0."""

    pattern: EventPattern
    start: int
    end: int


Order = Literal["ordered", "strict", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """How many people go from step to step within a window."""

    shared: Shared
    steps: tuple[Step, ...]
    window: timedelta
    order: Order = "ordered"
    exclude: tuple[Exclusion, ...] = ()
    same: str | None = None
    count: Literal["people", "totals"] = "people"


Cohort = Literal["recurring", "first_time", "first_ever"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Who comes back so many intervals after they began."""

    shared: Shared
    start: EventPattern
    back: EventPattern
    cohort: Cohort = "recurring"
    mode: Literal["exact", "on_or_after"] = "exact"
    brackets: tuple[int, ...] = ()
    at_least: int = 1
    clock: Literal["calendar", "24h"] = "calendar"
    value: Count = Count(kind="people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """Whether the active ones are new, came back, or stayed; and who fell asleep."""

    shared: Shared
    event: EventPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Stickiness:
    """In how many intervals people were active."""

    shared: Shared
    event: EventPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How many people did something how often, or have how much of a measure, in each interval."""

    shared: Shared
    event: EventPattern
    count: Count
    buckets: tuple[float, ...]
    """Where buckets begin, ascending; the last is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How long it takes from one thing to the next other thing."""

    shared: Shared
    start: EventPattern
    end: EventPattern
    same: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """What people do one after the other in a session."""

    shared: Shared
    events: tuple[EventPattern, ...]
    start: str | None = None
    end: str | None = None
    depth: int = 5
    session_gap: timedelta = timedelta(minutes=30)
    collapse_repeats: bool = True
    min_people: int = 1
    item: str | None = None
    """A property that tells an event's items apart; without one it is the event's name."""


AttributionModel = Literal["first", "last", "linear", "position", "decay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What the goals are owed to, among what came before them."""

    shared: Shared
    goal: EventPattern
    touches: tuple[EventPattern, ...]
    model: AttributionModel = "last"
    lookback: timedelta = timedelta(days=30)
    half_life: timedelta = timedelta(days=7)
    item: str | None = None
    """A property that names a touch; without one it is the event's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """How often people come, how long they stay, how much they do."""

    shared: Shared
    events: tuple[EventPattern, ...]
    gap: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What people are worth: revenue per cohort over time, per person and per payer."""

    shared: Shared
    event: EventPattern
    amount: str
    start: EventPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measure of RFM: an aggregate over an event's rows in the range."""

    measure: str
    event: EventPattern
    aggregate: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rfm:
    """How recent, how often, how much: cells and eight named groups."""

    shared: Shared
    r: Measured
    f: Measured
    m: Measured
    quantiles: int = 5
    cuts: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How segments share people."""

    shared: Shared
    segments: tuple[str, ...]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of a journey map."""

    name: str
    events: tuple[EventPattern, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyMap:
    """How people move through stages, and where they leave."""

    shared: Shared
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """What is bought together."""

    shared: Shared
    event: EventPattern
    item: str
    basket: str | None = None
    """The property that tells baskets apart; without one a basket is one event."""
    min_support: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A named number of a metric tree."""

    name: str
    series: Series


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricTree:
    """What share of a change each factor of a product is owed to."""

    shared: Shared
    result: str
    factors: tuple[tuple[str, str | None], ...]
    """Each factor: a metric, or the quotient of two."""
    metrics: tuple[Metric, ...]


Spec = (
    Trend
    | Funnel
    | Retention
    | Lifecycle
    | Stickiness
    | Distribution
    | Gap
    | Paths
    | Attribution
    | Sessions
    | Value
    | Rfm
    | Overlap
    | JourneyMap
    | Basket
    | MetricTree
)
