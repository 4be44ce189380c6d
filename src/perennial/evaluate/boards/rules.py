"""What a board's filters do to a tile, which events a specification rests on, and what all may see."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, fields, is_dataclass

from perennial.evaluate.boards.model import Filters
from perennial.evaluate.insights.model import (
    Basket,
    Breakdown,
    Distribution,
    MetricTree,
    Retention,
    Shared,
    Spec,
    Trend,
    Value,
)
from perennial.kernel.conditions import EventPattern
from perennial.kernel.events import ANY_EVENT, EMITTED
from perennial.kernel.values import Json


def joined(spec: Mapping[str, Json], *filters: Filters) -> Mapping[str, Json]:
    """A specification as a board asks it: everybody's condition as well as its own, the board's period."""
    found = dict(spec)
    for one in filters:
        if one.range is not None:
            found["range"] = one.range
        if one.among is not None:
            own = found.get("among")
            found["among"] = one.among if own is None else {"all": [_condition(own), _condition(one.among)]}
    return found


def _condition(among: Json) -> Json:
    return {"segment": among} if isinstance(among, str) else among


def named_events(spec: Spec) -> frozenset[str]:
    """The events that a specification counts; those of its condition about people are not among them."""
    found = (value for field in fields(spec) for value in _patterns(getattr(spec, field.name)))
    return frozenset(pattern.event for pattern in found) - {ANY_EVENT}


def _patterns(value: object) -> Iterator[EventPattern]:
    if isinstance(value, EventPattern):
        yield value
    elif isinstance(value, Shared):
        return
    elif isinstance(value, tuple):
        for one in value:  # pyright: ignore[reportUnknownVariableType] -- a tuple of whatever
            yield from _patterns(one)  # pyright: ignore[reportUnknownArgumentType]
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _patterns(getattr(value, field.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What a specification counts and nobody ever sent."""

    events: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    """Of events that are there: `order_paid.amount`."""

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.events or self.properties)


NOTHING_MISSING = Missing()


def missing_in(spec: Spec, known: Set[str], has_property: Callable[[str, str], bool]) -> Missing:
    """What a specification counts and nobody ever sent. Events of ours are known, also before the first."""
    events = sorted(named_events(spec) - known - EMITTED.keys())
    sent = [(name, path) for name, path in named_properties(spec) if name in known]
    absent = {f"{name}.{path}" for name, path in sent if not has_property(name, path)}
    return Missing(events=tuple(events), properties=tuple(sorted(absent)))


def named_properties(spec: Spec) -> Sequence[tuple[str, str]]:
    """The properties whose numbers or names an answer is made of, each with its event."""
    match spec:
        case Trend():
            found = [(one.pattern, one.count.property) for one in spec.series]
        case MetricTree():
            found = [(one.series.pattern, one.series.count.property) for one in spec.metrics]
        case Distribution():
            found = [(spec.event, spec.count.property)]
        case Retention():
            found = [(spec.back, spec.value.property)]
        case Value():
            found = [(spec.event, spec.amount)]
        case Basket():
            found = [(spec.event, spec.item), (spec.event, spec.basket)]
        case _:
            found = list[tuple[EventPattern, str | None]]()
    return [(pattern.event, path) for pattern, path in found if path and pattern.event != ANY_EVENT]


def counts_only(answer: Mapping[str, Json]) -> dict[str, Json]:
    """An answer without what leads to people, and without its question: that may name them."""
    return {name: _without_cells(value) for name, value in answer.items() if name != "spec"}


def _without_cells(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _without_cells(one) for name, one in value.items() if not _leads(name, one)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_without_cells(one) for one in value]
    return value


def _leads(name: str, value: Json) -> bool:
    """Whether a field names people; a list called `cells` holds the numbers of a triangle."""
    is_of_many = name == "cells" and isinstance(value, Mapping)
    return is_of_many or name == "cell" or name.endswith("_cell")


def words_in(answer: Json) -> Iterator[str]:
    """Every text of an answer: names of parts and events, instants, units."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, Mapping):
        for value in answer.values():
            yield from words_in(value)
    elif isinstance(answer, Sequence):
        for value in answer:
            yield from words_in(value)


def may_tell(breakdown: Breakdown | None, items: Sequence[str | None], personal: Set[str]) -> bool:
    """Whether the names of an answer's parts may be shown to all: no trait, and nothing that is flagged.

    What a person is called, or where they live, is a trait; a tag's values are those of its rule.
    """
    if breakdown is not None and breakdown.by == "trait":
        return False
    named = [one for one in items if one is not None]
    if breakdown is not None and breakdown.by == "property":
        named.append(breakdown.name)
    return not any(_is_inside(name, path) for name in named for path in personal)


def _is_inside(name: str, path: str) -> bool:
    return name == path or name.startswith(f"{path}.") or path.startswith(f"{name}.")
