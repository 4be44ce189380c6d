"""One value of a tag in a document: who may enter it, who has to leave it, and what it yields to."""

from collections.abc import Mapping, Sequence

from perennial.compute.definitions.rules import collect
from perennial.compute.tags.model import ValueCase
from perennial.kernel.conditions import Condition, Vocabulary, parse_condition
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.errors import InvalidDocument, nearest
from perennial.kernel.values import Json

CASE_KEYS = ("value", "if", "enter", "exit", "yields_to")
_HINT = 'Write {"value": "vip", "if": {…}}, or with `enter` and `exit`.'


class CaseReader:
    """Reads values of one document; mistakes go to its `problems`."""

    def __init__(self, problems: Problems, known: Vocabulary | None) -> None:
        self._problems = problems
        self._known = known

    def read(self, found: Mapping[str, Json], path: str) -> ValueCase | None:
        """A value, or None where it cannot be told what is meant."""
        self._problems.unknown_keys(found, CASE_KEYS, path)
        entries = [key for key in ("if", "enter") if key in found]
        if "value" not in found:
            self._problems.add(path, "missing_key", "'value' is missing.", _HINT)
        if not entries:
            self._problems.add(path, "missing_key", "'if' is missing.", _HINT)
        if len(entries) > 1:
            message = "`if` and `enter` say the same: who may have the value."
            self._problems.add(f"{path}.if", "several_forms", message, "Keep `enter`, beside `exit`.")
        if "value" not in found or len(entries) != 1:
            return None
        [word] = entries
        value = self._problems.name(found["value"], f"{path}.value", what="A tag's value")
        condition = self._condition(found[word], f"{path}.{word}")
        leaving = self._condition(found["exit"], f"{path}.exit") if "exit" in found else None
        yields_to = self._yields_to(found, path)
        if value is None or condition is None:
            return None
        return ValueCase(
            value=value,
            condition=condition,
            exit=leaving,
            yields_to=yields_to,
            word="enter" if word == "enter" else "if",
        )

    def _condition(self, document: Json, path: str) -> Condition | None:
        try:
            return parse_condition(document, path=path, known=self._known)
        except InvalidDocument as error:
            collect(error, self._problems)
            return None

    def _yields_to(self, found: Mapping[str, Json], path: str) -> tuple[str, ...] | None:
        if "yields_to" not in found:
            return None
        here = f"{path}.yields_to"
        if "exit" not in found:
            message = "Nobody stays in a value without `exit`: there is nothing to yield."
            self._problems.add(here, "nothing_to_yield", message, "Say `exit`, or leave it out.")
        if found["yields_to"] == []:
            return ()
        listed: Sequence[Json] = self._problems.sequence(found["yields_to"], here, what="`yields_to`") or ()
        read = [
            self._problems.name(each, f"{here}[{place}]", what="A value") for place, each in enumerate(listed)
        ]
        return tuple(value for value in read if value is not None)


def check_stays(cases: Sequence[ValueCase], problems: Problems) -> None:
    """What a value yields to is another value of the tag."""
    values = [case.value for case in cases]
    for place, case in enumerate(cases):
        for at, other in enumerate(case.yields_to or ()):
            path = f"$.values[{place}].yields_to[{at}]"
            if other == case.value:
                problems.add(path, "yields_to_itself", f"{other!r} cannot take over from itself.")
            elif other not in values:
                hint = nearest(other, values) or f"One of {', '.join(values)}."
                problems.add(path, "unknown_value", f"{other!r} is no value of this tag.", hint)
