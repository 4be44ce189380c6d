"""The log in a second order, by name: an event's rows are read without those that lie between (0033).

A projection of the log holds every row once more, without maps: its instant, name and kind and the promoted
columns. The engine keeps it with the parts it belongs to, so a batch that is repeated, an erasure and a merge
of parts need no word of it. What it lacks, or a part lacks, is read from the log itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from perennial.backends.clickhouse.parameters import Sql, joined
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport

_PREFIX = "by_name_"
_SHAPE = "shape_"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByName:
    """One such order, and the promoted paths that it holds."""

    name: str
    paths: frozenset[str]


def complete_order(transport: Transport) -> ByName | None:
    """The order with most paths among those that every part of the log has."""
    shown = _shown(transport)
    complete = [_complete(shard) for shard in transport.shards] if shown else []
    usable = [order for order in shown if all(order.name in names for names in complete)]
    return max(usable, key=lambda order: (len(order.paths), order.name), default=None)


def order_by_name(
    transport: Transport, paths: Collection[str], columns: Sequence[Sql], *, wait: bool
) -> None:
    """Keep the log in order of name with these promoted paths, given all of their columns. Idempotent.

    Rows that are there follow in the background, or before this returns (`wait`). An order that holds other
    paths is kept until this one is complete.
    """
    wanted = _name_of(paths)
    shown = {order.name for order in _shown(transport)}
    if wanted not in shown:
        more = joined("", [Sql(f", {column}") for column in columns])
        transport.command(statement("add_order", order=Sql(wanted), columns=more))
    are_complete = True
    for shard in transport.shards:
        if wanted in _complete(shard):
            continue
        are_complete = wait
        if wait or wanted not in _names(shard, "orders_under_way"):
            shard.command(statement("fill_order", order=Sql(wanted), wait=Sql("1") if wait else Sql("0")))
    if are_complete:
        for order in sorted(shown - {wanted}):
            transport.command(statement("drop_order", order=Sql(order)))


def _name_of(paths: Collection[str]) -> str:
    """The same paths are the same order, whichever process asks for it."""
    return _PREFIX + sha256("\0".join(sorted(paths)).encode()).hexdigest()[:16]


def _shown(transport: Transport) -> list[ByName]:
    # The first shard is commanded last (`shards.py`): what it has, all have.
    found = transport.shards[0].query(statement("orders"))
    return [
        ByName(
            name=str(name),
            paths=frozenset(bytes.fromhex(str(shape).removeprefix(_SHAPE)).decode() for shape in shapes),
        )
        for name, shapes in zip(found["name"].to_pylist(), found["shapes"].to_pylist(), strict=True)
    ]


def _complete(shard: Transport) -> set[str]:
    """The orders that every part of a shard has."""
    return _names(shard, "complete_orders")


def _names(shard: Transport, asked: str) -> set[str]:
    return {str(name) for name in shard.query(statement(asked))["name"].to_pylist()}
