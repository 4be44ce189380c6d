"""Documents that people write: YAML 1.2 core or JSON, read with the line of every part.

Words such as `on`, `no` and `yes`, dates and times are text. Keys are texts and stand once per object.
Anchors, aliases and tags are refused: a document means what it shows.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.values import Json

_NODES = (ScalarEvent, MappingStartEvent, SequenceStartEvent)
MAX_CHARACTERS = 2_000_000
MAX_NESTING = 100
_WORDS: Mapping[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says, and on which line it says each part."""

    name: str
    value: Json
    lines: Mapping[str, int] = field(default_factory=dict[str, int])

    def line_of(self, path: str) -> int | None:
        """The line, from 1, of a JSON path, or of the nearest part around it that is there."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return None

    def placed(self, error: InvalidDocument) -> InvalidDocument:
        """The same mistakes, each with its line in this file."""
        problems = [
            problem if problem.line else replace(problem, line=self.line_of(problem.path))
            for problem in error.problems
        ]
        return InvalidDocument(problems, message=f"{self.name}: {error.message}")


def read_document(text: str, *, name: str) -> Document:
    """Read YAML or JSON.

    Raises InvalidDocument with the line: syntax, duplicate_key, bad_key, anchor, yaml_tag, not_finite,
    several_documents, too_deep, too_large.
    """
    if len(text) > MAX_CHARACTERS:
        raise _refusal(name, "too_large", f"The document has more than {MAX_CHARACTERS:,} characters.", None)
    reader = _Reader(name)
    try:
        # The pure reader: its events carry lines, and it knows YAML 1.2's escapes.
        value = reader.document(iter(YAML(typ="safe", pure=True).parse(text)))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = None if mark is None else mark.line + 1
        raise _refusal(name, "syntax", f"This is not YAML: {error.problem}.", line) from error
    except (YAMLError, ValueError) as error:
        raise _refusal(name, "syntax", f"This is not YAML: {error}.", None) from error
    return Document(name=name, value=_as_json(text, value), lines=reader.lines)


def _as_json(text: str, value: Json) -> Json:
    """JSON's own reading where the text is JSON: a letter escaped as a surrogate pair is one letter there."""
    if "\\u" not in text or text.lstrip()[:1] not in ("{", "["):
        return value
    try:
        read: Json = json.loads(text)
    except ValueError:
        return value
    return read


class _Reader:
    """Builds the document from YAML's events, noting lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[str, int] = {}

    def document(self, events: Iterator[Event]) -> Json:
        value: Json = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refuse(event, "$", "several_documents", "A file holds one document.")
                value = self._value(next(events), events, "$", 0)
        return value

    def _value(self, event: Event, events: Iterator[Event], path: str, depth: int) -> Json:
        self.lines.setdefault(path, _line(event))
        self._check(event, path, depth)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path, depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, path, depth)
        if not isinstance(event, ScalarEvent):
            raise self._refuse(event, path, "syntax", "This is not YAML.")
        return self._plain(event, event.value, path) if event.style is None else event.value

    def _check(self, event: Event, path: str, depth: int) -> None:
        if isinstance(event, AliasEvent) or (isinstance(event, _NODES) and event.anchor):
            raise self._refuse(event, path, "anchor", "Anchors (&) and aliases (*) are not read.")
        if isinstance(event, _NODES) and event.tag:
            raise self._refuse(event, path, "yaml_tag", "Tags (!) are not read.")
        if depth > MAX_NESTING:
            raise self._refuse(
                event, path, "too_deep", f"The document is nested more than {MAX_NESTING} levels deep."
            )

    def _mapping(self, events: Iterator[Event], path: str, depth: int) -> Json:
        found: dict[str, Json] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise self._refuse(event, path, "bad_key", "A key is a text.")
            key = event.value
            here = f"{path}.{key}"
            if key in found:
                raise self._refuse(event, here, "duplicate_key", f"The key {key!r} stands here twice.")
            self._check(event, here, depth)
            self.lines[here] = _line(event)
            found[key] = self._value(next(events), events, here, depth + 1)
        return found

    def _sequence(self, events: Iterator[Event], path: str, depth: int) -> Json:
        found: list[Json] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            found.append(self._value(event, events, f"{path}[{len(found)}]", depth + 1))
        return found

    def _plain(self, event: Event, text: str, path: str) -> Json:
        """An unquoted scalar by YAML 1.2's core schema."""
        if text in _WORDS:
            return _WORDS[text]
        if _NOT_FINITE.fullmatch(text):
            raise self._refuse(event, path, "not_finite", f"{text} is no finite number.")
        if _INTEGER.fullmatch(text):
            return int(text)
        if _BASED.fullmatch(text):
            return int(text[2:], 8 if text[1] == "o" else 16)
        if not _DECIMAL.fullmatch(text):
            return text
        number = float(text)
        if not math.isfinite(number):
            raise self._refuse(event, path, "not_finite", f"{text} is no finite number.")
        return number

    def _refuse(self, event: Event, path: str, code: str, message: str) -> InvalidDocument:
        return _refusal(self.name, code, message, _line(event), path=path)


def _line(event: Event) -> int:
    return event.start_mark.line + 1


def _refusal(name: str, code: str, message: str, line: int | None, *, path: str = "$") -> InvalidDocument:
    where = name if line is None else f"{name}, line {line}"
    problem = Problem(path=path, code=code, message=message, line=line)
    return InvalidDocument([problem], message=f"{where}: {message}")
