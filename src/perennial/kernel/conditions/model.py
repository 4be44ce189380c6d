"""The condition language's nouns: a question about one person, as data.

A document is parsed to these (`parse.py`), references to tags and segments are put in place
(`resolve.py`), and what remains is compiled to SQL or judged by the reference evaluator.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from perennial.kernel.windows import Window

Scalar = bool | float | str
Literal_ = Scalar | timedelta | date | datetime | tuple[Scalar, ...]

Operator = Literal[
    "=",
    "!=",
    ">",
    ">=",
    "<",
    "<=",
    "between",
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "matches",
    "set",
    "before",
    "after",
    "in_last",
    "in_next",
    "any_of",
    "all_of",
]
NUMBER_OPERATORS: tuple[Operator, ...] = ("=", "!=", ">", ">=", "<", "<=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One comparison of a value with a literal; the literal's type decides how the value is read.

    Literals by operator: `=` and `!=` bool, float or str; `>` `>=` `<` `<=` float (or str, compared as
    text); `between` two floats or two strs; `in`, `not_in`, `any_of`, `all_of` a tuple of scalars of one
    type; `contains`, `not_contains`, `starts_with`, `ends_with`, `matches` str; `set` bool; `before`,
    `after` date (a local day) or aware datetime; `in_last`, `in_next` timedelta.
    """

    operator: Operator
    literal: Literal_
    ignore_case: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyTest:
    """A test on one property of an event, by dotted path; of a list one passing element is enough."""

    property: str
    test: Test


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPattern:
    """Which events are meant: a name, or `*` for any, and tests that all hold."""

    event: str
    where: tuple[PropertyTest, ...] = ()


AggregateKind = Literal[
    "count", "sum", "avg", "min", "max", "median", "distinct", "days", "streak", "first_ago", "last_ago"
]
PROPERTY_AGGREGATES: tuple[AggregateKind, ...] = ("sum", "avg", "min", "max", "median", "distinct")
ZERO_WHEN_EMPTY: tuple[AggregateKind, ...] = ("count", "sum", "distinct", "days", "streak")


Side = Literal["top", "bottom"]
SeenEnd = Literal["first", "last"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """A number about a person's events: `count`, `sum(amount)`, `days` …

    `first_ago` and `last_ago` are days (24 h, fractional) from the first or last event to the asking.
    """

    kind: AggregateKind
    property: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """Always true or always false; what is left of a reference that can have only one answer."""

    value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Every part holds."""

    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """At least one part holds."""

    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The part does not hold."""

    of: "Condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """Did an event so many times; `times` is a number test, `= 0` is never."""

    pattern: EventPattern
    times: Test
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An aggregate over events compared with a number."""

    aggregate: Aggregate
    pattern: EventPattern
    test: Test
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a change is measured against.

    `windows` whole windows before the current one, averaged over those that have a value (`previous`
    is one); or, where `shift` is set, the one window that lies that much earlier.
    """

    windows: int = 1
    shift: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The same aggregate now against a baseline, relative (`percent`) or as an absolute difference.

    Relative: (current - baseline) / baseline * 100 is compared with `test`. False where the baseline is below
    `floor` (where `floor` is None: not above 0), where either side is missing, or, unless `include_new`,
    where the person was first seen after the baseline began.
    """

    aggregate: Aggregate
    pattern: EventPattern
    over: timedelta
    against: Baseline
    test: Test
    percent: bool
    floor: float | None = None
    include_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A test on what we were told of the person: the latest value by `occurred_at`."""

    trait: str
    test: Test


@dataclass(frozen=True, slots=True, kw_only=True)
class DidInOrder:
    """Did one thing, then another, then … : each by an event of its own, all of them in the window.

    The last lies no later than `span` after the first. Where `same` is set, it names a property of each
    step, and all have one value in common there. Events of one instant are in the order of the steps that
    they fit.
    """

    steps: tuple[EventPattern, ...]
    span: timedelta | None = None
    window: Window | None = None
    same: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DidWithout:
    """Did one thing, and since then, for `wait`, not another; it ceases to hold `until` later.

    Of what was done the latest counts, at its own instant the other counts as following it; an event is no
    answer to itself. Where `same` is set, it names a property of each, and this is asked of each value.
    """

    after: EventPattern
    without: EventPattern
    wait: timedelta
    until: timedelta
    same: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The person's first or last activity lies in a window; of who was never active neither does."""

    end: SeenEnd
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentIs:
    """A test on what the person last said of a topic on a channel: `granted` or `withdrawn`, or nothing."""

    channel: str
    topic: str
    test: Test


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedIs:
    """A test on the arm the person was last assigned to on entering a journey; missing if they never did."""

    journey: str
    test: Test


ASSIGNING_EVENT = "journey_entered"
"""The event of ours that carries an assignment: texts `journey` and `arm`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """Is among the top or bottom share of a measure; `resolve` puts the border of that share in its place.

    Ranked is who has such an event in the window and a value, of those whom `among` names, if it is set.
    The share of n people has as many places as that makes, rounded up; who ties with the last one is inside.
    """

    aggregate: Aggregate
    pattern: EventPattern
    side: Side
    percent: float
    window: Window | None = None
    among: "Condition | None" = None


Told = Trait | ConsentIs | AssignedIs
"""The latest of what was said of a person: it is compared as a value, which may be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagIs:
    """A test on a computed value; `resolve` puts the tag's own rule in its place.

    Where the value that is stored is meant (`is_stored`: no condition says it, or it depends on the value
    before) there is nothing to put: it stays, and whoever asks the engines looks the value up.
    """

    tag: str
    test: Test
    is_stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InSegment:
    """Is in another segment; `resolve` puts that segment's condition in its place.

    Where its members are kept (`is_kept`: a list, say) there is nothing to put: it stays, and whoever asks
    the engines looks its members up.
    """

    segment: str
    is_kept: bool = False


OfEvents = Did | Measure | Change | DidInOrder | DidWithout | Rank | Seen
"""A question that events answer."""
Question = OfEvents | Told | TagIs | InSegment
"""A condition without parts."""
Condition = Constant | All | AnyOf | Not | Question
"""Any question about one person.

Resolved, it has no `Rank`, `InSegment` only of kept members, and `TagIs` only of stored values.
"""
