"""SQL as text that is only ever ours, and values that only ever travel beside it.

`Sql` is built from literal templates and other `Sql`; a value enters through `Binder.bind`, which leaves a
typed placeholder in the text. So no text of a user can reach a statement, and the type checker says so.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import LiteralString, NewType, assert_never

from perennial.kernel.windows import EARLIEST, LATEST

Sql = NewType("Sql", str)
"""A piece of a statement, made of our own text and placeholders."""

Bindable = str | int | float | datetime | Sequence[str] | Sequence[int] | Sequence[float]
ParameterType = LiteralString

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*):([^{}]+)\}")
_SLOT = re.compile(r"<<([a-z_]+)>>")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value beside a statement, with the type its placeholder names."""

    type: ParameterType
    value: Bindable


def sql(template: LiteralString, **parts: Sql) -> Sql:
    """A piece of SQL from our own text, with other pieces in its `<<slots>>`."""
    return Sql(_SLOT.sub(lambda slot: parts[slot[1]], template))


def joined(separator: LiteralString, parts: Sequence[Sql]) -> Sql:
    """Pieces of SQL, one after the other."""
    return Sql(separator.join(parts))


def micros(instant: datetime) -> int:
    """Microseconds since 1970; an instant beyond what the store can hold is brought to the border."""
    return (min(max(instant, EARLIEST), LATEST) - _EPOCH) // _MICROSECOND


@dataclass(slots=True)
class Binder:
    """Collects the values of one statement; equal values share a placeholder, so equal SQL stays equal."""

    parameters: dict[str, Parameter] = field(default_factory=dict[str, Parameter])
    _names: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def bind(self, type_: ParameterType, value: Bindable) -> Sql:
        """A placeholder for a value of a ClickHouse type."""
        parameter = Parameter(type=type_, value=value)
        key = (type_, render(parameter))
        name = self._names.setdefault(key, f"p{len(self._names)}")
        self.parameters[name] = parameter
        return Sql(f"{{{name}:{type_}}}")

    def text(self, value: str) -> Sql:
        """A placeholder for a text."""
        return self.bind("String", value)

    def number(self, value: float) -> Sql:
        """A placeholder for a number."""
        return self.bind("Float64", value)

    def instant(self, value: datetime) -> Sql:
        """A placeholder for an instant."""
        return self.bind("DateTime64(6, 'UTC')", value)


def render_all(parameters: Mapping[str, Parameter]) -> dict[str, str]:
    """Every parameter as ClickHouse reads it."""
    return {name: render(parameter) for name, parameter in parameters.items()}


def render(parameter: Parameter) -> str:
    """A value as ClickHouse reads a query parameter: an escaped field, or an array as a literal."""
    value = parameter.value
    match value:
        case str():
            return value.translate(_ESCAPES)
        case datetime():
            return _instant(value)
        case int() | float():
            return repr(value)
        case Sequence():
            return "[" + ",".join(_element(element) for element in value) + "]"
        case _:
            assert_never(value)


def placeholders(statement: Sql) -> set[str]:
    """The names of the values that a statement asks for."""
    return {found[1] for found in _PLACEHOLDER.finditer(statement)}


def inlined(statement: Sql, parameters: Mapping[str, Parameter], *, database: str) -> Sql:
    """A statement with its values in it, typed as its placeholders are: what a server makes of parameters.

    For values larger than a request's fields may be.
    """
    texts = {
        # A text stands for itself; of any other value, the literal is read by the type's own reader.
        name: quoted(it.value if isinstance(it.value, str) else render(it))
        for name, it in parameters.items()
    }

    def literal(placeholder: re.Match[str]) -> str:
        name, type_ = placeholder.groups()
        if type_ == "Identifier":
            return identifier(database)
        return f"_CAST({texts.get(name, quoted(database))}, {quoted(type_)})"

    return Sql(_PLACEHOLDER.sub(literal, statement))


def quoted(text: str) -> Sql:
    """A text as a literal, for the few places of a statement that take no parameter (a file, a token)."""
    return Sql("'" + text.translate(_ESCAPES).replace("'", "\\'") + "'")


def identifier(name: str) -> Sql:
    """A name of a database or table, for the few places of a statement that take no parameter."""
    return Sql("`" + name.translate(_ESCAPES).replace("`", "\\`") + "`")


def _element(element: str | int | float) -> str:
    return quoted(element) if isinstance(element, str) else repr(element)


def _instant(value: datetime) -> str:
    bounded = min(max(value, EARLIEST), LATEST).astimezone(UTC)
    return bounded.strftime("%Y-%m-%d %H:%M:%S.%f")
