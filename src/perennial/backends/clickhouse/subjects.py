"""Kinds of rows: those of an event name, those that show activity, those in which people said something."""

from dataclasses import dataclass
from typing import Literal, assert_never

from perennial.backends.clickhouse.algebra import Leaf, SeenBefore
from perennial.backends.clickhouse.parameters import Binder, Sql, sql
from perennial.kernel.conditions.model import Change, Did, EventPattern, Measure, Trait
from perennial.kernel.events import ANY_EVENT, EVENT_KINDS

_COUNTABLE = (*EVENT_KINDS, "perennial")
"""Kinds of rows that an event's name means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The rows that questions of one kind are about."""

    kind: Literal["event", "activity", "identify"]
    name: str = ""
    """The event's name."""

    def rows(self, binder: Binder) -> Sql:
        """Which rows those are."""
        match self.kind:
            case "event":
                return sql(
                    "(name = <<name>> AND kind IN <<kinds>>)",
                    name=binder.text(self.name),
                    kinds=binder.bind("Array(String)", _COUNTABLE),
                )
            case "activity":
                # A column of the log says so (`kernel.events`).
                return Sql("is_activity")
            case "identify":
                return Sql("(kind = 'identify')")
            case _:
                assert_never(self.kind)


ACTIVITY = Subject(kind="activity")
IDENTIFY = Subject(kind="identify")


def subject_of(pattern: EventPattern) -> Subject:
    """The rows that an event's name means, whatever their properties."""
    return ACTIVITY if pattern.event == ANY_EVENT else Subject(kind="event", name=pattern.event)


def subject_of_leaf(leaf: Leaf) -> Subject:
    """The rows that answer a leaf."""
    match leaf:
        case Did() | Measure() | Change():
            return subject_of(leaf.pattern)
        case Trait():
            return IDENTIFY
        case SeenBefore():
            return ACTIVITY
        case _:
            assert_never(leaf)


def subjects_of_rows(kind: str, name: str, *, is_activity: bool) -> list[Subject]:
    """The kinds of rows that a row is of."""
    found = [ACTIVITY] if is_activity else []
    if kind in _COUNTABLE:
        found.append(Subject(kind="event", name=name))
    return [*found, IDENTIFY] if kind == "identify" else found
