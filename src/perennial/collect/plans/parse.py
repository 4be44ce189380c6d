"""From a document to a tracking plan, or to the list of everything that is wrong with it."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from perennial.collect.plans.model import (
    MODES,
    VALUE_TYPES,
    EventRule,
    Mode,
    PropertyRule,
    TrackingPlan,
    ValueType,
)
from perennial.kernel.conditions.patterns import why_not_re2
from perennial.kernel.conditions.problems import Problems, check_size, named_type
from perennial.kernel.errors import nearest
from perennial.kernel.events import is_reserved
from perennial.kernel.values import Json

PLAN_KEYS = ("name", "mode", "sources", "unexpected_events", "unexpected_properties", "events")
EVENT_KEYS = ("description", "unexpected_properties", "properties")
PROPERTY_KEYS = ("type", "required", "allowed", "pattern", "min", "max", "description")
ALLOWANCES = ("allowed", "refused")

_Word = TypeVar("_Word", bound=str)


def parse_plan(document: Json) -> TrackingPlan:
    """The plan a document describes. Raises InvalidDocument with every mistake and its path."""
    check_size(document, "$")
    reader = _Reader()
    plan = reader.plan(document)
    if plan is None or reader.problems.found:
        reader.problems.raise_all()
    return plan


class _Reader:
    """Reads one document and goes on after a mistake, so that a person fixes them in one go."""

    def __init__(self) -> None:
        self.problems = Problems()

    def plan(self, document: Json) -> TrackingPlan | None:
        """The whole document."""
        found = self.problems.mapping(document, "$", what="A tracking plan")
        if found is None:
            return None
        self.problems.unknown_keys(found, PLAN_KEYS, "$")
        others = self._refuses(found, "unexpected_properties", "$", default=False)
        if "events" not in found:
            self.problems.add("$", "missing_key", "The events are missing.", 'Add "events": {…}.')
        events = self.problems.mapping(found.get("events", {}), "$.events", what="The events") or {}
        name = self.problems.name(found["name"], "$.name", what="The name") if "name" in found else None
        return TrackingPlan(
            name=name or "Tracking plan",
            mode=self._word(found.get("mode", "warn"), "$.mode", MODES) or "warn",
            modes=self._modes(found.get("sources", {})),
            events={event: self._event(event, rule, others) for event, rule in events.items()},
            refuses_other_events=self._refuses(found, "unexpected_events", "$", default=False),
            document=found,
        )

    def _modes(self, document: Json) -> Mapping[str, Mode]:
        found = self.problems.mapping(document, "$.sources", what="The sources") or {}
        modes: dict[str, Mode] = {}
        for name, stated in found.items():
            mode = self._word(stated, f"$.sources.{name}", MODES)
            if mode is not None:
                modes[name] = mode
        return modes

    def _event(self, event: str, document: Json, refuses_others: bool) -> EventRule:
        path = f"$.events.{event}"
        if is_reserved(event):
            self.problems.add(path, "reserved_name", f"{event!r} is a name that only Perennial writes.")
        self.problems.name(event, path, what="An event's name")
        found = self.problems.mapping({} if document is None else document, path, what="An event") or {}
        self.problems.unknown_keys(found, EVENT_KEYS, path)
        place = f"{path}.properties"
        properties = self.problems.mapping(found.get("properties", {}), place, what="The properties") or {}
        return EventRule(
            name=event,
            properties=[self._property(name, rule, f"{place}.{name}") for name, rule in properties.items()],
            refuses_others=self._refuses(found, "unexpected_properties", path, default=refuses_others),
        )

    def _property(self, name: str, document: Json, path: str) -> PropertyRule:
        self.problems.name(name, path, what="A property's name")
        if isinstance(document, str):
            return PropertyRule(path=name, type=self._word(document, path, VALUE_TYPES))
        found = self.problems.mapping({} if document is None else document, path, what="A property") or {}
        self.problems.unknown_keys(found, PROPERTY_KEYS, path)
        type_ = self._word(found["type"], f"{path}.type", VALUE_TYPES) if "type" in found else None
        rule = PropertyRule(
            path=name,
            type=type_,
            is_required=self._flag(found.get("required", False), f"{path}.required"),
            allowed=self._allowed(found, path),
            pattern=self._pattern(found, path),
            minimum=self._bound(found, "min", path),
            maximum=self._bound(found, "max", path),
        )
        self._check_together(rule, path)
        return rule

    def _check_together(self, rule: PropertyRule, path: str) -> None:
        """Parts that are right alone and contradict each other."""
        if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
            self.problems.add(f"{path}.max", "empty_range", "The maximum is below the minimum.")
        bounded = rule.minimum is not None or rule.maximum is not None
        if bounded and rule.type not in (None, "number", "integer"):
            self._contradicts(path, "min and max", rule.type, 'Say "type: number".')
        if rule.pattern and rule.type not in (None, "text", "time"):
            self._contradicts(path, "a pattern", rule.type, 'Say "type: text".')

    def _contradicts(self, path: str, what: str, type_: ValueType | None, hint: str) -> None:
        self.problems.add(path, "wrong_type", f"A property of type {type_} has no use for {what}.", hint)

    def _allowed(self, found: Mapping[str, Json], path: str) -> Sequence[Json]:
        if "allowed" not in found:
            return ()
        place = f"{path}.allowed"
        values = self.problems.sequence(found["allowed"], place, what="The allowed values") or ()
        for number, value in enumerate(values):
            if not isinstance(value, str | int | float):
                message = f"An allowed value is a text, a number or a boolean, not {named_type(value)}."
                self.problems.add(f"{place}[{number}]", "wrong_type", message)
        return tuple(values)

    def _pattern(self, found: Mapping[str, Json], path: str) -> str:
        if "pattern" not in found:
            return ""
        pattern, place = found["pattern"], f"{path}.pattern"
        if not isinstance(pattern, str):
            self.problems.add(place, "wrong_type", f"A pattern is a text, not {named_type(pattern)}.")
            return ""
        reason = why_not_re2(pattern)
        if reason is not None:
            self.problems.add(place, "bad_pattern", f"This pattern cannot be used: {reason}.")
            return ""
        return pattern

    def _bound(self, found: Mapping[str, Json], key: str, path: str) -> float | None:
        return self.problems.number(found[key], f"{path}.{key}", what="A bound") if key in found else None

    def _flag(self, value: Json, path: str) -> bool:
        if isinstance(value, bool):
            return value
        self.problems.add(path, "wrong_type", f"This is true or false, not {named_type(value)}.")
        return False

    def _refuses(self, found: Mapping[str, Json], key: str, path: str, *, default: bool) -> bool:
        if key not in found:
            return default
        return self._word(found[key], f"{path}.{key}", ALLOWANCES) == "refused"

    def _word(self, value: Json, path: str, known: Sequence[_Word]) -> _Word | None:
        for word in known:
            if value == word:
                return word
        shown = repr(value) if isinstance(value, str) else named_type(value)
        hint = nearest(value if isinstance(value, str) else "", known)
        self.problems.add(path, "unknown_word", f"{shown} is none of the words that may stand here.", hint)
        return None
