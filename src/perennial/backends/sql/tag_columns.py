"""Values of packed tags in SQL: a code or a number for each person; in rows only of whom was loosened."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from math import isnan
from typing import cast, overload

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, select

from perennial.backends.sql.packed import LEAST, Packed, PackedColumns
from perennial.backends.sql.packing import Content, Ids, Instants, Places
from perennial.backends.sql.roster import NOBODY, Roster, is_among
from perennial.backends.sql.tables import tag_values
from perennial.compute.tags.columns import Coded, Numbers
from perennial.compute.tags.model import Scalar, TagColumn, ValueChange
from perennial.kernel.ids import ProfileId, TagId

PREFIX = "tag:"
TagRow = tuple[str, str | None, int]
"""Value and details as they are written in rows, and since when, in microseconds since 1970."""


class ValueChanges(Sequence[ValueChange]):
    """Changes of very many people's values, each made when it is looked at."""

    def __init__(self, people: Ids, before: Sequence[Scalar | None], after: Sequence[Scalar | None]) -> None:
        self._people, self._before, self._after = people, before, after

    def __len__(self) -> int:
        return len(self._people)

    @overload
    def __getitem__(self, place: int) -> ValueChange: ...

    @overload
    def __getitem__(self, place: slice) -> "ValueChanges": ...

    def __getitem__(self, place: int | slice) -> "ValueChange | ValueChanges":
        if isinstance(place, slice):
            return ValueChanges(self._people[place], self._before[place], self._after[place])
        person = ProfileId(int(self._people[place]))
        return ValueChange(profile_id=person, before=self._before[place], after=self._after[place])

    def __iter__(self) -> Iterator[ValueChange]:
        for person, before, after in zip(self._people.tolist(), self._before, self._after, strict=True):
            yield ValueChange(profile_id=ProfileId(person), before=before, after=after)


