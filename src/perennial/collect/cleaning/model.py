"""The nouns of cleaning: rules that a workspace declares, each of which finds calls or changes values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from perennial.kernel.values import Json

Outcome = Literal["mark", "exclude", "drop"]
"""What becomes of a call that a rule finds: it is kept and says so; it is kept and counts nowhere; it is
refused and kept among the rejects."""
OUTCOMES: tuple[Outcome, ...] = ("mark", "exclude", "drop")
ClockOutcome = Literal["mark", "exclude", "drop", "clamp"]
CLOCK_OUTCOMES: tuple[ClockOutcome, ...] = ("mark", "exclude", "drop", "clamp")
"""`clamp` brings the time of occurrence to that of reception."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bots:
    """Calls whose user agent is a known crawler's, or matches one of these patterns."""

    outcome: Outcome
    also: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TestAccounts:
    """Calls of people who test: any of these is enough."""

    __test__ = False  # its name begins like a test's, to pytest

    outcome: Outcome
    user_ids: Sequence[str] = ()
    """Whole ids, or beginnings that end with `*`."""
    email_domains: Sequence[str] = ()
    networks: Sequence[IPv4Network | IPv6Network] = ()
    values: Mapping[str, Json] = field(default_factory=dict[str, Json])
    """By path among the call's own properties or traits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOutliers:
    """Calls that happened too far ahead of their reception, or too long ago."""

    outcome: ClockOutcome
    ahead: timedelta | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicates:
    """Events with the same person and properties within a moment, under different ids."""

    outcome: Outcome
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalise:
    """Values brought to one form: `phone` to E.164, `email` and `trim` to plain text."""

    form: Literal["phone", "email", "trim"]
    at: Sequence[str]
    region: str = ""
    """Whose numbers phones without a country code are: `CN`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiply:
    """A number in another unit: fen times 0.01 is yuan."""

    at: str
    by: float
    to: str
    """The property it is kept under; often the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A property under another name."""

    at: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hash:
    """Values of which only a hash is kept, of refused calls too: they can be compared, and not read."""

    at: Sequence[str]
    """Paths among properties or traits; those that begin with `context.` in the context."""


Deed = Bots | TestAccounts | ClockOutliers | NearDuplicates | Normalise | Multiply | Rename | Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningRule:
    """One rule: what it does, and of which calls."""

    id: str
    deed: Deed
    events: Sequence[str] = ()
    """Only of these; of all without any. `identify` stands for its traits."""
    sources: Sequence[str] = ()
    """Only of these; a name that ends with `*` stands for all that begin so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningRules:
    """Every rule of a workspace, in the order in which they are carried out."""

    rules: Sequence[CleaningRule]
    document: Mapping[str, Json]
