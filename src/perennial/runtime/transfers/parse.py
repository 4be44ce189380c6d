"""Reading the documents of transfers, with every mistake found at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from perennial.collect.imports.mapping import parse_mapping
from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.values import Json
from perennial.kernel.windows import parse_duration
from perennial.runtime.exports.rules import PEOPLE_COLUMNS, check_columns
from perennial.runtime.transfers.model import DatabaseExport, DatabaseSource

SHORTEST = timedelta(minutes=1)
_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
_Secret = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
_Text = Annotated[str, Field(min_length=1, max_length=20_000)]


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: _Id
    url_secret: _Secret
    query: _Text
    cursor: _Text
    mapping: dict[str, JsonValue]
    every: str = "1h"


class _Segment(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    segment: _Text


class _Export(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: _Id
    url_secret: _Secret
    table: _Text
    key: _Text
    columns: Annotated[dict[str, str], Field(min_length=1)]
    people: Literal["everyone"] | _Segment = "everyone"
    mode: Literal["changes", "full"] = "changes"
    deletes: bool = False
    every: str = "1h"


def parse_source(document: Json) -> DatabaseSource:
    """A database source as it was written. Raises InvalidDocument."""
    try:
        read = _Source.model_validate(document)
    except ValidationError as error:
        raise _refused(error, list(_Source.model_fields)) from None
    problems = _mapping_problems(read)
    every = _span(read.every, problems)
    if problems:
        raise InvalidDocument(problems)
    return DatabaseSource(
        source_id=read.id,
        url_secret=read.url_secret,
        query=read.query,
        cursor=read.cursor,
        mapping=read.mapping,
        every=every,
    )


def parse_export(document: Json) -> DatabaseExport:
    """A database export as it was written. Raises InvalidDocument."""
    try:
        read = _Export.model_validate(document)
    except ValidationError as error:
        raise _refused(error, list(_Export.model_fields)) from None
    problems: list[Problem] = []
    every = _span(read.every, problems)
    if read.key not in read.columns:
        message = f"The key {read.key!r} is none of the columns."
        hint = nearest(read.key, read.columns)
        problems.append(Problem(path="$.key", code="unknown_column", message=message, hint=hint))
    if problems:
        raise InvalidDocument(problems)
    check_columns(list(read.columns.values()), PEOPLE_COLUMNS, ("traits", "tags"))
    return DatabaseExport(
        export_id=read.id,
        url_secret=read.url_secret,
        table=read.table,
        key=read.key,
        columns=read.columns,
        segment=read.people.segment if isinstance(read.people, _Segment) else None,
        mode=read.mode,
        deletes=read.deletes,
        every=every,
    )


def _mapping_problems(read: _Source) -> list[Problem]:
    try:
        mapping = parse_mapping(read.mapping)
    except InvalidDocument as error:
        return [
            Problem(path=f"$.mapping{one.path[1:]}", code=one.code, message=one.message, hint=one.hint)
            for one in error.problems
        ]
    if mapping.message_id is None:
        message = "A database source needs a message_id: by it a row that is read again is known."
        hint = "Name the table's primary key."
        return [Problem(path="$.mapping.message_id", code="missing", message=message, hint=hint)]
    return []


def _span(text: str, problems: list[Problem]) -> timedelta:
    span = parse_duration(text)
    if span is None or span < SHORTEST:
        hint = "Write a number and m, h, d or w: `15m`; one minute is the shortest."
        problems.append(Problem(path="$.every", code="bad_value", message="This is no span.", hint=hint))
        return SHORTEST
    return span


def _refused(error: ValidationError, known: Sequence[str]) -> InvalidDocument:
    return InvalidDocument([_problem(detail, known) for detail in error.errors()])


def _problem(detail: ErrorDetails, known: Sequence[str]) -> Problem:
    path = "$" + "".join(f".{part}" for part in detail["loc"] if not str(part).startswith(("_", "literal")))
    if detail["type"] == "extra_forbidden":
        word = str(detail["loc"][-1])
        message = f"{word!r} is no part of this document."
        return Problem(path=path, code="unknown_key", message=message, hint=nearest(word, known))
    code = "missing" if detail["type"] == "missing" else "bad_value"
    # What was written there is not repeated: it may be an address with its password.
    return Problem(path=path, code=code, message=f"{detail['msg']}.")
