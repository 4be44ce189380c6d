"""All the mistakes of one document: reading goes on after a mistake, so that all are fixed in one go."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NoReturn

from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.values import Json

MAX_NESTING = 64
MAX_PARTS = 50_000
MAX_NAME = 500


class Problems:
    """The mistakes found so far, each with its place."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, path: str, code: str, message: str, hint: str = "") -> None:
        """Note a mistake."""
        self.found.append(Problem(path=path, code=code, message=message, hint=hint))

    def raise_all(self) -> NoReturn:
        """Refuse the document, with everything found."""
        raise InvalidDocument(self.found)

    def unknown_keys(self, document: Mapping[str, Json], allowed: Collection[str], path: str) -> None:
        """Note each key that means nothing here."""
        for key in document:
            if key not in allowed:
                self.add(
                    f"{path}.{key}", "unknown_key", f"{key!r} means nothing here.", nearest(key, allowed)
                )

    def mapping(self, value: Json, path: str, *, what: str) -> Mapping[str, Json] | None:
        """The object that has to stand here."""
        if isinstance(value, Mapping):
            return value
        self.add(path, "wrong_type", f"{what} is an object, not {named_type(value)}.")
        return None

    def sequence(self, value: Json, path: str, *, what: str) -> Sequence[Json] | None:
        """The list, not empty, that has to stand here."""
        if not isinstance(value, Sequence) or isinstance(value, str):
            self.add(path, "wrong_type", f"{what} is a list, not {named_type(value)}.")
            return None
        if not value:
            self.add(path, "empty_list", f"{what} has nothing in it.", "Name at least one.")
            return None
        return value

    def name(self, value: Json, path: str, *, what: str) -> str | None:
        """The name (of an event, a property, a tag …) that has to stand here."""
        if not isinstance(value, str):
            self.add(path, "wrong_type", f"{what} is a text, not {named_type(value)}.")
            return None
        if not value or len(value) > MAX_NAME:
            self.add(path, "bad_name", f"{what} has between 1 and {MAX_NAME} characters, not {len(value)}.")
            return None
        return value

    def number(self, value: Json, path: str, *, what: str) -> float | None:
        """The finite number that has to stand here; true and false are no numbers."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.add(path, "wrong_type", f"{what} is a number, not {named_type(value)}.")
            return None
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.add(path, "not_finite", f"{what} is a finite number.")
            return None
        return number


def check_size(document: Json, path: str) -> None:
    """Refuse what is nested too deeply, has too many parts or texts that no store can hold.

    Done before anything walks the document recursively.
    """
    problems = Problems()
    parts = 0
    layer: list[Json] = [document]
    depth = 0
    while layer:
        parts += len(layer)
        if depth > MAX_NESTING:
            problems.add(path, "too_deep", f"The document is nested more than {MAX_NESTING} levels deep.")
            problems.raise_all()
        if parts > MAX_PARTS:
            problems.add(path, "too_large", f"The document has more than {MAX_PARTS} parts.")
            problems.raise_all()
        if any(isinstance(value, str) and not _is_utf8(value) for value in layer):
            problems.add(path, "bad_text", "A text holds half of a surrogate pair.", "Write it in UTF-8.")
            problems.raise_all()
        layer = [inner for value in layer for inner in _inside(value)]
        depth += 1


def named_type(value: Json) -> str:
    """A value's JSON type in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case Mapping():
            return "an object"
        case _:
            return "a list"


def _is_utf8(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _inside(value: Json) -> Sequence[Json]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
