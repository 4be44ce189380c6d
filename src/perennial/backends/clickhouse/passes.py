"""The pass over everyone: leaves are answered by kinds of rows, and put together for each person.

A slice of people after the other (`slices.py`), each group of leaves in a statement of its own (`groups.py`)
that names only people its rows say something of; for the rest a leaf is what it is over nothing. Conditions
are then worked out from their leaves as arrays over those people.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial, reduce
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from perennial.backends.clickhouse.absence import leaf_over_nothing
from perennial.backends.clickhouse.algebra import Leaf, answered
from perennial.backends.clickhouse.compiler import needs_everyone
from perennial.backends.clickhouse.groups import Columns, Costs, Group, grouped
from perennial.backends.clickhouse.overrides import Merged
from perennial.backends.clickhouse.promotion import PromotedPaths
from perennial.backends.clickhouse.questions import Question
from perennial.backends.clickhouse.rowwise import RowQuestion
from perennial.backends.clickhouse.shards import query_shards
from perennial.backends.clickhouse.slices import (
    LogSize,
    Slice,
    divided,
    divided_further,
    how_many,
    size_of_log,
)
from perennial.backends.clickhouse.told import Ids, Told, Verdicts, one_after_the_other
from perennial.backends.clickhouse.transport import Transport
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Moment

_Judged = TypeVar("_Judged")

_AT_ONCE = max(1, min(8, os.cpu_count() or 1))
"""Statements of a slice at the same time: each has one thread, which needs no second table to unite."""

_FEW_ROWS = 1_000_000
"""Rows of a log that one processor asks as quickly as several."""
BYTES_AT_ONCE = 28_000_000
"""Of rows, for every processor: larger pieces of memory come from the system anew each time."""
VERDICTS_AT_ONCE = 24_000_000
"""Of a slice's people on all leaves, for every processor: a byte each, in several places at a time."""

_IDS = np.dtype(np.uint64)
_VERDICTS = np.dtype(np.bool_)
_NOBODY: Ids = np.empty(0, dtype=_IDS)


