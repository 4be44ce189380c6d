"""What is asked about each person's rows: amounts over windows, and the tests that those have to pass."""

from dataclasses import dataclass
from typing import Literal

from perennial.kernel.conditions.model import Test

Kind = Literal[
    "count", "sum", "avg", "min", "max", "median", "distinct", "days", "streak", "first_ago", "last_ago"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which rows: those of a kind that pass tests, the names of flags that have to be set."""

    kind: int
    """The code of a kind of rows; see `Rows.kinds`."""
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Where the values of a path are."""

    has: str
    """The flag that says whether a row has any."""
    number: str | None = None
    """The column with a row's number, 0 where it has none; brought down to one where there are several."""
    how_many: str | None = None
    """The column that says how many it has; None where it is never more than one."""
    text: str | None = None
    """The column that tells texts apart, if they are asked for."""
    listed: str | None = None
    """The flag that says that a row has a list, which is not looked into; None where no row has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An aggregate over the rows that are chosen, later than an instant and not later than another."""

    kind: Kind
    chosen: Chosen
    value: Value | None = None
    after: int | None = None
    until: int | None = None
    """None: up to now, which no row is later than."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedNumber:
    """Whether an amount passes a test."""

    amount: Amount
    test: Test


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedChange:
    """Whether an amount differs from the mean of earlier ones as a test says."""

    now: Amount
    before: tuple[Amount, ...]
    floor: float | None
    percent: bool
    test: Test


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLast:
    """Whether the latest of the chosen rows passes a test, the name of a flag."""

    chosen: Chosen
    test: str
    otherwise: bool
    """What is said of people without a chosen row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFirst:
    """Whether there is a row of a kind by an instant."""

    chosen: Chosen
    by: int


Asked = AskedNumber | AskedChange | AskedLast | AskedFirst