class PackedValues:
    """The packed part of tags' values, on one connection."""

    def __init__(self, connection: Connection, *, least: int = LEAST) -> None:
        self._connection = connection
        self._columns = PackedColumns(connection)
        self._least = least

    def takes(self, tag_id: TagId, column: TagColumn) -> bool:
        """Whether a tag's values are kept in a column: of many people, and from then on."""
        return len(column.profile_ids) >= self._least or self._columns.is_packed(PREFIX + tag_id)

    def write(self, tag_id: TagId, column: TagColumn, *, at: int) -> Sequence[ValueChange]:
        """Write everyone's value where it is another than before, and say whose it was."""
        name = PREFIX + tag_id
        rows = self._in_rows(tag_id)
        people = np.array(sorted(rows), dtype=np.uint64)
        alone = people[~is_among(people, column.profile_ids)]
        roster = self._columns.prepare(np.concatenate([column.profile_ids, alone]))
        in_rows = roster.places(people)
        stored = self._columns.column(name)
        before, of_rows = _before(column, stored, [rows[person] for person in people.tolist()])
        was = before.reaching(len(roster)).copy()
        was[roster.people == NOBODY] = before.nothing
        was[in_rows] = of_rows
        before = Packed(content=was, palette=before.palette)
        after = _after(column, before, roster.places(column.profile_ids))
        changed, is_other = _differences(before, after)
        since = np.full(len(roster), at, dtype=np.int64)
        stays = in_rows[~changed[in_rows]]
        since[stays] = [rows[person][2] for person in roster.people[stays].tolist()]
        # What stood in rows is written as well, and where somebody was is nothing.
        changed[in_rows] = True
        changed |= roster.people == NOBODY
        kept = after
        if not after.is_numbers and isinstance(column.values, Numbers):  # words became numbers
            kept, changed = _in_numbers(column, after, roster), np.ones(len(roster), dtype=np.bool_)
        self._columns.write(name, kept, changed=np.flatnonzero(changed), since=since[changed])
        self._connection.execute(delete(tag_values).where(tag_values.c.tag_id == tag_id))
        places = np.flatnonzero(is_other)
        return ValueChanges(roster.people[places], _scalars(before, places), _scalars(after, places))

    def values_of(
        self, people: Sequence[ProfileId], *, only: Sequence[TagId] | None
    ) -> Iterator[tuple[ProfileId, TagId, str]]:
        """These people's values by the columns, as they would be written in rows."""
        for person, tag_id, (value, _) in self._of_people(people, only):
            yield person, tag_id, value

    def rows_of(self, people: Sequence[ProfileId]) -> Iterator[tuple[ProfileId, TagId, TagRow]]:
        """What the columns say of these people, as it would be written in rows."""
        found = groupby(self._of_people(people, None), key=lambda row: row[1])
        for tag_id, rows in ((tag_id, list(rows)) for tag_id, rows in found):
            places = self._columns.places(np.array([person for person, _, _ in rows], dtype=np.uint64))
            since = self._columns.since(PREFIX + tag_id, places).tolist()
            for (person, _, (value, details)), micros in zip(rows, since, strict=True):
                yield person, tag_id, (value, details, micros)

    def since_of(self, tag_id: TagId, people: Sequence[ProfileId]) -> Mapping[ProfileId, tuple[str, int]]:
        """These people's values of one tag by its column, as in rows, and since when."""
        found = [(person, value) for person, _, (value, _) in self._of_people(people, [tag_id])]
        if not found:
            return {}
        places = self._columns.places(np.array([person for person, _ in found], dtype=np.uint64))
        since = self._columns.since(PREFIX + tag_id, places).tolist()
        return {person: (value, micros) for (person, value), micros in zip(found, since, strict=True)}

    def column(self, tag_id: TagId) -> tuple[Ids, Packed, Instants] | None:
        """Who has a value by the column, ascending, the values in that order, and since when."""
        name = PREFIX + tag_id
        found = self._columns.column(name)
        if found is None:
            return None
        people, places = self._columns.roster().among(found.present())
        loose = self._columns.loose()
        if len(loose):
            stays = ~np.isin(people, loose)
            people, places = people[stays], places[stays]
        theirs = Packed(content=found.content[places], palette=found.palette)
        return people, theirs, self._columns.since(name, places)

    def is_packed(self, tag_id: TagId) -> bool:
        """Whether a tag's values are in a column."""
        return self._columns.is_packed(PREFIX + tag_id)

    def count(self, tag_id: TagId) -> int:
        """How many have a value by the column."""
        found = self._columns.column(PREFIX + tag_id)
        if found is None:
            return 0
        people, _ = self._columns.roster().among(found.present())
        return int((~np.isin(people, self._columns.loose())).sum())

    def _of_people(
        self, people: Sequence[ProfileId], only: Sequence[TagId] | None
    ) -> Iterator[tuple[ProfileId, TagId, tuple[str, str | None]]]:
        names = self._columns.versions(PREFIX)
        wanted = names.keys() if only is None else names.keys() & {PREFIX + one for one in only}
        if not wanted or not people:
            return
        asked = np.array(people, dtype=np.uint64)
        places = self._columns.places(asked)
        asked, places = asked[places >= 0], places[places >= 0]
        for name, column in sorted(self._columns.of_places(wanted, places).items()):
            present = column.present()
            for person, is_there, content in zip(
                asked.tolist(), present.tolist(), column.content.tolist(), strict=True
            ):
                if is_there:
                    yield ProfileId(person), TagId(name.removeprefix(PREFIX)), texts_of(column, content)

    def _in_rows(self, tag_id: TagId) -> dict[int, TagRow]:
        table = tag_values.c
        query = select(table.profile_id, table.value, table.details, table.computed_at).where(
            table.tag_id == tag_id
        )
        return {
            row.profile_id: (row.value, row.details, row.computed_at)
            for row in self._connection.execute(query).all()
        }


def texts_of(column: Packed, content: float) -> tuple[str, str | None]:
    """A value and its details as they are written in rows."""
    if column.is_numbers:
        return json.dumps(content), None
    value, details = cast("tuple[object, object]", json.loads(column.palette[int(content) - 1]))
    return _text(value), None if details is None else _text(details)