def members_of(
    transport: Transport,
    conditions: Sequence[Condition],
    *,
    at: Moment,
    columns: PromotedPaths,
    costs: Costs,
    merged: Merged,
) -> list[Ids]:
    """Who meets each condition, ascending ids.

    Who has several profiles (`merged`) is asked once for all slices: whoever is merged meanwhile is two in
    each of them, and never half of one.
    """
    size = size_of_log(transport)
    groups = grouped(
        leaves_in(conditions),
        everyone=needs_everyone(conditions),
        columns=Columns(
            promoted=columns.look_up(),
            listed=columns.listed,
            by_name=columns.by_name.paths if columns.by_name else None,
        ),
        rows=size.rows_of,
        everything=size.rows,
        costs=costs,
    )
    asked = [_question(group, at=at, columns=columns) for group in groups]
    parts = list(
        answers_of(transport, asked, size=size, merged=merged, judged=partial(_meeting, conditions, asked))
    )
    return [_ascending([part.members(place) for part in parts]) for place in range(len(conditions))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Met:
    """Which people of a slice meet each condition, as bits: ids would be a hundred times as much."""

    people: Ids
    bits: Sequence[NDArray[np.uint8]]

    def members(self, place: int) -> Ids:
        """Who meets one of the conditions."""
        return self.people[np.unpackbits(self.bits[place], count=len(self.people)).view(_VERDICTS)]


def _question(group: Group, *, at: Moment, columns: PromotedPaths) -> Question | RowQuestion:
    return (RowQuestion if group.is_for_arrays else Question)(group, at=at, columns=columns)


def _meeting(
    conditions: Sequence[Condition], asked: Sequence[Question | RowQuestion], told: Sequence[Told]
) -> _Met:
    """Who of the people that are told of meets each condition."""
    people, leaves = _put_together(asked, told)
    algebra = _OverPeople(count=len(people), leaves=leaves)
    bits = [np.packbits(answered(condition, algebra)) for condition in conditions]
    return _Met(people=people, bits=bits)


def leaves_in(conditions: Sequence[Condition]) -> Collection[Leaf]:
    """Every distinct leaf of the conditions, in the order of reading."""
    found = _Collected()
    for condition in conditions:
        answered(condition, found)
    return found.leaves


def answers_of(
    transport: Transport,
    asked: Sequence[Question | RowQuestion],
    *,
    size: LogSize,
    merged: Merged,
    judged: Callable[[Sequence[Told]], _Judged],
) -> Iterator[_Judged]:
    """What follows from all answers about a slice, slice by slice; of people with merged profiles last."""
    ask = partial(query_shards, transport)

    slices = _slices(asked, size)
    pieces = [-(-rows_in(one, size) // slices) if isinstance(one, RowQuestion) else 1 for one in asked]

    def of_slice(part: Slice) -> _Judged:
        return judged(
            [
                one_after_the_other(
                    [one.of_slice(ask, piece, merged) for piece in divided_further(part, count)]
                )
                for one, count in zip(asked, pieces, strict=True)
            ]
        )

    def of_merged(one: Question | RowQuestion) -> Told:
        return one.of_merged(transport.query, merged)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(of_slice, divided(slices))
        if merged:
            yield judged(list(pool.map(of_merged, asked)))


def _slices(asked: Sequence[Question | RowQuestion], size: LogSize) -> int:
    """In how many slices memory suffices, and every processor has one."""
    verdicts = sum(len(one.group.leaves) for one in asked)
    needed = max(
        -(-size.people * verdicts // VERDICTS_AT_ONCE),
        *(how_many(size.people, columns=one.width) for one in asked),
        1,
    )
    return needed if size.rows < _FEW_ROWS else -(-needed // _AT_ONCE) * _AT_ONCE


def rows_in(question: RowQuestion, size: LogSize) -> int:
    """In how many slices a question's rows are few enough."""
    return -(-question.group.rows * question.bytes_of_row // BYTES_AT_ONCE)


def _put_together(
    asked: Sequence[Question | RowQuestion], answers: Sequence[Told]
) -> tuple[Ids, Mapping[Leaf, Verdicts]]:
    """Everyone who is told of, ascending, and each leaf's verdicts about them."""
    people, places = _placed([told.people for told in answers])
    leaves: dict[Leaf, Verdicts] = {}
    for one, told, theirs in zip(asked, answers, places, strict=True):
        for leaf, verdict in zip(one.group.leaves, told.verdicts, strict=True):
            verdicts = np.full(len(people), leaf_over_nothing(leaf), dtype=_VERDICTS)
            verdicts[theirs] = verdict
            leaves[leaf] = verdicts
    return people, leaves


def _placed(parts: Sequence[Ids]) -> tuple[Ids, Sequence[NDArray[np.intp]]]:
    """All ids of several ascending arrays, ascending, and where those of each array stand among them."""
    people = max(parts, key=len, default=_NOBODY)
    # Mostly one group tells of everyone; then there is nothing to unite.
    places = [np.searchsorted(people, ids) for ids in parts]
    if all(
        (people[np.minimum(at, len(people) - 1)] == ids).all() for at, ids in zip(places, parts, strict=True)
    ):
        return people, places
    people = np.unique(np.concatenate(parts))
    return people, [np.searchsorted(people, ids) for ids in parts]


class _Collected:
    """`Algebra` that answers nothing and notes the leaves."""

    def __init__(self) -> None:
        self.leaves: dict[Leaf, None] = {}

    def constant(self, value: bool, /) -> None:
        """No leaf."""
        del value

    def leaf(self, leaf: Leaf, /) -> None:
        """One leaf."""
        self.leaves[leaf] = None

    def all_of(self, parts: Sequence[None], /) -> None:
        """The parts were noted."""
        del parts

    def any_of(self, parts: Sequence[None], /) -> None:
        """The parts were noted."""
        del parts

    def negated(self, part: None, /) -> None:
        """The part was noted."""
        del part


@dataclass(frozen=True, slots=True, kw_only=True)
class _OverPeople:
    """`Algebra` of arrays over a number of people."""

    count: int
    leaves: Mapping[Leaf, Verdicts]

    def constant(self, value: bool, /) -> Verdicts:
        """The same for all."""
        return np.full(self.count, value, dtype=_VERDICTS)

    def leaf(self, leaf: Leaf, /) -> Verdicts:
        """The leaf's verdicts."""
        return self.leaves[leaf]

    def all_of(self, parts: Sequence[Verdicts], /) -> Verdicts:
        """Where all are true."""
        return reduce(np.logical_and, parts)

    def any_of(self, parts: Sequence[Verdicts], /) -> Verdicts:
        """Where one is true."""
        return reduce(np.logical_or, parts)

    def negated(self, part: Verdicts, /) -> Verdicts:
        """Where it is false."""
        return np.logical_not(part)


def _ascending(parts: Sequence[Ids]) -> Ids:
    """Ids in ascending order: slices are, merged people that come after them are not."""
    ids = np.concatenate([_NOBODY, *parts])
    # A stable sort looks for what is in order already: a tenth of the time for two such stretches.
    return ids if (ids[:-1] <= ids[1:]).all() else np.sort(ids, kind="stable")
