"""From a document to a condition, or to the list of everything that is wrong with it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from perennial.kernel.conditions.aggregates import AGGREGATES, COMPARED_AGGREGATES, read_aggregate
from perennial.kernel.conditions.comparisons import (
    TEST_KEYS,
    read_change_test,
    read_is_number,
    read_number_test,
    read_test,
)
from perennial.kernel.conditions.model import (
    Aggregate,
    All,
    AnyOf,
    Baseline,
    Change,
    Condition,
    Did,
    EventPattern,
    InSegment,
    Measure,
    Not,
    PropertyTest,
    TagIs,
    Test,
    Trait,
)
from perennial.kernel.conditions.problems import Problems, check_size, named_type
from perennial.kernel.conditions.spans import read_span, read_window
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json
from perennial.kernel.windows import LONGEST_SPAN, Window

NOT_BUILT_YET = ("sequence", "after", "rank", "seen", "consent", "assigned")
"""Forms of the language that are designed and not built; they are refused by name."""

MOST_WINDOWS = 366
_AT_LEAST_ONCE = Test(operator=">=", literal=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The names that exist; a reference to any other is a mistake. None where anything goes."""

    segments: Collection[str] | None = None
    tags: Collection[str] | None = None


def parse_condition(document: Json, *, path: str = "$", known: Vocabulary | None = None) -> Condition:
    """The condition a JSON document states. Raises InvalidDocument with every mistake and its path."""
    check_size(document, path)
    reader = _Reader(known or Vocabulary())
    condition = reader.condition(document, path)
    if condition is None or reader.problems.found:
        reader.problems.raise_all()
    return condition


def parse_event_pattern(document: Json, *, path: str = "$") -> EventPattern:
    """Which events a document means: `"order_paid"`, `"*"` or `{"event": …, "where": […]}`."""
    check_size(document, path)
    reader = _Reader(Vocabulary())
    pattern = reader.pattern(document, path)
    if pattern is None or reader.problems.found:
        reader.problems.raise_all()
    return pattern


def parse_aggregate(text: Json, *, path: str = "$") -> Aggregate:
    """The number about a person's events that a text names: `count`, `sum(amount)` …"""
    problems = Problems()
    aggregate = read_aggregate(text, path, problems, allowed=AGGREGATES)
    if aggregate is None or problems.found:
        problems.raise_all()
    return aggregate


