"""From the documents of kept insights and boards to what they mean, or to every mistake in them."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

from perennial.compute.definitions.rules import read_head
from perennial.evaluate.boards.model import (
    COLUMNS,
    MOST_ROWS,
    MOST_TILES,
    Board,
    Filters,
    InsightDraft,
    Layout,
    Tile,
)
from perennial.evaluate.insights import parse_insight
from perennial.kernel.conditions import Vocabulary
from perennial.kernel.conditions.problems import Problems, check_size
from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

_INSIGHT_KEYS = ("id", "name", "description", "spec")
_BOARD_KEYS = ("id", "name", "description", "filters", "tiles")
_TILE_KEYS = ("id", "title", "insight", "spec", "layout")
_FILTER_KEYS = ("among", "range")
_PROBE: Mapping[str, Json] = {"kind": "stickiness"}
"""A specification that has nothing of its own, to read filters by."""
_Read = TypeVar("_Read")


def parse_kept_insight(document: Json, *, zone: Zone, known: Vocabulary) -> InsightDraft:
    """A specification under a name: `{id, name, description, spec}`. Raises InvalidDocument."""
    check_size(document, "$")
    problems = Problems()
    found = problems.mapping(document, "$", what="A kept insight")
    if found is None:
        problems.raise_all()
    problems.unknown_keys(found, _INSIGHT_KEYS, "$")
    head = read_head(found, problems)
    _described(found, problems)
    spec = _spec(found.get("spec"), "$.spec", problems, zone=zone, known=known)
    if problems.found:
        problems.raise_all()
    return InsightDraft(insight_id=head.id, name=head.name, spec=spec, document=found)


def parse_board(document: Json, *, zone: Zone, known: Vocabulary, insights: Sequence[str]) -> Board:
    """A board: `{id, name, description, filters, tiles}`. Raises InvalidDocument with every mistake."""
    check_size(document, "$")
    problems = Problems()
    found = problems.mapping(document, "$", what="A board")
    if found is None:
        problems.raise_all()
    problems.unknown_keys(found, _BOARD_KEYS, "$")
    head = read_head(found, problems)
    _described(found, problems)
    filters = read_filters(found.get("filters"), "$.filters", problems, zone=zone, known=known)
    tiles = _tiles(found.get("tiles", []), problems, _Around(zone, known, insights))
    if problems.found:
        problems.raise_all()
    return Board(board_id=head.id, name=head.name, tiles=tiles, filters=filters, document=found)


def parse_filters(document: Json, *, zone: Zone, known: Vocabulary) -> Filters:
    """Filters that are asked for one time. Raises InvalidDocument."""
    check_size(document, "$.filters")
    problems = Problems()
    found = read_filters(document, "$.filters", problems, zone=zone, known=known)
    if problems.found:
        problems.raise_all()
    return found


def read_filters(document: Json, path: str, problems: Problems, *, zone: Zone, known: Vocabulary) -> Filters:
    """What holds for every tile; mistakes go to `problems`."""
    if document is None:
        return Filters()
    found = problems.mapping(document, path, what="The filters")
    if found is None:
        return Filters()
    problems.unknown_keys(found, _FILTER_KEYS, path)
    told = {key: found[key] for key in _FILTER_KEYS if found.get(key) is not None}
    if _attempt(lambda: parse_insight({**_PROBE, **told}, zone=zone, known=known), path, problems) is None:
        return Filters()
    return Filters(among=told.get("among"), range=told.get("range"))


class _Around:
    """What a board's tiles may speak of."""

    def __init__(self, zone: Zone, known: Vocabulary, insights: Sequence[str]) -> None:
        self.zone = zone
        self.known = known
        self.insights = insights


