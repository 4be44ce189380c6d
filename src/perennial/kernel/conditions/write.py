"""From a condition back to its document: what is stored, shown and compared."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import assert_never

from perennial.kernel.conditions.comparisons import read_is_number
from perennial.kernel.conditions.model import (
    NUMBER_OPERATORS,
    Aggregate,
    All,
    AnyOf,
    AssignedIs,
    Baseline,
    Change,
    Condition,
    ConsentIs,
    Constant,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    InSegment,
    Literal_,
    Measure,
    Not,
    OfEvents,
    Question,
    Rank,
    Scalar,
    Seen,
    TagIs,
    Test,
    Trait,
)
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.values import Json, text_of
from perennial.kernel.windows import Between, Calendar, LookBack, Window, format_duration


def to_document(condition: Condition) -> dict[str, Json]:
    """The document that parses to this condition. A `Constant`, left by resolving, has none: TypeError."""
    match condition:
        case All():
            return {"all": [to_document(part) for part in condition.of]}
        case AnyOf():
            return {"any": [to_document(part) for part in condition.of]}
        case Not():
            return {"not": to_document(condition.of)}
        case Constant():
            raise TypeError("a constant is left by resolving and has no document")
        case _:
            return _question(condition)


def _question(condition: Question) -> dict[str, Json]:
    match condition:
        case Trait():
            return {"trait": condition.trait, **comparison_document(condition.test)}
        case TagIs():
            return {"tag": condition.tag, **comparison_document(condition.test)}
        case InSegment():
            return {"segment": condition.segment}
        case ConsentIs():
            name = f"{condition.channel}/{condition.topic}"
            return {"consent": name, **comparison_document(condition.test)}
        case AssignedIs():
            return {"assigned": condition.journey, **comparison_document(condition.test)}
        case _:
            return _of_events(condition)


def _of_events(condition: OfEvents) -> dict[str, Json]:
    match condition:
        case Did():
            return _did(condition)
        case Measure():
            return _measure(condition)
        case Change():
            return _change(condition)
        case Rank():
            return _rank(condition)
        case DidInOrder():
            return _in_order(condition)
        case DidWithout():
            return _without(condition)
        case Seen():
            return {"seen": condition.end} | _within(condition.window)
        case _:
            assert_never(condition)


def comparison_document(test: Test) -> dict[str, Json]:
    """A comparison as the keys of its object."""
    written = _written_test(test)
    return {**written, "ignore_case": True} if test.ignore_case else written


def pattern_document(pattern: EventPattern) -> Json:
    """An event pattern: its name alone where there are no tests."""
    if not pattern.where:
        return pattern.event
    return {"event": pattern.event, "where": _where(pattern)}


def window_document(window: Window) -> Json:
    """A window as it stands behind `within`."""
    match window:
        case LookBack():
            return format_duration(window.span)
        case Calendar():
            return {"calendar": window.word}
        case Between():
            ends = {"from": window.start, "to": window.end}
            return {key: end.isoformat() for key, end in ends.items() if end is not None}
        case _:
            assert_never(window)


def aggregate_text(aggregate: Aggregate) -> str:
    """A measure by its name: `count`, `sum(amount)`."""
    return aggregate.kind if aggregate.property is None else f"{aggregate.kind}({aggregate.property})"


def _did(did: Did) -> dict[str, Json]:
    document: dict[str, Json] = {"did": did.pattern.event}
    if did.pattern.where:
        document["where"] = _where(did.pattern)
    document["times"] = _limit(did.times)
    return document | _within(did.window)


def _measure(measure: Measure) -> dict[str, Json]:
    document: dict[str, Json] = {
        "measure": aggregate_text(measure.aggregate),
        "of": pattern_document(measure.pattern),
    }
    return document | _within(measure.window) | comparison_document(measure.test)


def _change(change: Change) -> dict[str, Json]:
    document: dict[str, Json] = {
        "change": aggregate_text(change.aggregate),
        "of": pattern_document(change.pattern),
        "over": format_duration(change.over),
        "against": _against(change.against),
    }
    if change.percent:
        document["is"] = f"{change.test.operator} {_number(change.test.literal)}%"
    else:
        document |= comparison_document(change.test)
    if change.floor is not None:
        document["floor"] = _scalar(change.floor)
    if change.include_new:
        document["new"] = "include"
    return document


def _rank(rank: Rank) -> dict[str, Json]:
    document: dict[str, Json] = {
        "rank": aggregate_text(rank.aggregate),
        "of": pattern_document(rank.pattern),
        **_within(rank.window),
        rank.side: f"{_number(rank.percent)}%",
    }
    return document if rank.among is None else document | {"among": to_document(rank.among)}


def _in_order(asked: DidInOrder) -> dict[str, Json]:
    document: dict[str, Json] = {"sequence": [pattern_document(step) for step in asked.steps]}
    if asked.span is not None:
        document["span"] = format_duration(asked.span)
    return document | _within(asked.window) | _same(asked.steps, asked.same)


def _without(asked: DidWithout) -> dict[str, Json]:
    document: dict[str, Json] = {
        "after": pattern_document(asked.after),
        "without": pattern_document(asked.without),
        "for": format_duration(asked.wait),
        "until": format_duration(asked.until),
    }
    return document | _same((asked.after, asked.without), asked.same)


def _same(steps: Sequence[EventPattern], same: Sequence[str] | None) -> dict[str, Json]:
    if same is None:
        return {}
    if len(set(same)) == 1:
        return {"same": same[0]}
    return {"same": {step.event: name for step, name in zip(steps, same, strict=True)}}


def _against(baseline: Baseline) -> Json:
    if baseline.shift is not None:
        return {"same_time": format_duration(baseline.shift)}
    return "previous" if baseline.windows == 1 else {"average_of": baseline.windows}


def _within(window: Window | None) -> dict[str, Json]:
    return {} if window is None else {"within": window_document(window)}


def _where(pattern: EventPattern) -> list[Json]:
    return [{"property": it.property, **comparison_document(it.test)} for it in pattern.where]


def _written_test(test: Test) -> dict[str, Json]:
    literal = test.literal
    if isinstance(literal, str) and test.operator == "=" and not _reads_as_number_test(literal):
        return {"is": literal}
    if isinstance(literal, bool) and test.operator == "=":
        return {"is": literal}
    is_number = isinstance(literal, int | float) and not isinstance(literal, bool)
    if is_number and test.operator in NUMBER_OPERATORS:
        return {"is": _limit(test)}
    return {test.operator: _written(literal)}


def _reads_as_number_test(text: str) -> bool:
    return read_is_number(text, "$", Problems()) is not None


def _limit(test: Test) -> Json:
    """A number test behind `is` or `times`."""
    literal = test.literal
    if test.operator == "=" and isinstance(literal, int | float):
        return _scalar(literal)
    return f"{test.operator} {_number(literal)}"


def _number(literal: Literal_) -> str:
    return text_of(literal) if isinstance(literal, int | float) else str(literal)


def _written(literal: Literal_) -> Json:
    match literal:
        case tuple():
            return [_scalar(each) for each in literal]
        case timedelta():
            return format_duration(literal)
        case date():
            return literal.isoformat()
        case _:
            return _scalar(literal)


def _scalar(value: Scalar) -> Json:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value
