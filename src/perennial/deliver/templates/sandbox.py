"""Liquid within bounds: no files, no clock, no endless loop or text, nothing unknown read as empty.

Operators write templates and strangers the traits in them: neither may cost more than a page of text.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, cast

from liquid import BoundTemplate, Environment, FalsyStrictUndefined
from liquid.builtin import DictLoader
from liquid.exceptions import (
    FilterArgumentError,
    LiquidError,
    LoopIterationLimitError,
    OutputStreamLimitError,
    UndefinedError,
)
from liquid.filter import liquid_filter

from perennial.deliver.templates.model import NotRendered
from perennial.kernel.values import Json

MAX_SOURCE = 200_000
"""Characters of one text of a template."""
MAX_OUTPUT = 500_000
"""Bytes of one rendered text, and characters of any value on the way."""
MAX_LOOPS = 10_000
MAX_LOCALS = 200_000
_COMPILED = 512

# Files are not read, and a stranger's trait is never declared safe.
_FORBIDDEN_TAGS = ("include", "render")
_FORBIDDEN_FILTERS = ("safe",)

# What an author or a trait can provoke beside Liquid's own errors, such as a number of 5,000 digits.
_FAILURES = (LiquidError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

_Rest = ParamSpec("_Rest")
_Filter = Callable[Concatenate[object, _Rest], object]


class _Missing(FalsyStrictUndefined):
    """A variable that is not there: false in a condition, replaced by `default`, an error where shown."""

    __slots__ = ()

    force_liquid_default = True


class _Sandbox(Environment):
    loop_iteration_limit = MAX_LOOPS
    output_stream_limit = MAX_OUTPUT
    local_namespace_limit = MAX_LOCALS

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for tag in _FORBIDDEN_TAGS:
            del self.tags[tag]
        for name in _FORBIDDEN_FILTERS:
            self.filters.pop(name, None)
        self.add_filter("date", _date)
        self.add_filter("json", _json)
        for name, apply in list(self.filters.items()):
            self.filters[name] = _bounded(name, apply)


def compile_source(source: str, *, is_html: bool) -> BoundTemplate:
    """A text as a template. Raises LiquidError with the place of the mistake; values in HTML are escaped."""
    return _compiled(source, is_html)


def render_source(source: str, variables: Mapping[str, Json], *, is_html: bool) -> str | NotRendered:
    """A text with its holes filled, or why that cannot be done."""
    try:
        return compile_source(source, is_html=is_html).render(**variables)
    except UndefinedError as missing:
        return NotRendered(reason="missing_variable", detail=str(missing.message))
    except _FAILURES as failure:
        message = failure.message if isinstance(failure, LiquidError) else failure
        return NotRendered(reason="template_failed", detail=str(message))


@lru_cache(maxsize=_COMPILED)
def _compiled(source: str, is_html: bool) -> BoundTemplate:
    return (_HTML if is_html else _PLAIN).from_string(source)


def _bounded(name: str, apply: _Filter[_Rest]) -> _Filter[_Rest]:
    """The same filter, refusing what is missing, and what would grow without end before it grows."""

    @wraps(apply)  # also carries Liquid's own marks, which are attributes of the function
    def bounded(value: object, *args: _Rest.args, **kwargs: _Rest.kwargs) -> object:
        for given in (value, *args):
            # Arithmetic would take what is missing for 0.
            if isinstance(given, _Missing) and name != "default":
                raise UndefinedError(given.msg, token=given.token)
            _refuse_oversized(given)
        if name in _GROWTH and _GROWTH[name](value, args) > MAX_OUTPUT:
            raise OutputStreamLimitError(f"{name} makes too long a text", token=None)
        result = apply(value, *args, **kwargs)
        _refuse_oversized(result)
        return result

    return bounded


def _refuse_oversized(value: object) -> None:
    if isinstance(value, str) and len(value) > MAX_OUTPUT:
        raise OutputStreamLimitError("a text grows too long", token=None)
    if isinstance(value, range | list | tuple) and len(cast("Sequence[object]", value)) > MAX_LOOPS:
        raise LoopIterationLimitError("a list is too long", token=None)


def _replaced_length(value: object, args: Sequence[object]) -> int:
    text, old, put = str(value), str(args[0]) if args else "", str(args[1]) if len(args) > 1 else ""
    return len(text) + text.count(old) * len(put)


def _joined_length(value: object, args: Sequence[object]) -> int:
    parts: Sequence[object] = (
        cast("Sequence[object]", value) if isinstance(value, range | list | tuple) else (value,)
    )
    glue = len(str(args[0])) if args else 1
    return sum(len(part) if isinstance(part, str) else 1 for part in parts) + glue * len(parts)


_GROWTH: Mapping[str, Callable[[object, Sequence[object]], int]] = {
    "replace": _replaced_length,
    "join": _joined_length,
}
"""Filters whose result can be far longer than what they are given."""


@liquid_filter
def _date(value: object, form: object) -> str:
    """Liquid's `date` without the machine: no word for the present, and an instant without offset is UTC."""
    if value in ("now", "today"):
        raise FilterArgumentError("a template cannot ask for the present; use message.written_at", token=None)
    moment = _moment(value)
    return str(value) if moment is None else moment.strftime(str(form))


@liquid_filter
def _json(value: object) -> str:
    """A value as JSON writes it, quotes and all."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


_PLAIN = _Sandbox(undefined=_Missing, loader=DictLoader({}))
_HTML = _Sandbox(undefined=_Missing, loader=DictLoader({}), autoescape=True)
