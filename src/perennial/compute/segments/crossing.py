"""Whom time alone may have moved: who has an event that a window's border passed over. Pure.

A condition changes for a person without anything happening to them only where a border moves past something
of theirs: thirty days ago moves past an order, midnight past yesterday's visit, today past a renewal date.
The log, ordered by time, is the list of all such moments: whoever has an event between where a border was
and where it is now is asked again, and nobody else need be.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from perennial.kernel.conditions.model import (
    All,
    AnyOf,
    AssignedIs,
    Change,
    Condition,
    ConsentIs,
    Constant,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    InSegment,
    Measure,
    Not,
    Seen,
    TagIs,
    Test,
    Trait,
)
from perennial.kernel.conditions.walk import parts, patterns_of
from perennial.kernel.windows import (
    EARLIEST,
    LATEST,
    MICROSECOND,
    Between,
    LookBack,
    Window,
    Zone,
    bounds,
    start_of_day,
)

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_ONCE = Test(operator=">=", literal=1.0)
_ANY = EventPattern(event="*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """The time that passed since it was last looked for."""

    since: datetime
    until: datetime
    zone: Zone


class _Unknown(Exception):
    """Nothing is known of how time moves this form."""


def crossed(conditions: Iterable[Condition], passed: Passage) -> list[Condition | None]:
    """For each condition, who may meet it or not because time passed; None where nobody can be ruled out.

    Conditions are resolved. Events from ahead of our clock, that had not happened yet, are not among them.
    """
    found: list[Condition | None] = []
    for condition in conditions:
        try:
            found.append(united(_moved(condition, passed)))
        except _Unknown:
            found.append(None)
    return found


def united(conditions: Iterable[Condition]) -> Condition:
    """Who meets any of these; nobody where there is none."""
    distinct = tuple(dict.fromkeys(conditions))
    if not distinct:
        return Constant(value=False)
    return distinct[0] if len(distinct) == 1 else AnyOf(of=distinct)


def _moved(condition: Condition, passed: Passage) -> Iterator[Condition]:
    for part in parts(condition):
        match part:
            case Did() | DidInOrder() | Seen():
                for pattern in patterns_of(part):
                    yield from _of_events(pattern, part.window, passed)
            case Measure():
                yield from _of_age(part, passed)
            case Change():
                yield from _of_change(part, passed)
            case Trait():
                yield from (
                    All(of=(Trait(trait=part.trait, test=after), Trait(trait=part.trait, test=before)))
                    for after, before in _dates(part.test, passed)
                )
            case DidWithout():
                yield from _of_wait(part, passed)
            case All() | AnyOf() | Not() | Constant() | InSegment() | TagIs() | ConsentIs() | AssignedIs():
                continue
            case _:
                raise _Unknown


def _of_events(pattern: EventPattern, window: Window | None, passed: Passage) -> Iterator[Condition]:
    """The borders of a window, and dates of events that a pattern compares with the present."""
    for start, end in _borders(window, passed):
        yield _between(pattern, start, end)
    for place, test in enumerate(pattern.where):
        others = (*pattern.where[:place], *pattern.where[place + 1 :])
        for after, before in _dates(test.test, passed):
            where = (*others, replace(test, test=after), replace(test, test=before))
            yield Did(pattern=replace(pattern, where=where), times=_ONCE, window=window)


def _borders(window: Window | None, passed: Passage) -> Iterator[tuple[datetime, datetime]]:
    """From where to where each border of a window moved, but for the present itself."""
    if window is None or isinstance(window, Between):
        return
    was = bounds(window, as_of=passed.since, zone=passed.zone)
    now = bounds(window, as_of=passed.until, zone=passed.zone)
    if was.after is not None and now.after is not None and was.after != now.after:
        yield was.after, now.after
    if isinstance(window, LookBack) or was.until is None or now.until is None:
        return
    if was.until != passed.since and now.until not in (passed.until, was.until):
        yield was.until, now.until


def _of_age(part: Measure, passed: Passage) -> Iterator[Condition]:
    """How long ago the first or last event was grows with time, and a streak ends with a day."""
    yield from _of_events(part.pattern, part.window, passed)
    if part.aggregate.kind == "streak":
        today = passed.since.astimezone(passed.zone.rules).date()
        if passed.until.astimezone(passed.zone.rules).date() != today:
            yield _between(part.pattern, start_of_day(today - _DAY, passed.zone), passed.until)
    if part.aggregate.kind in ("first_ago", "last_ago"):
        for days in _numbers(part.test):
            age = timedelta(days=days)
            # Fractions of days are rounded: a second to either side is enough.
            yield _between(part.pattern, passed.since - age - _SECOND, passed.until - age + _SECOND)


def _of_wait(part: DidWithout, passed: Passage) -> Iterator[Condition]:
    """The wait for something is over, and later the time for which its absence matters."""
    for age in (part.wait, part.wait + part.until):
        yield _between(part.after, passed.since - age, passed.until - age)
    for pattern in (part.after, part.without):
        yield from _of_events(pattern, None, passed)


def _of_change(part: Change, passed: Passage) -> Iterator[Condition]:
    against, over = part.against, part.over
    if against.shift is not None:
        behind = [over, against.shift, against.shift + over]
    else:
        behind = [over * place for place in range(1, against.windows + 2)]
    for span in behind:
        yield _between(part.pattern, passed.since - span, passed.until - span)
    if not part.include_new:
        yield _between(_ANY, passed.since - behind[-1], passed.until - behind[-1])
    for place, test in enumerate(part.pattern.where):
        if _dates(test.test, passed):
            others = (*part.pattern.where[:place], *part.pattern.where[place + 1 :])
            yield Did(pattern=replace(part.pattern, where=others), times=_ONCE)


def _between(pattern: EventPattern, after: datetime, until: datetime) -> Condition:
    """Did it in `(after, until]`."""
    start, end = (min(max(moment + MICROSECOND, EARLIEST), LATEST) for moment in (after, until))
    return Did(pattern=pattern, times=_ONCE, window=Between(start=start, end=end))


def _dates(test: Test, passed: Passage) -> Sequence[tuple[Test, Test]]:
    """For a test of a date against the present: the dates that a border passed over, a day to either side.

    A day, because a date may be written without its time, and is then a whole local day.
    """
    if test.operator not in ("in_last", "in_next") or not isinstance(test.literal, timedelta):
        return ()
    far = -test.literal if test.operator == "in_last" else test.literal
    return [
        (
            Test(operator="after", literal=max(passed.since + distance - _DAY, EARLIEST)),
            Test(operator="before", literal=min(passed.until + distance + _DAY, LATEST)),
        )
        for distance in (timedelta(0), far)
    ]


def _numbers(test: Test) -> list[float]:
    literals = test.literal if isinstance(test.literal, tuple) else (test.literal,)
    return [
        float(one)
        for one in literals
        if isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one <= _OLDEST
    ]


_OLDEST = 36_525
"""Days: nothing the store holds is older, and no arithmetic leaves the calendar."""
