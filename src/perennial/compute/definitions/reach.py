"""How far back definitions look: the events they ask about, and since when. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from perennial.compute.tags.model import ClusterTag, MeasureTag, RfmTag, TagRecipe, ValuesTag
from perennial.kernel.conditions.model import Change, Condition, Did, DidInOrder, DidWithout, Measure, Rank
from perennial.kernel.conditions.walk import parts
from perennial.kernel.windows import Calendar, CalendarWord, Window, Zone, bounds

Reach = tuple[str, timedelta | None]
"""An event, and how far back it is asked about; None for ever."""

_AT_MOST: Mapping[CalendarWord, timedelta] = {
    "today": timedelta(days=1),
    "yesterday": timedelta(days=2),
    "this_week": timedelta(days=7),
    "last_week": timedelta(days=14),
    "this_month": timedelta(days=31),
    "last_month": timedelta(days=62),
    "this_quarter": timedelta(days=92),
    "last_quarter": timedelta(days=184),
    "this_year": timedelta(days=366),
    "last_year": timedelta(days=732),
}
"""At the end of the longest of them."""


def reach_of(conditions: Iterable[Condition], *, now: datetime, zone: Zone) -> Iterator[Reach]:
    """What conditions ask about, and how far back."""
    for condition in conditions:
        for part in parts(condition):
            match part:
                case Did() | Measure():
                    yield part.pattern.event, window_reach(part.window, now=now, zone=zone)
                case Change():
                    yield part.pattern.event, _of_change(part)
                case Rank():
                    yield part.pattern.event, window_reach(part.window, now=now, zone=zone)
                case DidInOrder():
                    span = window_reach(part.window, now=now, zone=zone)
                    yield from ((step.event, span) for step in part.steps)
                case DidWithout():
                    yield part.after.event, part.wait + part.until
                    yield part.without.event, part.wait + part.until
                case _:
                    continue


def tag_reach(recipe: TagRecipe, *, now: datetime, zone: Zone) -> Iterator[Reach]:
    """What a tag asks about, and how far back."""
    match recipe:
        case ValuesTag():
            yield from reach_of(recipe.conditions, now=now, zone=zone)
        case MeasureTag():
            quantity = recipe.quantity
            yield quantity.pattern.event, window_reach(quantity.window, now=now, zone=zone)
        case RfmTag() | ClusterTag():
            for part in recipe.parts:
                found = part.quantity
                yield found.pattern.event, window_reach(found.window, now=now, zone=zone)
        case _:
            return


def window_reach(window: Window | None, *, now: datetime, zone: Zone) -> timedelta | None:
    """How far back a window looks at most; None for ever."""
    if isinstance(window, Calendar):
        return _AT_MOST[window.word]
    opening = bounds(window, as_of=now, zone=zone).after
    return None if opening is None else now - opening


def _of_change(change: Change) -> timedelta:
    if change.against.shift is not None:
        return change.against.shift + change.over
    return change.over * (change.against.windows + 1)