def _tiles(document: Json, problems: Problems, around: _Around) -> tuple[Tile, ...]:
    if document == []:
        return ()  # a board begins empty
    listed = problems.sequence(document, "$.tiles", what="The tiles") or ()
    if len(listed) > MOST_TILES:
        message = f"A board has at most {MOST_TILES} tiles, not {len(listed)}."
        problems.add("$.tiles", "too_many_tiles", message, "Make another board.")
        return ()
    read = [_tile(one, f"$.tiles[{place}]", problems, around) for place, one in enumerate(listed)]
    tiles = [(place, one) for place, one in enumerate(read) if one is not None]
    for (_, first), (place, second) in combinations(tiles, 2):
        if first.tile_id == second.tile_id:
            message = f"Two tiles are called {second.tile_id!r}."
            problems.add(f"$.tiles[{place}].id", "taken_twice", message, "Give each an id of its own.")
        if first.layout.overlaps(second.layout):
            message = f"The tiles {first.tile_id!r} and {second.tile_id!r} lie on one another."
            hint = "Move one: x and w count columns, y and h rows."
            problems.add(f"$.tiles[{place}].layout", "tiles_overlap", message, hint)
    return tuple(one for _, one in tiles)


def _tile(document: Json, path: str, problems: Problems, around: _Around) -> Tile | None:
    found = problems.mapping(document, path, what="A tile")
    if found is None:
        return None
    problems.unknown_keys(found, _TILE_KEYS, path)
    tile_id = problems.name(found.get("id"), f"{path}.id", what="A tile's id")
    title = problems.name(found["title"], f"{path}.title", what="A title") if "title" in found else ""
    layout = _layout(found.get("layout"), f"{path}.layout", problems)
    insight, spec = found.get("insight"), found.get("spec")
    if (insight is None) == (spec is None):
        hint = "Name a kept insight by its id, or write a specification."
        problems.add(path, "one_of", "A tile has one of `insight` and `spec`.", hint)
        return None
    if spec is not None:
        spec = _spec(spec, f"{path}.spec", problems, zone=around.zone, known=around.known)
    elif not isinstance(insight, str) or insight not in around.insights:
        message = f"No insight is kept as {insight!r}."
        problems.add(f"{path}.insight", "unknown_insight", message, nearest(str(insight), around.insights))
        return None
    if tile_id is None:
        return None
    kept = insight if isinstance(insight, str) else None
    own = spec if isinstance(spec, Mapping) else None
    return Tile(tile_id=tile_id, title=title or "", layout=layout, insight=kept, spec=own)


def _layout(document: Json, path: str, problems: Problems) -> Layout:
    found = problems.mapping(document, path, what="A layout")
    nowhere = Layout(x=0, y=0, w=0, h=0)
    if found is None:
        return nowhere
    problems.unknown_keys(found, ("x", "y", "w", "h"), path)
    most = {"x": COLUMNS - 1, "y": MOST_ROWS, "w": COLUMNS, "h": MOST_ROWS}
    read: dict[str, int] = {}
    for key, limit in most.items():
        value, least = found.get(key), int(key in "wh")
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= limit:
            read[key] = value
        else:
            message = f"`{key}` is a whole number from {least} to {limit}, not {value!r}."
            problems.add(f"{path}.{key}", "bad_number", message)
    if len(read) < len(most):
        return nowhere
    if read["x"] + read["w"] > COLUMNS:
        message = f"The tile ends in column {read['x'] + read['w']} of {COLUMNS}."
        problems.add(path, "off_the_board", message, "x and w are at most 12 together.")
        return nowhere
    return Layout(**read)


def _spec(
    document: Json, path: str, problems: Problems, *, zone: Zone, known: Vocabulary
) -> Mapping[str, Json]:
    if document is None:
        hint = 'Add "spec": {"kind": "trend", …}.'
        problems.add(path, "missing_key", "The specification is missing.", hint)

        return {}
    _attempt(lambda: parse_insight(document, zone=zone, known=known), path, problems)
    return document if isinstance(document, Mapping) else {}


def _described(found: Mapping[str, Json], problems: Problems) -> None:
    said = found.get("description")
    if said is not None and not isinstance(said, str):
        problems.add("$.description", "wrong_type", "The description is a text.")


def _attempt(read: Callable[[], _Read], path: str, problems: Problems) -> _Read | None:
    """What was read, or None with its mistakes placed below a path."""
    try:
        return read()
    except InvalidDocument as wrong:
        problems.found.extend(
            Problem(path=path + one.path.removeprefix("$"), code=one.code, message=one.message, hint=one.hint)
            for one in wrong.problems
        )
        return None
