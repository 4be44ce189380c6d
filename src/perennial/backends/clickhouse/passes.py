"""The pass over everyone: leaves are answered by kinds of rows, and put together for each person.

A slice of people after the other (`slices.py`), each group of leaves in a statement of its own (`groups.py`)
that names only people its rows say something of; for the rest a leaf is what it is over nothing. Conditions
are then worked out from their leaves as arrays over those people.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perennial.backends.clickhouse.absence import leaf_over_nothing
from perennial.backends.clickhouse.algebra import Leaf, answered
from perennial.backends.clickhouse.arrow import as_array
from perennial.backends.clickhouse.compiler import needs_everyone
from perennial.backends.clickhouse.groups import Costs, grouped
from perennial.backends.clickhouse.overrides import has_overrides
from perennial.backends.clickhouse.promotion import PromotedPaths
from perennial.backends.clickhouse.questions import Answerer, Question
from perennial.backends.clickhouse.shards import query_shards
from perennial.backends.clickhouse.slices import Slice, size_of_log, slices_of
from perennial.backends.clickhouse.transport import Transport
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Moment

Ids = NDArray[np.uint64]
Verdicts = NDArray[np.bool_]

_AT_ONCE = max(1, min(8, os.cpu_count() or 1))
"""Statements of a slice at the same time: each has one thread, which needs no second table to unite."""

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
) -> list[Ids]:
    """Who meets each condition, ascending ids."""
    found: list[list[Ids]] = [[] for _ in conditions]
    size = size_of_log(transport)
    groups = grouped(
        leaves_in(conditions),
        everyone=needs_everyone(conditions),
        promoted=columns.look_up(),
        rows=size.rows_of,
        everything=size.rows,
        costs=costs,
    )
    asked = [Question(group, at=at, columns=columns) for group in groups]
    for part in answers_of(transport, asked, people=size.people):
        people, leaves = _put_together(asked, part)
        algebra = _OverPeople(count=len(people), leaves=leaves)
        for members, condition in zip(found, conditions, strict=True):
            members.append(people[answered(condition, algebra)])
    return [_ascending(members) for members in found]


def leaves_in(conditions: Sequence[Condition]) -> Collection[Leaf]:
    """Every distinct leaf of the conditions, in the order of reading."""
    found = _Collected()
    for condition in conditions:
        answered(condition, found)
    return found.leaves


def answers_of(
    transport: Transport, asked: Sequence[Question], *, people: int
) -> Iterator[Sequence[pa.Table]]:
    """What every question answers, slice by slice; people whose profiles were merged come last."""
    is_merged = has_overrides(transport)
    frame = "people_apart" if is_merged else "people"
    ask = partial(query_shards, transport)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for part in slices_of(people, columns=max((one.width for one in asked), default=0)):
            yield list(pool.map(partial(_answer, ask, frame, part), asked))
    if is_merged:
        yield [one.of_merged(transport.query) for one in asked]


def _put_together(
    asked: Sequence[Question], answers: Sequence[pa.Table]
) -> tuple[Ids, Mapping[Leaf, Verdicts]]:
    """Everyone who is told of, ascending, and each leaf's verdicts about them."""
    told = [by_person(answer) for answer in answers]
    ids = [as_array(answer, "profile_id", _IDS) for answer in told]
    people, places = _placed(ids)
    leaves: dict[Leaf, Verdicts] = {}
    for one, answer, theirs in zip(asked, told, places, strict=True):
        for number, leaf in enumerate(one.group.leaves):
            verdicts = np.full(len(people), leaf_over_nothing(leaf), dtype=_VERDICTS)
            verdicts[theirs] = as_array(answer, f"v{number}", _VERDICTS)
            leaves[leaf] = verdicts
    return people, leaves


def _answer(ask: Answerer, frame: str, people: Slice, question: Question) -> pa.Table:
    return question.of_slice(ask, frame, people)


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


def by_person(found: pa.Table) -> pa.Table:
    """Answers in ascending order of profile: several shards' answers come one after the other."""
    ids = as_array(found, "profile_id", _IDS)
    if (ids[:-1] <= ids[1:]).all():
        return found
    return found.take(pa.array(np.argsort(ids, kind="stable")))


def _ascending(parts: Sequence[Ids]) -> Ids:
    """Ids in ascending order: slices are, merged people that come after them are not."""
    ids = np.concatenate([_NOBODY, *parts])
    return ids if (ids[:-1] <= ids[1:]).all() else np.sort(ids)
