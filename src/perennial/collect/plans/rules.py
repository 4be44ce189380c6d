"""A tracking plan as checks, made once for each event. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from perennial.collect.events.call import Call
from perennial.collect.patterns import meets
from perennial.collect.plans.model import (
    EventRule,
    Mode,
    PropertyRule,
    TrackingPlan,
    ValueType,
    Violation,
    ViolationCode,
)
from perennial.kernel.conditions.problems import named_type
from perennial.kernel.errors import nearest
from perennial.kernel.values import INSTANT_PATTERN, Json

Check = Callable[[Mapping[str, Json]], Sequence[Violation]]
"""What is not as planned in the properties of one event."""
_ValueCheck = Callable[[Json], tuple[ViolationCode, str, str] | None]
"""What is wrong with one value: code, message, hint."""

_INSTANT = re.compile(INSTANT_PATTERN)
_TRAIT_KINDS = ("identify", "group")
_FIRST = 60
"""Letters of a value that a message shows."""
_FITTING: Mapping[ValueType, frozenset[str]] = {
    "text": frozenset({"text", "time"}),
    "number": frozenset({"number"}),
    "integer": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "time": frozenset({"time"}),
    "list": frozenset({"list"}),
    "object": frozenset({"object"}),
}
"""How values of a planned type appear in the catalogue."""


class CompiledPlan:
    """A plan as it is asked, call by call; equal calls get equal answers."""

    def __init__(self, plan: TrackingPlan) -> None:
        self.plan = plan
        self._checks = {name: _check_of(rule) for name, rule in plan.events.items()}

    def violations(self, call: Call) -> Sequence[Violation]:
        """Everything in a call that is not as planned; mostly nothing."""
        check = self._checks.get(call.name)
        if check is not None:
            return check(call.properties)
        if call.kind != "track" or not self.plan.refuses_other_events:
            return ()
        hint = nearest(call.name, self._checks)
        message = f"The event {call.name[:_FIRST]!r} is not in the tracking plan."
        return (Violation(path=".event", code="unexpected_event", message=message, hint=hint),)

    def knows_event(self, event: str) -> bool:
        """Whether the event was planned."""
        return event in self.plan.events

    def type_of(self, event: str, path: str) -> str | None:
        """The planned type of a property, `any` where none was said; None where nobody planned it."""
        planned = self._planned(event)
        if path in planned:
            return planned[path].type or "any"
        heads = {rule.split(".", 1)[0] for rule in planned}
        return "any" if path.split(".", 1)[0] in heads else None

    def agrees(self, event: str, path: str, found: str) -> bool:
        """Whether values of a catalogue's type are what was planned there."""
        rule = self._planned(event).get(path)
        if rule is None or rule.type is None:
            return True
        # What stands inside a list is seen as a list, whatever its elements are.
        return found in _FITTING[rule.type] or ("." in path and found == "list")

    def _planned(self, event: str) -> Mapping[str, PropertyRule]:
        rule = self.plan.events.get(event)
        return {} if rule is None else {each.path: each for each in rule.properties}


def mode_of(plan: TrackingPlan, source: str) -> Mode:
    """What happens to a source's calls that are not as planned."""
    if source in plan.modes:
        return plan.modes[source]
    prefixes = [name for name in plan.modes if name.endswith("*") and source.startswith(name[:-1])]
    return plan.modes[max(prefixes, key=len)] if prefixes else plan.mode


def _check_of(rule: EventRule) -> Check:
    root = ".traits" if rule.name in _TRAIT_KINDS else ".properties"
    plain = [
        (each.path, each.is_required, _value_check(each)) for each in rule.properties if "." not in each.path
    ]
    deep = [(each.path, each.is_required, _value_check(each)) for each in rule.properties if "." in each.path]
    known = frozenset(each.path.split(".", 1)[0] for each in rule.properties) if rule.refuses_others else None

    def check(properties: Mapping[str, Json]) -> Sequence[Violation]:
        found: list[Violation] = []
        for path, is_required, wrong in plain:
            value = properties.get(path)
            if value is None:
                if is_required:
                    found.append(_missing(root, path, properties))
            elif (problem := wrong(value)) is not None:
                found.append(_violation(root, path, problem))
        for path, is_required, wrong in deep:
            found += _checked_deep(root, path, properties, wrong, is_required=is_required)
        if known is not None and not known.issuperset(properties):
            found += [_unexpected(root, name, known) for name in properties if name not in known]
        return found

    return check


def _checked_deep(
    root: str, path: str, properties: Mapping[str, Json], wrong: _ValueCheck, *, is_required: bool
) -> Iterator[Violation]:
    values = list(_values(properties, path))
    if not values and is_required:
        yield _missing(root, path, properties)
    for value in values:
        if (problem := wrong(value)) is not None:
            yield _violation(root, path, problem)
            return  # one of a list's elements tells enough


