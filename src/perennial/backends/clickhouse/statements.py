"""The named statements in `sql/`: text that people read, loaded once."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import LiteralString, cast

from perennial.backends.clickhouse.parameters import Sql, sql

_COMMENT = re.compile(r"^--.*\n", re.MULTILINE)
_HEADER = re.compile(r"^-- name: (?P<name>[a-z0-9_]+)$", re.MULTILINE)
_FOLDER = files("perennial.backends.clickhouse") / "sql"


def statement(name: str, **slots: Sql) -> Sql:
    """A named statement, with pieces in its `<<slots>>`."""
    # The text comes from this package's own files, which is what LiteralString is to guarantee.
    return sql(cast("LiteralString", _queries()[name]), **slots)


@cache
def migrations() -> Mapping[int, tuple[Sql, ...]]:
    """The schema's numbered files, in order: each version's statements."""
    found = sorted(entry.name for entry in (_FOLDER / "schema").iterdir() if entry.name.endswith(".sql"))
    return {int(name[:4]): tuple(_parse((_FOLDER / "schema" / name).read_text()).values()) for name in found}


@cache
def _queries() -> Mapping[str, Sql]:
    loaded: dict[str, Sql] = {}
    for entry in _FOLDER.iterdir():
        if entry.name.endswith(".sql"):
            loaded |= _parse(entry.read_text())
    return loaded


def _parse(text: str) -> dict[str, Sql]:
    """The statements of one file by name; each begins with `-- name:` and a line that says what for."""
    headers = list(_HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    return {
        header["name"]: Sql(_COMMENT.sub("", text[header.end() : end].lstrip("\n")).strip().rstrip(";"))
        for header, end in zip(headers, ends, strict=True)
    }