def _before(column: TagColumn, stored: Packed | None, rows: Sequence[TagRow]) -> tuple[Packed, Content]:
    """What stood in a column and in rows, as it compares with what comes: as numbers, or all as words."""
    found = [(_scalar(value), None if details is None else json.loads(details)) for value, details, _ in rows]
    are_numbers = isinstance(column.values, Numbers) and all(
        isinstance(value, int | float) and details is None for value, details in found
    )
    if stored is None:
        nothing = np.empty(0, dtype=np.float64 if are_numbers else np.uint32)
        stored = Packed(content=nothing, palette=())
    if are_numbers and stored.is_numbers:
        return stored, np.array([value for value, _ in found], dtype=np.float64)
    words = _as_words(stored) if stored.is_numbers else stored
    places = _places_of(words.palette)
    codes = [places.setdefault(_text(list(pair)), len(places) + 1) for pair in found]
    return Packed(content=words.content, palette=list(places)), np.array(codes, dtype=np.uint32)


def _after(column: TagColumn, before: Packed, at: Places) -> Packed:
    """Everyone's value at their places, in a palette that has all words of before."""
    content = np.full(len(before.content), before.nothing, dtype=before.content.dtype)
    if isinstance(column.values, Numbers) and before.is_numbers:
        content[at] = column.values.array
        return Packed(content=content, palette=())
    places = _places_of(before.palette)
    words, codes = _words(column.values, column.details)
    of_words = np.array([places.setdefault(word, len(places) + 1) for word in words], dtype=np.uint32)
    content[at] = of_words[codes] if len(codes) else 0
    return Packed(content=content, palette=list(places))


def _in_numbers(column: TagColumn, after: Packed, roster: Roster) -> Packed:
    """The same as numbers."""
    content = np.full(len(after.content), np.nan, dtype=np.float64)
    content[roster.places(column.profile_ids)] = np.array(column.values, dtype=np.float64)
    return Packed(content=content, palette=())


def _places_of(palette: Sequence[str]) -> dict[str, int]:
    return {text: place for place, text in enumerate(palette, start=1)}


def _words(
    values: Sequence[Scalar], details: Sequence[Mapping[str, object]] | None
) -> tuple[list[str], NDArray[np.intp]]:
    """The distinct pairs of value and details as texts, and which of them is each person's."""
    if isinstance(values, Numbers):
        distinct, codes = np.unique(values.array, return_inverse=True)
        return [_text([one, None]) for one in distinct.tolist()], codes
    if isinstance(values, Coded) and details is None:
        return [_text([word, None]) for word in values.palette], values.codes.astype(np.intp)
    if isinstance(values, Coded) and isinstance(details, Coded):
        told = cast("Coded[object]", details)
        if values.codes is told.codes:
            pairs = zip(values.palette, told.palette, strict=True)
            return [_text(list(pair)) for pair in pairs], values.codes.astype(np.intp)
    known: dict[str, int] = {}
    texts = (
        _text([value, None if details is None else details[place]]) for place, value in enumerate(values)
    )
    codes = [known.setdefault(text, len(known)) for text in texts]
    return list(known), np.array(codes, dtype=np.intp)


def _as_words(column: Packed) -> Packed:
    """Numbers as codes of what they are written as."""
    present = column.present()
    distinct, codes = np.unique(column.content[present], return_inverse=True)
    content = np.zeros(len(column.content), dtype=np.uint32)
    content[present] = codes + 1
    return Packed(content=content, palette=[_text([one, None]) for one in distinct.tolist()])


def _differences(before: Packed, after: Packed) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where anything is another than before, and where the value is: of some only details are."""
    was, now = before.content, after.content
    if after.is_numbers:
        changed = (was != now) & ~(np.isnan(was) & np.isnan(now))
        return changed, changed.copy()
    changed = was != now
    same: dict[str, int] = {}
    of_code = [0] + [same.setdefault(_value_text(text), len(same) + 1) for text in after.palette]
    value_of = np.array(of_code, dtype=np.int64)
    return changed, value_of[was.astype(np.uint32)] != value_of[now.astype(np.uint32)]


def _scalars(column: Packed, places: Places) -> Sequence[Scalar | None]:
    content: list[float] = column.content[places].tolist()
    if column.is_numbers:
        return [None if isnan(number) else number for number in content]
    words: list[Scalar | None] = [None, *(cast("Scalar", json.loads(text)[0]) for text in column.palette)]
    return [words[int(code)] for code in content]


def _value_text(pair: str) -> str:
    return _text(json.loads(pair)[0])


def _scalar(text: str) -> Scalar:
    return cast("Scalar", json.loads(text))  # `_text` wrote a scalar


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
