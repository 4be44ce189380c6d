"""Promoted paths: properties asked of everyone again and again, in columns of their own (0024).

A path's four columns say what the maps say of it (`paths.py`): `shape`, which leaves there are, and the
leaves as `number`, `text` and `list`. They are computed from the maps, by every insert for its rows and in
the background for the rows that are there; what is not computed yet is computed when it is read, so an answer
never depends on how far that has come. A path is asked by its columns once every part of the log has them.
"""

from collections.abc import Collection, Sequence

from perennial.backends.clickhouse.by_name import ByName, complete_order, order_by_name
from perennial.backends.clickhouse.parameters import Sql, joined, sql
from perennial.backends.clickhouse.paths import column_of
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport

MOST = 64
"""Promoted paths of a workspace: each costs every insert a little and a part four files."""
LONGEST = 100
"""Bytes of a path that may be promoted: its name becomes a file's."""

_SHAPE = "shape_"


class PromotedPaths:
    """The promoted paths of one workspace's log, as this process last saw them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: Collection[str] | None = None
        self.listed: Collection[str] = frozenset()
        """Promoted paths at which a list was met: there may be more of them."""

        self.numbered: Collection[str] = frozenset()
        """Promoted paths that were asked for texts and hold numbers that were sent as such."""
        self.by_name: ByName | None = None
        """The log in order of name, if it is kept so."""

    def note_numbers(self, paths: Collection[str]) -> None:
        """Note that there are numbers at these paths."""
        self.numbered = frozenset({*self.numbered, *paths})

    def note_lists(self, paths: Collection[str]) -> None:
        """Note that there are lists at these paths: nobody assumes the contrary again."""
        self.listed = frozenset({*self.listed, *paths})

    @property
    def known(self) -> Collection[str]:
        """The paths to ask by their columns; columns are never taken away, so an old look does no harm."""
        return self.look_up() if self._known is None else self._known

    def look_up(self) -> Collection[str]:
        """The same, after a look at the store: every process may promote."""
        shown = _shown(self._transport)
        complete = [_complete(shard) for shard in self._transport.shards] if shown else []
        self._known = shown.intersection(*complete)
        self.by_name = complete_order(self._transport)
        return self._known

    def promote(self, paths: Sequence[str], *, wait: bool = False) -> None:
        """Give paths columns, the first ones first, as long as there is room for more. Idempotent.

        Rows that are there follow in the background, or before this returns (`wait`).
        """
        present = self.add(paths)
        for shard in self._transport.shards:
            self._fill(shard, present.intersection(paths), wait=wait)
        columns = [column for path in sorted(present) for column in _columns(path)]
        order_by_name(self._transport, present, columns, wait=wait)
        self._known = None

    def add(self, paths: Sequence[str]) -> set[str]:
        """Give paths columns for rows that come; all paths that have any."""
        present = _shown(self._transport)
        fitting = [path for path in dict.fromkeys(paths) if path and len(path.encode()) <= LONGEST]
        added = [path for path in fitting if path not in present][: max(0, MOST - len(present))]
        if added:
            columns = joined(", ", [_added(path) for path in added])
            self._transport.command(statement("add_columns", columns=columns))
            self._transport.unite()
        return {*present, *added}

    def _fill(self, shard: Transport, paths: Collection[str], *, wait: bool) -> None:
        """See to it that every part of a shard gets the columns; a promotion may have been broken off."""
        under_way: Collection[str] = () if wait else _under_way(shard)
        missing = sorted(set(paths) - _complete(shard) - set(under_way))
        if not missing:
            return
        steps = [sql("MATERIALIZE COLUMN <<c>>", c=column) for path in missing for column in _columns(path)]
        shard.command(
            statement("fill_columns", steps=joined(", ", steps), wait=Sql("1") if wait else Sql("0"))
        )


def _columns(path: str) -> list[Sql]:
    return [
        column_of(path, "shape"),
        column_of(path, "number"),
        column_of(path, "text"),
        column_of(path, "list"),
    ]


def _added(path: str) -> Sql:
    shape, number, text, elements = _columns(path)
    return sql(
        "ADD COLUMN IF NOT EXISTS <<shape>> UInt8 MATERIALIZED mapContains(numbers, <<key>>)"
        " + 2 * mapContains(texts, <<key>>) + 4 * mapContains(lists, <<key>>) + 8 * notEmpty(lists[<<key>>]),"
        " ADD COLUMN IF NOT EXISTS <<number>> Float64 MATERIALIZED numbers[<<key>>],"
        " ADD COLUMN IF NOT EXISTS <<text>> LowCardinality(String) MATERIALIZED texts[<<key>>],"
        " ADD COLUMN IF NOT EXISTS <<elements>> Array(String) MATERIALIZED lists[<<key>>]",
        shape=shape,
        number=number,
        text=text,
        elements=elements,
        key=sql("unhex('<<path>>')", path=Sql(path.encode().hex())),
    )


def _shown(transport: Transport) -> set[str]:
    """The paths that have columns, whatever is in them."""
    return _paths(transport, "promoted_columns")


def _complete(shard: Transport) -> set[str]:
    """The paths whose columns every part of a shard has."""
    return _paths(shard, "complete_columns")


def _under_way(shard: Transport) -> set[str]:
    """The paths whose columns a shard is computing."""
    return _paths(shard, "columns_under_way")


def _paths(transport: Transport, asked: str) -> set[str]:
    names = transport.query(statement(asked))["name"].to_pylist()
    return {bytes.fromhex(str(name).removeprefix(_SHAPE)).decode() for name in names}
