"""What every form of a condition is read with: events, windows, spans, names, and the mistakes found."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from perennial.kernel.conditions.comparisons import TEST_KEYS, read_test
from perennial.kernel.conditions.model import Condition, EventPattern, PropertyTest
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.conditions.spans import read_span, read_window
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json
from perennial.kernel.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The names that exist; a reference to any other is a mistake. None where anything goes."""

    segments: Collection[str] | None = None
    tags: Collection[str] | None = None


class Reader:
    """Reads one document; knows the forms and the names that exist, and collects the mistakes."""

    def __init__(self, known: Vocabulary, forms: "Mapping[str, Form]") -> None:
        self.known = known
        self.problems = Problems()
        self._forms = forms

    def condition(self, document: Json, path: str) -> Condition | None:
        """The condition that has to stand here."""
        found = self.problems.mapping(document, path, what="A condition")
        if found is None:
            return None
        present = [key for key in found if key in self._forms]
        if len(present) > 1:
            # Beside another form, `after` is a test of its value.
            present = [key for key in present if key not in TEST_KEYS]
        if len(present) == 1:
            return self._forms[present[0]](self, found, path)
        if present:
            listed = " and ".join(repr(key) for key in present)
            self.problems.add(
                path, "several_forms", f"One object asks one question, not {listed}.", 'Combine with "all".'
            )
            return None
        return self._no_form(found, path)

    def _no_form(self, found: Mapping[str, Json], path: str) -> None:
        if not found:
            listed = f"Forms: {', '.join(self._forms)}."
            self.problems.add(path, "empty_condition", "The condition says nothing.", listed)
            return
        key = next(iter(found))
        self.problems.add(
            f"{path}.{key}", "unknown_form", f"{key!r} is no form of a condition.", nearest(key, self._forms)
        )

    def several(self, value: Json, path: str) -> tuple[Condition, ...] | None:
        """The list of conditions that has to stand here."""
        listed = self.problems.sequence(value, path, what="The list of conditions")
        if listed is None:
            return None
        read = [self.condition(each, f"{path}[{index}]") for index, each in enumerate(listed)]
        conditions = tuple(each for each in read if each is not None)
        return conditions if len(conditions) == len(read) else None

    def pattern(self, value: Json, path: str) -> EventPattern | None:
        """The event that has to stand here, by its name or with tests."""
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
        """Tests of an event's properties, at least one."""
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

    def pattern_of(self, found: Mapping[str, Json], key: str, path: str) -> EventPattern | None:
        """The event under a key, with the tests that may stand beside it."""
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

    def window_of(self, found: Mapping[str, Json], path: str) -> Window | None:
        """The window under `within`, if there is one."""
        if "within" not in found:
            return None
        return read_window(found["within"], f"{path}.within", self.problems)

    def required_span(self, found: Mapping[str, Json], key: str, path: str) -> timedelta | None:
        """The duration that has to stand under a key."""
        if key not in found:
            self.problems.add(path, "missing_key", f"{key!r} is missing.", f'Add for example "{key}": "7d".')
            return None
        return read_span(found[key], f"{path}.{key}", self.problems, what=f"`{key}`")

    def known_name(self, value: Json, path: str, what: str, known: Collection[str] | None) -> str | None:
        """The name of something that exists."""
        name = self.problems.name(value, path, what=f"A {what}'s id")
        if name is None or known is None or name in known:
            return name
        self.problems.add(path, f"unknown_{what}", f"There is no {what} {name!r}.", nearest(name, known))
        return None


Form = Callable[[Reader, Mapping[str, Json], str], Condition | None]
"""Reads one form's object at a path; None where a mistake was found."""
