"""What a condition speaks of, without answering it."""

from collections.abc import Iterator

from perennial.kernel.conditions.model import (
    All,
    AnyOf,
    Change,
    Condition,
    Did,
    EventPattern,
    InSegment,
    Measure,
    Not,
    TagIs,
)


def parts(condition: Condition) -> Iterator[Condition]:
    """The condition and everything inside it, outermost first."""
    yield condition
    match condition:
        case All() | AnyOf():
            for part in condition.of:
                yield from parts(part)
        case Not():
            yield from parts(condition.of)
        case _:
            return


def references(condition: Condition) -> tuple[frozenset[str], frozenset[str]]:
    """The ids of the tags and of the segments that the condition refers to directly."""
    found = list(parts(condition))
    tags = frozenset(part.tag for part in found if isinstance(part, TagIs))
    return tags, frozenset(part.segment for part in found if isinstance(part, InSegment))


def patterns_in(condition: Condition) -> list[EventPattern]:
    """Every event pattern of the condition, in the order of reading."""
    return [part.pattern for part in parts(condition) if isinstance(part, Did | Measure | Change)]


def events_named(condition: Condition) -> frozenset[str]:
    """The event names the condition speaks of; `*` where it speaks of any event."""
    return frozenset(pattern.event for pattern in patterns_in(condition))
