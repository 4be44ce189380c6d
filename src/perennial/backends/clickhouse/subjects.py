"""Kinds of rows: those of an event name, those that show activity, those in which people said something."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from perennial.backends.clickhouse.algebra import Leaf, SeenBefore
from perennial.backends.clickhouse.parameters import Binder, Sql, joined, sql
from perennial.kernel.conditions.model import (
    ASSIGNING_EVENT,
    AssignedIs,
    Change,
    ConsentIs,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    Measure,
    Trait,
)
from perennial.kernel.events import ANY_EVENT, EVENT_KINDS

_COUNTABLE = (*EVENT_KINDS, "perennial")
"""Kinds of rows that an event's name means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The rows that questions of one kind are about."""

    kind: Literal["event", "activity", "identify", "consent"]
    name: str = ""
    """The event's name."""

    def rows(self, binder: Binder) -> Sql:
        """Which rows those are."""
        return sql("(<<parts>>)", parts=joined(" AND ", self.parts(binder)))

    def parts(self, binder: Binder) -> Sequence[Sql]:
        """The same as tests that all hold."""
        match self.kind:
            case "event":
                return (
                    sql("name = <<name>>", name=binder.text(self.name)),
                    sql("kind IN <<kinds>>", kinds=binder.bind("Array(String)", _COUNTABLE)),
                )
            case "activity":
                # A column of the log says so (`kernel.events`).
                return (Sql("is_activity"),)
            case "identify":
                return (Sql("kind = 'identify'"),)
            case "consent":
                return (Sql("kind = 'consent'"),)
            case _:
                assert_never(self.kind)


def rows_of_any(subjects: Sequence[Subject], binder: Binder) -> Sql:
    """The rows of any of some kinds; events' names are sought together, which is several times quicker."""
    names = [subject.name for subject in subjects if subject.kind == "event"]
    parts = [subject.rows(binder) for subject in subjects if subject.kind != "event"]
    if names:
        parts.append(
            sql(
                "(name IN <<names>> AND kind IN <<kinds>>)",
                names=binder.bind("Array(String)", names),
                kinds=binder.bind("Array(String)", _COUNTABLE),
            )
        )
    return sql("(<<parts>>)", parts=joined(" OR ", parts or [Sql("0")]))


ACTIVITY = Subject(kind="activity")
IDENTIFY = Subject(kind="identify")
CONSENT = Subject(kind="consent")
ASSIGNING = Subject(kind="event", name=ASSIGNING_EVENT)


def kinds_of_events() -> Sequence[str]:
    """The kinds that rows of an event's name may be of."""
    return _COUNTABLE


def subject_of(pattern: EventPattern) -> Subject:
    """The rows that an event's name means, whatever their properties."""
    return ACTIVITY if pattern.event == ANY_EVENT else Subject(kind="event", name=pattern.event)


def subjects_of_leaf(leaf: Leaf) -> frozenset[Subject]:
    """The rows that answer a leaf, of one kind or of several."""
    match leaf:
        case DidInOrder():
            return frozenset(subject_of(step) for step in leaf.steps)
        case DidWithout():
            return frozenset((subject_of(leaf.after), subject_of(leaf.without)))
        case _:
            return frozenset((subject_of_leaf(leaf),))


def subject_of_leaf(leaf: Leaf) -> Subject:
    """The rows that answer a leaf about one kind of rows. Raises TypeError for one about several."""
    match leaf:
        case DidInOrder() | DidWithout():
            raise TypeError("a question about several events has rows of several kinds")
        case Did() | Measure() | Change():
            return subject_of(leaf.pattern)
        case Trait():
            return IDENTIFY
        case ConsentIs():
            return CONSENT
        case AssignedIs():
            return ASSIGNING
        case SeenBefore():
            return ACTIVITY
        case _:
            assert_never(leaf)


def subjects_of_rows(kind: str, name: str, *, is_activity: bool) -> list[Subject]:
    """The kinds of rows that a row is of."""
    found = [ACTIVITY] if is_activity else []
    if kind in _COUNTABLE:
        found.append(Subject(kind="event", name=name))
    said = {"identify": IDENTIFY, "consent": CONSENT}
    return [*found, said[kind]] if kind in said else found
