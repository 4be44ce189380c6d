"""Reading a list of people: CSV, JSON Lines, or an id on each line. Pure; lines come and go one at a time."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from perennial.collect.identity.key_rules import KeyRules, plain
from perennial.collect.identity.model import ANONYMOUS, USER, Identifier
from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.ids import parse_profile

_COLUMNS = {
    "user_id": USER,
    "userid": USER,
    "anonymous_id": ANONYMOUS,
    "anonymousid": ANONYMOUS,
    "profile_id": "profile",
}
PROFILE = "profile"
"""Not a name but the profile itself, as `prf_…`."""


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """One entry of a list: what it may mean, the likeliest first, and where it stands."""

    line: int
    text: str
    names: tuple[Identifier, ...]


def read_people(lines: Iterable[str], rules: KeyRules) -> Iterator[NamedPerson]:
    """The people that lines name; empty lines name nobody.

    JSON Lines are texts, or objects with `user_id`, `anonymous_id`, `profile_id` or a declared key. A CSV
    file is told by a header that names one of these. Anything else is an id on each line: a user id, a
    `prf_…`, an anonymous id or a declared key, whichever is somebody's, in this order. Raises
    InvalidDocument with the line.
    """
    filled = ((number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip())
    first = next(filled, None)
    if first is None:
        return
    number, line = first
    columns = _columns(line.removeprefix("\ufeff"), rules)
    if columns is not None:
        yield from _of_rows(filled, columns, rules)
        return
    if line[0] in '{"':
        yield _of_json(number, line, rules)
        yield from (_of_json(number, line, rules) for number, line in filled)
        return
    yield of_text(number, line.removeprefix("\ufeff"), rules)
    yield from (of_text(number, line, rules) for number, line in filled)


def of_text(line: int, text: str, rules: KeyRules) -> NamedPerson:
    """A bare id, and everything it may mean."""
    names = [Identifier(USER, text)]
    if parse_profile(text) is not None:
        names.append(Identifier(PROFILE, text))
    names.append(Identifier(ANONYMOUS, text))
    for kind in rules.kinds:
        value = plain(text, kind)
        if value is not None:
            names.append(Identifier(kind.name, value))
    return NamedPerson(line, text, tuple(names))


def _columns(header: str, rules: KeyRules) -> Sequence[str | None] | None:
    """What each column of a CSV header is; None where it is no header."""
    cells = [cell.strip().strip('"') for cell in header.split(",")]
    kinds = [_kind_of(cell, rules) for cell in cells]
    return kinds if any(kinds) else None


def _kind_of(column: str, rules: KeyRules) -> str | None:
    if rules.kind(column) is not None:
        return column
    return _COLUMNS.get(column.lower())


def _of_rows(
    filled: Iterable[tuple[int, str]], columns: Sequence[str | None], rules: KeyRules
) -> Iterator[NamedPerson]:
    for number, line in filled:
        [cells] = csv.reader([line])
        pairs = [(kind, cell.strip()) for kind, cell in zip(columns, cells, strict=False) if kind]
        yield _of_pairs(number, [(kind, cell) for kind, cell in pairs if cell], rules)


def _of_json(number: int, line: str, rules: KeyRules) -> NamedPerson:
    try:
        read = msgspec.json.decode(line, type=str | dict[str, str | int | None])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(number, "This line is neither a text nor an object of texts.") from error
    if isinstance(read, str):
        return of_text(number, read, rules)
    pairs = [
        (kind, str(value).strip())
        for key, value in read.items()
        if (kind := _kind_of(key, rules)) and value is not None and str(value).strip()
    ]
    if not pairs:
        known = ["user_id", "anonymous_id", "profile_id", *(kind.name for kind in rules.kinds)]
        raise _unreadable(number, "This line names nobody.", nearest(next(iter(read), ""), known))
    return _of_pairs(number, pairs, rules)


def _of_pairs(number: int, pairs: Sequence[tuple[str, str]], rules: KeyRules) -> NamedPerson:
    names: list[Identifier] = []
    for kind, value in pairs:
        declared = rules.kind(kind)
        text = value if declared is None else plain(value, declared)
        if text is not None:
            names.append(Identifier(kind, text))
    return NamedPerson(number, pairs[0][1] if pairs else "", tuple(names))


def _unreadable(line: int, message: str, hint: str = "") -> InvalidDocument:
    return InvalidDocument(
        [Problem(path=f"$[{line - 1}]", code="unreadable", message=message, hint=hint, line=line)]
    )