class _Reader:
    """Reads one document; knows the names that exist and collects the mistakes."""

    def __init__(self, known: Vocabulary) -> None:
        self.known = known
        self.problems = Problems()

    def condition(self, document: Json, path: str) -> Condition | None:
        found = self.problems.mapping(document, path, what="A condition")
        if found is None:
            return None
        present = [key for key in found if key in _FORMS]
        if len(present) == 1:
            return _FORMS[present[0]](self, found, path)
        if present:
            listed = " and ".join(repr(key) for key in present)
            self.problems.add(
                path, "several_forms", f"One object asks one question, not {listed}.", 'Combine with "all".'
            )
            return None
        return self._no_form(found, path)

    def _no_form(self, found: Mapping[str, Json], path: str) -> None:
        for key in NOT_BUILT_YET:
            if key in found:
                self.problems.add(
                    f"{path}.{key}", "not_built_yet", f"The form {key!r} is not built yet.", _known_forms()
                )
                return
        if not found:
            self.problems.add(path, "empty_condition", "The condition says nothing.", _known_forms())
            return
        key = next(iter(found))
        self.problems.add(
            f"{path}.{key}", "unknown_form", f"{key!r} is no form of a condition.", nearest(key, _FORMS)
        )

    def several(self, value: Json, path: str) -> tuple[Condition, ...] | None:
        listed = self.problems.sequence(value, path, what="The list of conditions")
        if listed is None:
            return None
        read = [self.condition(each, f"{path}[{index}]") for index, each in enumerate(listed)]
        conditions = tuple(each for each in read if each is not None)
        return conditions if len(conditions) == len(read) else None

    def all(self, found: Mapping[str, Json], path: str) -> Condition | None:
        self.problems.unknown_keys(found, ("all",), path)
        parts = self.several(found["all"], f"{path}.all")
        return None if parts is None else All(of=parts)

    def any(self, found: Mapping[str, Json], path: str) -> Condition | None:
        self.problems.unknown_keys(found, ("any",), path)
        parts = self.several(found["any"], f"{path}.any")
        return None if parts is None else AnyOf(of=parts)

    def negation(self, found: Mapping[str, Json], path: str) -> Condition | None:
        self.problems.unknown_keys(found, ("not",), path)
        part = self.condition(found["not"], f"{path}.not")
        return None if part is None else Not(of=part)

    def did(self, found: Mapping[str, Json], path: str) -> Condition | None:
        self.problems.unknown_keys(found, ("did", "where", "times", "within"), path)
        pattern = self._pattern_of(found, "did", path)
        times: Test | None = _AT_LEAST_ONCE
        if "times" in found:
            times = read_is_number(found["times"], f"{path}.times", self.problems)
        window = self._window_of(found, path)
        return None if pattern is None or times is None else Did(pattern=pattern, times=times, window=window)

    def measure(self, found: Mapping[str, Json], path: str) -> Condition | None:
        self.problems.unknown_keys(found, ("measure", "of", "where", "within", *TEST_KEYS), path)
        aggregate = read_aggregate(found["measure"], f"{path}.measure", self.problems, allowed=AGGREGATES)
        pattern = self._pattern_of(found, "of", path)
        window = self._window_of(found, path)
        is_age = aggregate is not None and aggregate.kind in ("first_ago", "last_ago")
        test = read_number_test(found, path, self.problems, measured="days" if is_age else "number")
        if aggregate is None or pattern is None or test is None:
            return None
        return Measure(aggregate=aggregate, pattern=pattern, test=test, window=window)

    def change(self, found: Mapping[str, Json], path: str) -> Condition | None:
        keys = ("change", "of", "where", "over", "against", "floor", "new", *TEST_KEYS)
        self.problems.unknown_keys(found, keys, path)
        aggregate = read_aggregate(
            found["change"], f"{path}.change", self.problems, allowed=COMPARED_AGGREGATES
        )
        pattern = self._pattern_of(found, "of", path)
        over = self._required_span(found, "over", path)
        against = self._baseline(found.get("against"), f"{path}.against")
        if over is not None and against is not None and over * against.windows > LONGEST_SPAN:
            self.problems.add(
                f"{path}.against", "bad_baseline", "The windows reach back more than 100 years."
            )
        tested = read_change_test(found, path, self.problems)
        floor = None
        if "floor" in found:
            floor = self.problems.number(found["floor"], f"{path}.floor", what="`floor`")
        include_new = self._includes_new(found, path)
        if aggregate is None or pattern is None or over is None or against is None or tested is None:
            return None
        test, percent = tested
        return Change(
            aggregate=aggregate,
            pattern=pattern,
            over=over,
            against=against,
            test=test,
            percent=percent,
            floor=floor,
            include_new=include_new,
        )

    def trait(self, found: Mapping[str, Json], path: str) -> Condition | None:
        self.problems.unknown_keys(found, ("trait", "ignore_case", *TEST_KEYS), path)
        trait = self.problems.name(found["trait"], f"{path}.trait", what="A trait's name")
        test = read_test(found, path, self.problems)
        return None if trait is None or test is None else Trait(trait=trait, test=test)

    def tag(self, found: Mapping[str, Json], path: str) -> Condition | None:
        self.problems.unknown_keys(found, ("tag", "ignore_case", *TEST_KEYS), path)
        tag = self._known_name(found["tag"], f"{path}.tag", "tag", self.known.tags)
        test = read_test(found, path, self.problems)
        return None if tag is None or test is None else TagIs(tag=tag, test=test)

    def segment(self, found: Mapping[str, Json], path: str) -> Condition | None:
        self.problems.unknown_keys(found, ("segment",), path)
        segment = self._known_name(found["segment"], f"{path}.segment", "segment", self.known.segments)
        return None if segment is None else InSegment(segment=segment)

    def pattern(self, value: Json, path: str) -> EventPattern | None:
        if isinstance(value, str):
            name = self.problems.name(value, path, what="An event's name")
            return None if name is None else EventPattern(event=name)
        found = self.problems.mapping(value, path, what="An event, unless it is a name,")
        if found is None:
            return None
        self.problems.unknown_keys(found, ("event", "where"), path)
        if "event" not in found:
            self.problems.add(path, "missing_key", "No event is named.", "Add \"event\"; '*' is any event.")
            return None
        name = self.problems.name(found["event"], f"{path}.event", what="An event's name")
        where = self.where(found["where"], f"{path}.where") if "where" in found else ()
        return None if name is None or where is None else EventPattern(event=name, where=where)

    def where(self, value: Json, path: str) -> tuple[PropertyTest, ...] | None:
        if isinstance(value, Mapping):
            self.problems.add(path, "wrong_type", "`where` is a list of tests.", "Put [ ] around the object.")
            return None
        listed = self.problems.sequence(value, path, what="`where`")
        if listed is None:
            return None
        read = [self._property_test(each, f"{path}[{index}]") for index, each in enumerate(listed)]
        tests = tuple(each for each in read if each is not None)
        return tests if len(tests) == len(read) else None

    def _property_test(self, value: Json, path: str) -> PropertyTest | None:
        found = self.problems.mapping(value, path, what="A test of a property")
        if found is None:
            return None
        self.problems.unknown_keys(found, ("property", "ignore_case", *TEST_KEYS), path)
        if "property" not in found:
            self.problems.add(path, "missing_key", "No property is named.", 'Add "property".')
            return None
        name = self.problems.name(found["property"], f"{path}.property", what="A property's name")
        test = read_test(found, path, self.problems)
        return None if name is None or test is None else PropertyTest(property=name, test=test)

    def _pattern_of(self, found: Mapping[str, Json], key: str, path: str) -> EventPattern | None:
        if key not in found:
            self.problems.add(
                path, "missing_key", f"{key!r} is missing.", f'Name the event: "{key}": "order_paid".'
            )
            return None
        pattern = self.pattern(found[key], f"{path}.{key}")
        if "where" not in found:
            return pattern
        where = self.where(found["where"], f"{path}.where")
        if pattern is None or where is None:
            return None
        if pattern.where:
            self.problems.add(
                f"{path}.where", "several_wheres", f"`where` stands here and inside {key!r}.", "Keep one."
            )
        return EventPattern(event=pattern.event, where=where)

    def _window_of(self, found: Mapping[str, Json], path: str) -> Window | None:
        if "within" not in found:
            return None
        return read_window(found["within"], f"{path}.within", self.problems)

    def _required_span(self, found: Mapping[str, Json], key: str, path: str) -> timedelta | None:
        if key not in found:
            self.problems.add(path, "missing_key", f"{key!r} is missing.", f'Add for example "{key}": "7d".')
            return None
        return read_span(found[key], f"{path}.{key}", self.problems, what=f"`{key}`")

    def _baseline(self, value: Json, path: str) -> Baseline | None:
        if value == "previous":
            return Baseline()
        if isinstance(value, Mapping) and len(value) == 1:
            if "average_of" in value:
                return self._average(value["average_of"], f"{path}.average_of")
            if "same_time" in value:
                shift = read_span(value["same_time"], f"{path}.same_time", self.problems, what="`same_time`")
                return None if shift is None else Baseline(shift=shift)
        hint = 'Write "previous", {"average_of": 4} or {"same_time": "1w"}.'
        self.problems.add(
            path, "bad_baseline", f"A change is not measured against {named_type(value)} like this.", hint
        )
        return None

    def _average(self, value: Json, path: str) -> Baseline | None:
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_WINDOWS:
            return Baseline(windows=value)
        message = f"`average_of` is a whole number of windows from 1 to {MOST_WINDOWS}, not {value!r}."
        self.problems.add(path, "bad_baseline", message)
        return None

    def _includes_new(self, found: Mapping[str, Json], path: str) -> bool:
        if "new" not in found:
            return False
        if found["new"] != "include":
            self.problems.add(
                f"{path}.new", "bad_word", f"`new` is 'include' or absent, not {found['new']!r}."
            )
        return True

    def _known_name(self, value: Json, path: str, what: str, known: Collection[str] | None) -> str | None:
        name = self.problems.name(value, path, what=f"A {what}'s id")
        if name is None or known is None or name in known:
            return name
        self.problems.add(path, f"unknown_{what}", f"There is no {what} {name!r}.", nearest(name, known))
        return None


_FORMS: dict[str, Callable[[_Reader, Mapping[str, Json], str], Condition | None]] = {
    "all": _Reader.all,
    "any": _Reader.any,
    "not": _Reader.negation,
    "did": _Reader.did,
    "measure": _Reader.measure,
    "change": _Reader.change,
    "trait": _Reader.trait,
    "tag": _Reader.tag,
    "segment": _Reader.segment,
}
FORMS: tuple[str, ...] = tuple(_FORMS)


def _known_forms() -> str:
    return f"Forms: {', '.join(FORMS)}."
