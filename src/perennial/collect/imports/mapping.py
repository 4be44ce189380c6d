"""Reading a mapping: which column of a file says what, with every mistake found at once."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from perennial.access.rules import zone_problem
from perennial.collect.events.call import CALL_KINDS
from perennial.collect.imports.model import Column, Constant, Field, FileMapping
from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.values import Json


class _Constant(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    value: str | int | float | bool


class _Mapping(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    type: str | _Constant = _Constant(value="track")
    event: str | _Constant | None = None
    user_id: str | _Constant | None = None
    anonymous_id: str | _Constant | None = None
    timestamp: str | _Constant | None = None
    message_id: str | _Constant | None = None
    properties: dict[str, str | _Constant] = {}
    traits: dict[str, str | _Constant] = {}
    time_unit: Literal["s", "ms", "us"] = "ms"
    zone: str | None = None


def parse_mapping(document: Mapping[str, Json]) -> FileMapping:
    """A mapping as it was written; a plain text is a column, `{value: …}` is the same for every row.

    `type: track` means the kind of call, as no sane column is called that. Raises InvalidDocument.
    """
    try:
        read = _Mapping.model_validate(document)
    except ValidationError as error:
        raise InvalidDocument([_problem(detail) for detail in error.errors()]) from None
    problem = None if read.zone is None else zone_problem(read.zone, path="$.zone")
    if problem is not None:
        raise InvalidDocument([problem])
    return FileMapping(
        type=Constant(value=read.type)
        if isinstance(read.type, str) and read.type in CALL_KINDS
        else _field(read.type),
        event=_optional(read.event),
        user_id=_optional(read.user_id),
        anonymous_id=_optional(read.anonymous_id),
        timestamp=_optional(read.timestamp),
        message_id=_optional(read.message_id),
        properties={name: _field(value) for name, value in read.properties.items()},
        traits={name: _field(value) for name, value in read.traits.items()},
        time_unit=read.time_unit,
        zone=read.zone,
    )


def columns_of(mapping: FileMapping) -> dict[str, str]:
    """Every column a mapping names, with the JSON path of where it does."""
    named: dict[str, Field | None] = {
        "$.type": mapping.type,
        "$.event": mapping.event,
        "$.user_id": mapping.user_id,
        "$.anonymous_id": mapping.anonymous_id,
        "$.timestamp": mapping.timestamp,
        "$.message_id": mapping.message_id,
    }
    named |= {f"$.properties.{name}": field for name, field in mapping.properties.items()}
    named |= {f"$.traits.{name}": field for name, field in mapping.traits.items()}
    return {field.name: path for path, field in named.items() if isinstance(field, Column)}


def check_columns(mapping: FileMapping, present: list[str]) -> None:
    """Refuse a mapping that names columns the file does not have. Raises InvalidDocument."""
    problems = [
        Problem(
            path=path,
            code="unknown_column",
            message=f"There is no column {name!r}.",
            hint=nearest(name, present),
        )
        for name, path in columns_of(mapping).items()
        if name not in present
    ]
    if problems:
        raise InvalidDocument(problems)


def _optional(value: str | _Constant | None) -> Field | None:
    return None if value is None else _field(value)


def _field(value: str | _Constant) -> Field:
    return Column(name=value) if isinstance(value, str) else Constant(value=value.value)


def _problem(detail: ErrorDetails) -> Problem:
    path = "$" + "".join(f".{part}" for part in detail["loc"] if part not in ("str", "_Constant"))
    if detail["type"] == "extra_forbidden":
        word = str(detail["loc"][-1])
        hint = nearest(word, _Mapping.model_fields)
        return Problem(path=path, code="unknown_key", message=f"{word!r} is no part of a mapping.", hint=hint)
    if path == "$.time_unit":
        return Problem(
            path=path, code="bad_value", message="This is no unit of time.", hint="Known here: s, ms, us."
        )
    hint = "Write a column's name, or {value: …} for a constant."
    return Problem(path=path, code="bad_value", message="This is neither a column nor a constant.", hint=hint)
