"""The forms that relate events to each other: one after the other, or one without the other."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from perennial.kernel.conditions.model import Condition, DidInOrder, DidWithout, EventPattern
from perennial.kernel.conditions.reader import Reader
from perennial.kernel.conditions.spans import read_span
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json

MOST_STEPS = 8
DEFAULT_UNTIL = timedelta(days=7)
"""How long `after … without` stays true where it does not say."""


def sequence(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """Events one after the other."""
    reader.problems.unknown_keys(found, ("sequence", "span", "within", "same"), path)
    steps = _steps(reader, found["sequence"], f"{path}.sequence")
    span = None
    if "span" in found:
        span = read_span(found["span"], f"{path}.span", reader.problems, what="`span`")
    window = reader.window_of(found, path)
    same = None if steps is None else _same(reader, found, steps, path)
    return None if steps is None else DidInOrder(steps=steps, span=span, window=window, same=same)


def after(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """An event that another did not follow."""
    reader.problems.unknown_keys(found, ("after", "without", "for", "until", "same"), path)
    done = reader.pattern(found["after"], f"{path}.after")
    missing = _without(reader, found, path)
    wait = reader.required_span(found, "for", path)
    until: timedelta | None = DEFAULT_UNTIL
    if "until" in found:
        until = read_span(found["until"], f"{path}.until", reader.problems, what="`until`")
    if done is None or missing is None:
        return None
    same = _same(reader, found, (done, missing), path)
    pair = None if same is None else (same[0], same[1])
    if wait is None or until is None:
        return None
    return DidWithout(after=done, without=missing, wait=wait, until=until, same=pair)


def _without(reader: Reader, found: Mapping[str, Json], path: str) -> EventPattern | None:
    if "without" in found:
        return reader.pattern(found["without"], f"{path}.without")
    hint = 'Name the event: "without": "order_paid".'
    reader.problems.add(path, "missing_key", "'without' is missing.", hint)
    return None


def _steps(reader: Reader, value: Json, path: str) -> tuple[EventPattern, ...] | None:
    listed = reader.problems.sequence(value, path, what="`sequence`")
    if listed is None:
        return None
    if not 2 <= len(listed) <= MOST_STEPS:
        message = f"A sequence has 2 to {MOST_STEPS} events, not {len(listed)}."
        reader.problems.add(path, "bad_sequence", message)
        return None
    read = [reader.pattern(each, f"{path}[{index}]") for index, each in enumerate(listed)]
    steps = tuple(each for each in read if each is not None)
    return steps if len(steps) == len(read) else None


def _same(
    reader: Reader, found: Mapping[str, Json], steps: Sequence[EventPattern], path: str
) -> tuple[str, ...] | None:
    """The property of each step that has to be the same, written once or for each event."""
    if "same" not in found:
        return None
    written, place = found["same"], f"{path}.same"
    if isinstance(written, str):
        name = reader.problems.name(written, place, what="`same`")
        return None if name is None else (name,) * len(steps)
    by_event = reader.problems.mapping(written, place, what="`same`, unless it is a property's name,")
    if by_event is None:
        return None
    events = list(dict.fromkeys(step.event for step in steps))
    for event in by_event:
        if event not in events:
            message = f"{event!r} is none of the events here."
            reader.problems.add(f"{place}.{event}", "unknown_key", message, nearest(event, events))
    for event in events:
        if event not in by_event:
            hint = f'Add "{event}": the name of its property.'
            reader.problems.add(place, "missing_key", f"It is not said which property of {event!r}.", hint)
    names = {
        event: reader.problems.name(by_event[event], f"{place}.{event}", what="A property's name")
        for event in events
        if event in by_event
    }
    return tuple(names.get(step.event) or "" for step in steps)
