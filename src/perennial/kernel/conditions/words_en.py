"""Conditions in English."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

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
    OfEvents,
    Question,
    Rank,
    Seen,
    TagIs,
    Trait,
)
from perennial.kernel.conditions.phrases_en import (
    aggregate_text,
    days_text,
    event_text,
    has_text,
    length_text,
    number_written,
    or_unknown,
    order_text,
    ranked_text,
    span_text,
    times_text,
    value_test,
    where_text,
    window_text,
)
from perennial.kernel.conditions.wording import Names, is_never, is_once, number_text


def sentence(condition: Condition, names: Names) -> str:
    """The condition as a sentence about one person."""
    return f"The person {clause(condition, names)}."


def clause(condition: Condition, names: Names) -> str:
    """The condition as what follows 'the person'."""
    match condition:
        case Constant():
            return "is anybody" if condition.value else "is nobody"
        case All():
            return _joined(condition.of, "and", names)
        case AnyOf():
            return _joined(condition.of, "or", names)
        case Not():
            return _negated(condition.of, names)
        case _:
            return _question(condition, names)


def _question(condition: Question, names: Names) -> str:
    match condition:
        case Trait():
            return has_text(f"trait {names('trait', condition.trait)}", condition.test)
        case TagIs():
            tag = "stored tag" if condition.is_stored else "tag"
            return has_text(f"{tag} {names('tag', condition.tag)}", condition.test)
        case InSegment():
            return f"is in the segment {names('segment', condition.segment)}"
        case ConsentIs():
            return _consent(condition)
        case AssignedIs():
            return _assigned(condition)
        case _:
            return _of_events(condition, names)


def _of_events(condition: OfEvents, names: Names) -> str:
    match condition:
        case Did():
            return _did(condition, names)
        case Measure():
            return _measure(condition, names)
        case Change():
            return _change(condition, names)
        case Rank():
            return _rank(condition, names)
        case DidInOrder():
            return _in_order(condition, names)
        case DidWithout():
            return _without(condition, names)
        case Seen():
            return _seen(condition)
        case _:
            assert_never(condition)


def _joined(conditions: Sequence[Condition], word: str, names: Names) -> str:
    said = [_bracketed(each, names) if len(conditions) > 1 else clause(each, names) for each in conditions]
    return f", {word} ".join(said)


def _bracketed(condition: Condition, names: Names) -> str:
    said = clause(condition, names)
    return f"({said})" if isinstance(condition, All | AnyOf) and len(condition.of) > 1 else said


def _negated(condition: Condition, names: Names) -> str:
    match condition:
        case InSegment():
            return f"is not in the segment {names('segment', condition.segment)}"
        case Did() if is_once(condition.times):
            return _never(condition, names)
        case Not():
            return clause(condition.of, names)
        case Trait() | TagIs() | ConsentIs() | AssignedIs() if condition.test.operator == "set":
            opposite = replace(condition.test, literal=not condition.test.literal)
            return _question(replace(condition, test=opposite), names)
        case Trait() | TagIs():
            return f"does not have{_question(condition, names).removeprefix('has')}"
        case _:
            return f"is not someone who {_bracketed(condition, names)}"


def _did(did: Did, names: Names) -> str:
    if is_never(did.times):
        return _never(did, names)
    often = "" if is_once(did.times) else f" {times_text(did.times)}"
    event, where = event_text(did.pattern, names), where_text(did.pattern, names)
    return f"did {event}{often}{window_text(did.window)}{where}"


def _never(did: Did, names: Names) -> str:
    event = event_text(did.pattern, names)
    if did.window is None:
        return f"has never done {event}{where_text(did.pattern, names)}"
    return f"did not do {event}{window_text(did.window)}{where_text(did.pattern, names)}"


def _measure(measure: Measure, names: Names) -> str:
    kind = measure.aggregate.kind
    window, where = window_text(measure.window), where_text(measure.pattern, names)
    scope = window + where
    event = event_text(measure.pattern, names)
    match kind:
        case "count":
            return f"did {event} {times_text(measure.test)}{scope}"
        case "days":
            return f"did {event} on {order_text(measure.test)} different {days_text(measure.test)}{scope}"
        case "streak":
            days = f"{order_text(measure.test)} {days_text(measure.test)}"
            return f"has done {event} for {days} in a row up to now{scope}"
        case "first_ago" | "last_ago":
            end = "first" if kind == "first_ago" else "last"
            return (
                f"{end} did {event}{window} {order_text(measure.test)} {days_text(measure.test)} ago{where}"
            )
        case _:
            what = aggregate_text(measure.aggregate, names)
            return f"has {order_text(measure.test)} as {what} of {event}{scope}"


def _change(change: Change, names: Names) -> str:
    what = f"{aggregate_text(change.aggregate, names)} of {event_text(change.pattern, names)}"
    against = _against(change)
    newcomers = ", newcomers included" if change.include_new else ""
    moved = _moved(change)
    return (
        f"has seen {what} in the last {span_text(change.over)} {moved} compared with {against}"
        f"{where_text(change.pattern, names)}{_floor(change)}{newcomers}"
    )


def _floor(change: Change) -> str:
    if change.floor is None:
        return ""
    return f", provided that the earlier value is at least {number_written(change.floor)}"


def _moved(change: Change) -> str:
    """How far something moved: a fall is said as a fall where the numbers allow it."""
    suffix = "%" if change.percent else ""
    test = change.test
    if isinstance(test.literal, int | float) and test.literal:
        size = f"{number_text(abs(test.literal))}{suffix}"
        if test.literal < 0 and test.operator in ("<", "<="):
            return f"fall by {'at least' if test.operator == '<=' else 'more than'} {size}"
        if test.literal > 0 and test.operator in (">", ">="):
            return f"rise by {'at least' if test.operator == '>=' else 'more than'} {size}"
    return f"change by {order_text(test, suffix)}"


def _against(change: Change) -> str:
    if change.against.shift is not None:
        return f"the same time {span_text(change.against.shift)} earlier"
    if change.against.windows == 1:
        return f"the {span_text(change.over)} before"
    return f"the average of the {change.against.windows} periods of {length_text(change.over)} before"


def _rank(rank: Rank, names: Names) -> str:
    what = f"{ranked_text(rank.aggregate, names)} of {event_text(rank.pattern, names)}"
    scope = window_text(rank.window) + where_text(rank.pattern, names)
    among = "" if rank.among is None else f", of those who: {clause(rank.among, names)}"
    return f"is among the {rank.side} {number_text(rank.percent)}% by {what}{scope}{among}"


def _in_order(asked: DidInOrder, names: Names) -> str:
    steps = [f"{event_text(step, names)}{_bracketed_where(step, names)}" for step in asked.steps]
    span = "" if asked.span is None else f", all within {length_text(asked.span)} of the first"
    window = window_text(asked.window)
    return f"did {', then '.join(steps)}{window}{span}{_same(asked.steps, asked.same, names)}"


def _without(asked: DidWithout, names: Names) -> str:
    done, other = (
        f"{event_text(pattern, names)}{_bracketed_where(pattern, names)}"
        for pattern in (asked.after, asked.without)
    )
    ages = f"at least {length_text(asked.wait)} but less than {length_text(asked.wait + asked.until)} ago"
    same = _same((asked.after, asked.without), asked.same, names)
    return f"last did {done} {ages} and has not done {other} since{same}"


def _bracketed_where(pattern: EventPattern, names: Names) -> str:
    where = where_text(pattern, names).removeprefix(", ")
    return f" ({where})" if where else ""


def _same(steps: Sequence[EventPattern], same: Sequence[str] | None, names: Names) -> str:
    if same is None:
        return ""
    if len(set(same)) == 1:
        return f", for one and the same {names('property', same[0])}"
    parts = {
        f"{names('property', name)} of {event_text(step, names)}": None
        for step, name in zip(steps, same, strict=True)
    }
    return f", where {' equals '.join(parts)}"


def _seen(seen: Seen) -> str:
    if seen.window is None:
        return "has ever been seen"
    return f"was {seen.end} seen{window_text(seen.window)}"


def _consent(consent: ConsentIs) -> str:
    name = f"{consent.channel}/{consent.topic}"
    match consent.test.operator, consent.test.literal:
        case "=", word:
            return f"has {'granted' if word == 'granted' else 'withdrawn'} consent to {name}"
        case "set", wanted:
            return f"has said {'something' if wanted else 'nothing'} of consent to {name}"
        case _:
            return f"has a consent to {name} that {value_test(consent.test)}{or_unknown(consent.test)}"


def _assigned(assigned: AssignedIs) -> str:
    match assigned.test.operator, assigned.test.literal:
        case "=", arm:
            return f"is assigned to “{arm}” in {assigned.journey}"
        case "set", wanted:
            return f"has {'an' if wanted else 'no'} assignment in {assigned.journey}"
        case _:
            test = f"{value_test(assigned.test)}{or_unknown(assigned.test)}"
            return f"has an assignment in {assigned.journey} that {test}"
