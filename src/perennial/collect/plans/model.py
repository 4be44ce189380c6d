"""The nouns of a tracking plan: what is expected of each event, and what happens to what is not so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from perennial.kernel.values import Json

Mode = Literal["off", "warn", "block"]
"""Of a source: its calls are not looked at, are kept and counted, or are refused."""
MODES: tuple[Mode, ...] = ("off", "warn", "block")

ValueType = Literal["text", "number", "integer", "boolean", "time", "list", "object"]
"""`time` is a text written as ISO 8601."""
VALUE_TYPES: tuple[ValueType, ...] = ("text", "number", "integer", "boolean", "time", "list", "object")

ViolationCode = Literal[
    "missing_property",
    "wrong_type",
    "value_not_allowed",
    "pattern_not_met",
    "below_minimum",
    "above_maximum",
    "unexpected_property",
    "unexpected_event",
]
VIOLATION_CODES: tuple[ViolationCode, ...] = (
    "missing_property",
    "wrong_type",
    "value_not_allowed",
    "pattern_not_met",
    "below_minimum",
    "above_maximum",
    "unexpected_property",
    "unexpected_event",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One way in which a call is not as planned."""

    path: str
    """Its place below the call: `.properties.amount`."""
    code: ViolationCode
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyRule:
    """What is expected of one property, by its dotted path; through lists it holds of every element."""

    path: str
    type: ValueType | None = None
    is_required: bool = False
    allowed: Sequence[Json] = ()
    pattern: str = ""
    """A regular expression of RE2 that the whole text has to match."""
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """What is expected of one event. `identify` and `group` are planned by their traits."""

    name: str
    properties: Sequence[PropertyRule] = ()
    refuses_others: bool = False
    """A property that is not planned is a violation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingPlan:
    """What a workspace expects to be sent."""

    name: str
    mode: Mode
    """Of the sources that are not named."""
    modes: Mapping[str, Mode] = field(default_factory=dict[str, Mode])
    """By source; a name that ends with `*` stands for all that begin so."""
    events: Mapping[str, EventRule] = field(default_factory=dict[str, EventRule])
    refuses_other_events: bool = False
    document: Mapping[str, Json] = field(default_factory=dict[str, Json])
