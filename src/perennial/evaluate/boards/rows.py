"""An answer as a table: one row for each number or group of numbers, as it is written to a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from perennial.evaluate.boards.rules import counts_only
from perennial.kernel.values import Json, text_of

Row = dict[str, Json]

MAIN: Mapping[str, Sequence[tuple[str, str | None]]] = {
    "trend": (("series", "points"), ("formula", "points")),
    "funnel": (("steps", None),),
    "retention": (("cohorts", "cells"),),
    "lifecycle": (("intervals", None),),
    "stickiness": (("buckets", None),),
    "distribution": (("intervals", "buckets"),),
    "interval": (("histogram", None),),
    "paths": (("edges", None),),
    "attribution": (("touches", None),),
    "sessions": (("intervals", None),),
    "value": (("intervals", None),),
    "rfm": (("groups", None),),
    "overlap": (("parts", None),),
    "journey_map": (("stages", None),),
    "basket": (("pairs", None),),
    "metric_tree": (("factors", None),),
}
"""Of each kind the lists that are its table, and the list inside each of their entries."""
WHOLE_NUMBERS = frozenset(
    (
        *("series", "step", "k", "size", "people", "times", "intervals", "new", "returning", "resurrecting"),
        *("dormant", "sessions", "active", "payers", "goals", "left", "returned", "baskets"),
    )
)
"""Columns that are never anything else; all other numbers have a point, also where one is whole."""
TEXTS = frozenset(
    (
        *("name", "breakdown", "at", "group", "name_zh", "in", "not_in", "factor", "a", "b", "period"),
        *("tile", "title", "kind", "row", "measure", "missing"),
    )
)
"""Columns of words, also where none is said."""
_NAMES = frozenset(
    (
        *("series", "step", "name", "breakdown", "at", "k", "from", "to", "from_seconds", "to_seconds"),
        *("intervals", "group", "name_zh", "in", "not_in", "factor", "a", "b", "incomplete", "few"),
        *("optional", "period"),
    )
)
"""Columns that say which number it is; the others are the numbers."""
BOARD_COLUMNS = ("tile", "title", "kind", "period", "row", "measure", "value", "incomplete", "missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns in their order, and rows that have them; a row says nothing of a column it has not."""

    columns: Sequence[str]
    rows: Sequence[Row]


def table_of(answer: Mapping[str, Json]) -> Table:
    """An answer's table; `period` tells the compared range's numbers apart, where there is one."""
    rows = list(_rows(str(answer["kind"]), answer))
    compared = answer.get("compare")
    if isinstance(compared, Mapping):
        rows = [{"period": "asked", **row} for row in rows]
        rows += [{"period": "compared", **row} for row in _rows(str(answer["kind"]), compared)]
    columns: dict[str, None] = {}
    for row in rows:
        columns |= dict.fromkeys(row)
    return Table(columns=tuple(columns), rows=rows)


def board_table(tiles: Sequence[Mapping[str, Json]]) -> Table:
    """All numbers of a board below one another: which tile, which number of it, and how much."""
    return Table(columns=BOARD_COLUMNS, rows=[row for tile in tiles for row in _tile_rows(tile)])


def _tile_rows(tile: Mapping[str, Json]) -> Iterator[Row]:
    about: Row = {"tile": tile["id"], "title": tile["title"]}
    answer = tile.get("answer")
    if not isinstance(answer, Mapping):
        listed = [*_listed(tile.get("missing_events")), *_listed(tile.get("missing_properties"))]
        yield {**about, "missing": ", ".join(map(str, listed)) or str(tile.get("state"))}
        return
    about["kind"] = answer["kind"]
    for row in table_of(answer).rows:
        named = [f"{name}={_text(row[name])}" for name in row if _names_number(name, row[name])]
        shown = {**about, "period": row.get("period"), "row": ", ".join(named)}
        for name, value in row.items():
            if name not in _NAMES:
                yield {**shown, "measure": name, "value": value, "incomplete": row.get("incomplete")}


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _names_number(name: str, value: Json) -> bool:
    return name in _NAMES - {"period", "incomplete", "few", "optional", "name_zh"} and value is not None


def _text(value: Json) -> str:
    return text_of(value) if isinstance(value, bool | int | float | str) else str(value)


def _rows(kind: str, answer: Mapping[str, Json]) -> Iterator[Row]:
    found = counts_only(answer)
    for outer, inner in MAIN[kind]:
        for entry in _entries(found.get(outer)):
            about = _flat(entry, besides=inner)
            if inner is None:
                yield about
                continue
            for one in _entries(entry.get(inner)):
                yield {**about, **_flat(one, besides=None)}


def _entries(value: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (one for one in value if isinstance(one, Mapping))


def _flat(entry: Mapping[str, Json], *, besides: str | None) -> Row:
    """The fields of an entry: an interval as its two ends, names in a list as one text."""
    row: Row = {}
    for name, value in entry.items():
        if name == besides:
            continue
        if name == "interval95":
            low, high = value if isinstance(value, Sequence) and not isinstance(value, str) else (None, None)
            row |= {"low95": low, "high95": high}
        elif isinstance(value, Sequence) and not isinstance(value, str):
            row[name] = " + ".join(map(str, value))
        elif not isinstance(value, Mapping):
            row[name] = value
    return row
