"""What a condition speaks of, without answering it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from perennial.kernel.conditions.model import (
    ASSIGNING_EVENT,
    All,
    AnyOf,
    AssignedIs,
    Change,
    Condition,
    ConsentIs,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    InSegment,
    Measure,
    Not,
    Rank,
    Seen,
    TagIs,
    Trait,
)
from perennial.kernel.events import ANY_EVENT
from perennial.kernel.values import path_and_parents


def parts(condition: Condition) -> Iterator[Condition]:
    """The condition and everything inside it, outermost first."""
    yield condition
    match condition:
        case All() | AnyOf():
            for part in condition.of:
                yield from parts(part)
        case Not():
            yield from parts(condition.of)
        case Rank(among=among) if among is not None:
            yield from parts(among)
        case _:
            return


def references(condition: Condition) -> tuple[frozenset[str], frozenset[str]]:
    """The ids of the tags and of the segments that the condition refers to directly."""
    found = list(parts(condition))
    tags = frozenset(part.tag for part in found if isinstance(part, TagIs))
    return tags, frozenset(part.segment for part in found if isinstance(part, InSegment))


def stands_alone(condition: Condition) -> bool:
    """Whether it says all by itself: it names no tag and no segment, and compares nobody with others."""
    return not any(isinstance(part, TagIs | InSegment | Rank) for part in parts(condition))


def patterns_in(condition: Condition) -> list[EventPattern]:
    """Every event pattern of the condition, in the order of reading."""
    return [pattern for part in parts(condition) for pattern in patterns_of(part)]


def patterns_of(part: Condition) -> Sequence[EventPattern]:
    """The events that one part alone asks about."""
    match part:
        case Did() | Measure() | Change() | Rank():
            return (part.pattern,)
        case DidInOrder():
            return part.steps
        case DidWithout():
            return (part.after, part.without)
        case Seen():
            return (EventPattern(event=ANY_EVENT),)
        case AssignedIs():
            return (EventPattern(event=ASSIGNING_EVENT),)
        case _:
            return ()


def events_named(condition: Condition) -> frozenset[str]:
    """The event names the condition speaks of; `*` where it speaks of any event."""
    return frozenset(pattern.event for pattern in patterns_in(condition))


def paths_in(condition: Condition) -> list[str]:
    """Every path of an event or of traits that the condition looks at, each time it does."""
    found: list[str] = []
    for part in parts(condition):
        match part:
            case Measure() | Change() | Rank():
                found += [] if part.aggregate.property is None else [part.aggregate.property]
                found += [test.property for test in part.pattern.where]
            case Did():
                found += [test.property for test in part.pattern.where]
            case DidInOrder() | DidWithout():
                found += part.same or ()
                found += [test.property for pattern in patterns_of(part) for test in pattern.where]
            case Trait():
                # What was told of a parent is told of the trait.
                found += path_and_parents(part.trait)
            case ConsentIs():
                found += ["channel", "topic", "state"]
            case AssignedIs():
                found += ["journey", "arm"]
            case _:
                continue
    return found


def paths_most_asked(conditions: Iterable[Condition]) -> list[str]:
    """The paths that conditions look at, those that most of them look at first."""
    counted = Counter(path for condition in conditions for path in set(paths_in(condition)))
    return sorted(counted, key=lambda path: (-counted[path], path))