def _values(value: Json, path: str) -> Iterator[Json]:
    """What stands at a dotted path, through lists; a key that holds dots wins; null is nothing."""
    if isinstance(value, Mapping):
        head, _, rest = path.partition(".")
        if path in value:
            if value[path] is not None:
                yield value[path]
        elif rest and head in value:
            yield from _values(value[head], rest)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for element in value:
            yield from _values(element, path)


def _value_check(rule: PropertyRule) -> _ValueCheck:
    """One function of a value, of those checks that the rule asks for."""
    checks = [
        *([_type_check(rule.path, rule.type)] if rule.type else []),
        *([_allowed_check(rule.path, rule.allowed)] if rule.allowed else []),
        *([_pattern_check(rule.path, rule.pattern)] if rule.pattern else []),
        *([_bounds_check(rule.path, rule.minimum, rule.maximum)] if _has_bounds(rule) else []),
    ]
    if len(checks) == 1:
        return checks[0]

    def check(value: Json) -> tuple[ViolationCode, str, str] | None:
        for each in checks:
            if (problem := each(value)) is not None:
                return problem
        return None

    return check


def _has_bounds(rule: PropertyRule) -> bool:
    return rule.minimum is not None or rule.maximum is not None


_IS: Mapping[ValueType, Callable[[Json], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ),
    "boolean": lambda value: isinstance(value, bool),
    "time": lambda value: isinstance(value, str) and _INSTANT.fullmatch(value) is not None,
    "list": lambda value: isinstance(value, Sequence) and not isinstance(value, str),
    "object": lambda value: isinstance(value, Mapping),
}
_WRITTEN: Mapping[ValueType, str] = {
    "text": '"abc"',
    "number": "12.5",
    "integer": "12",
    "boolean": "true",
    "time": '"2026-01-31T09:00:00Z"',
    "list": "[…]",
    "object": "{…}",
}
_ARTICLE: Mapping[ValueType, str] = {"integer": "an", "object": "an"}


def _type_check(path: str, type_: ValueType) -> _ValueCheck:
    fits = _IS[type_]
    wanted = f"{_ARTICLE.get(type_, 'a')} {type_}"
    hint = f"Write it as {_WRITTEN[type_]}."

    def check(value: Json) -> tuple[ViolationCode, str, str] | None:
        return None if fits(value) else ("wrong_type", f"{path} is {wanted}, not {_named(value)}.", hint)

    return check


def _allowed_check(path: str, allowed: Sequence[Json]) -> _ValueCheck:
    words = [str(one) for one in allowed]

    def check(value: Json) -> tuple[ViolationCode, str, str] | None:
        if any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in allowed):
            return None
        hint = nearest(str(value)[:_FIRST], words)
        return "value_not_allowed", f"{_shown(value)} is no value of {path}.", hint

    return check


def _pattern_check(path: str, pattern: str) -> _ValueCheck:
    fits = meets(pattern, whole=True)

    def check(value: Json) -> tuple[ViolationCode, str, str] | None:
        if isinstance(value, str) and fits(value):
            return None
        return "pattern_not_met", f"{_shown(value)} is no {path}.", f"It is written as {pattern}"

    return check


def _bounds_check(path: str, minimum: float | None, maximum: float | None) -> _ValueCheck:
    def check(value: Json) -> tuple[ViolationCode, str, str] | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "wrong_type", f"{path} is a number, not {_named(value)}.", "Write it as 12.5."
        if minimum is not None and value < minimum:
            return "below_minimum", f"{path} is at least {minimum:g}, not {value}.", ""
        if maximum is not None and value > maximum:
            return "above_maximum", f"{path} is at most {maximum:g}, not {value}.", ""
        return None

    return check


def _named(value: Json) -> str:
    return f"the text {_shown(value)}" if isinstance(value, str) else named_type(value)


def _shown(value: Json) -> str:
    return repr(value)[:_FIRST]


def _missing(root: str, path: str, properties: Mapping[str, Json]) -> Violation:
    close = nearest(path, properties) if properties else ""
    # A list of everything else that was sent helps nobody.
    hint = close if close.startswith("Did you mean") else f"Send {path}."
    return Violation(path=f"{root}.{path}", code="missing_property", message=f"{path} is missing.", hint=hint)


def _violation(root: str, path: str, problem: tuple[ViolationCode, str, str]) -> Violation:
    code, message, hint = problem
    return Violation(path=f"{root}.{path}", code=code, message=message, hint=hint)


def _unexpected(root: str, name: str, known: frozenset[str]) -> Violation:
    shown = name[:_FIRST]
    return Violation(
        path=f"{root}.{shown}",
        code="unexpected_property",
        message=f"{shown!r} is not in the tracking plan.",
        hint=nearest(shown, known),
    )
