"""Which questions share a statement: those about the same rows, and those whose rows are few.

A statement reads names and times of the whole log to find its rows, and computes every aggregate for each of
those. So one for all questions computes far too much, and one for each event reads too often: what each way
costs is estimated, and the cheapest is sought by putting together what is small.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from perennial.backends.clickhouse.algebra import Leaf, SeenBefore
from perennial.backends.clickhouse.asking import MOST_NEEDS, is_for_arrays, needs_of
from perennial.backends.clickhouse.subjects import ACTIVITY, Subject, subject_of_leaf, subjects_of_leaf
from perennial.kernel.conditions.walk import paths_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What the log has columns for."""

    promoted: Collection[str]
    """Paths."""
    listed: Collection[str]
    """Those of them at which lists were met."""
    by_name: Collection[str] | None
    """Those that are known where the log is in order of name; None where it is not kept so."""


_RARE = 30
"""An event is rare that is less than this part of all rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a pass pays for, in nanoseconds of a processor (0024)."""

    statement: float = 8e6
    """To plan a statement and put its answer to the others."""
    scan: float = 12.0
    """To find out of a row of the log whether it is of the right kind."""
    maps: float = 120.0
    """To read the maps of a row of the log, which is needed where a path is not promoted."""
    leaf: float = 6.0
    """To answer a leaf for a row that the statement is about."""
    arrays: int = 1_000_000
    """Rows of a log from which on it pays to load what counts rows in memory (0026)."""
    promotion: int = 1_000_000
    """Rows of a log from which on it pays to promote paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Leaves that one statement answers."""

    leaves: tuple[Leaf, ...]
    rows: int
    """How many rows it is about, at most, and about."""
    reads_maps: bool
    is_about_everyone: bool
    """Whether it reads all rows, and says of everyone that they exist."""
    is_for_arrays: bool = False
    """Whether its rows are read, and counted in memory (0026)."""
    is_by_name: bool = False
    """Whether they are read where the log is in order of name (0033)."""

    @property
    def subjects(self) -> frozenset[Subject]:
        """The kinds of rows that its leaves are about."""
        return frozenset(subject for leaf in self.leaves for subject in subjects_of_leaf(leaf))

    def cost(self, everything: int, costs: Costs) -> float:
        """What its statement costs over a log of so many rows."""
        scanned = everything * (costs.scan + (costs.maps if self.reads_maps else 0))
        return costs.statement + scanned + self.rows * len(self.leaves) * costs.leaf

    def with_(self, other: "Group", everything: int) -> "Group":
        """The two in one statement."""
        return Group(
            leaves=(*self.leaves, *other.leaves),
            rows=min(everything, self.rows + other.rows),
            reads_maps=self.reads_maps or other.reads_maps,
            is_about_everyone=self.is_about_everyone or other.is_about_everyone,
        )


def grouped(
    leaves: Collection[Leaf],
    *,
    everyone: bool,
    columns: Columns,
    rows: Mapping[Subject, int],
    everything: int,
    costs: Costs,
) -> Sequence[Group]:
    """The leaves in groups that are cheap together; where everyone is needed, one group says who that is."""
    chosen: Collection[Leaf] = ()
    if everything >= costs.arrays:
        scalar = set(columns.promoted) - set(columns.listed)
        chosen = [
            leaf
            for leaf in leaves
            if _paths_of(leaf).issubset(columns.promoted) and is_for_arrays(leaf, scalar)
        ]
    alone = [leaf for leaf in chosen if _is_read_by_name(leaf, columns.by_name)]
    counted = [
        *_counted_in_memory(
            [leaf for leaf in chosen if leaf not in set(alone)],
            everyone=everyone,
            rows=rows,
            everything=everything,
        ),
        *_counted_by_name(alone, rows=rows, everything=everything),
    ]
    others = [leaf for leaf in leaves if leaf not in set(chosen)]
    is_missing = everyone and not any(group.is_about_everyone for group in counted)
    if not others and not is_missing:
        return counted
    return [
        *counted,
        *_aggregated(
            others,
            everyone=is_missing,
            promoted=columns.promoted,
            rows=rows,
            everything=everything,
            costs=costs,
        ),
    ]


def _counted_in_memory(
    leaves: Collection[Leaf], *, everyone: bool, rows: Mapping[Subject, int], everything: int
) -> Sequence[Group]:
    """Leaves whose rows are read, all at once where there is room: a scan costs more than leaves."""
    parts: list[dict[Leaf, None]] = []
    needs: set[object] = set()
    # Leaves about the same rows stay together where there is no room for all.
    for leaf in sorted(leaves, key=lambda leaf: subject_of_leaf(leaf).name):
        more = needs_of(leaf)
        if not parts or len(needs | more) > MOST_NEEDS:
            parts.append({})
            needs = set()
        needs |= more
        parts[-1][leaf] = None
    return [
        Group(
            leaves=tuple(part),
            rows=everything
            if everyone and not place
            else min(everything, sum(rows.get(subject, 0) for subject in set(map(subject_of_leaf, part)))),
            reads_maps=False,
            is_about_everyone=everyone and not place,
            is_for_arrays=True,
        )
        for place, part in enumerate(parts)
    ]


def _is_read_by_name(leaf: Leaf, paths: Collection[str] | None) -> bool:
    """Whether its rows lie together where the log is in order of name, with all that it needs of them."""
    return paths is not None and subject_of_leaf(leaf) != ACTIVITY and _paths_of(leaf).issubset(paths)


def _counted_by_name(
    leaves: Collection[Leaf], *, rows: Mapping[Subject, int], everything: int
) -> Sequence[Group]:
    """Each event's leaves by themselves; those of rare events together, as each statement has its price."""
    apart: dict[Subject | None, list[Leaf]] = {}
    for leaf in leaves:
        subject = subject_of_leaf(leaf)
        is_rare = rows.get(subject, 0) * _RARE < everything
        apart.setdefault(None if is_rare else subject, []).append(leaf)
    return [
        replace(group, is_by_name=True)
        for some in apart.values()
        for group in _counted_in_memory(some, everyone=False, rows=rows, everything=everything)
    ]


def _aggregated(
    leaves: Collection[Leaf],
    *,
    everyone: bool,
    promoted: Collection[str],
    rows: Mapping[Subject, int],
    everything: int,
    costs: Costs,
) -> Sequence[Group]:
    """Leaves that the engine aggregates, in groups that are cheap together."""
    apart: dict[tuple[frozenset[Subject], bool], list[Leaf]] = {}
    for leaf in leaves:
        key = (subjects_of_leaf(leaf), not _paths_of(leaf).issubset(promoted))
        apart.setdefault(key, []).append(leaf)
    groups = [
        Group(
            leaves=tuple(some),
            rows=sum(rows.get(one, 0) for one in subjects),
            reads_maps=reads_maps,
            is_about_everyone=False,
        )
        for (subjects, reads_maps), some in apart.items()
    ]
    if everyone:
        groups.append(Group(leaves=(), rows=everything, reads_maps=False, is_about_everyone=True))
    return _united(groups, everything, costs)


def _paths_of(leaf: Leaf) -> set[str]:
    return set() if isinstance(leaf, SeenBefore) else set(paths_in(leaf))


def _united(groups: list[Group], everything: int, costs: Costs) -> list[Group]:
    """Neighbours by size put together as long as that is cheaper."""
    groups = sorted(groups, key=lambda group: (group.reads_maps, group.rows))
    while len(groups) > 1:
        gains = [_gain(one, other, everything, costs) for one, other in pairwise(groups)]
        best = max(range(len(gains)), key=gains.__getitem__)
        if gains[best] <= 0:
            break
        groups[best : best + 2] = [groups[best].with_(groups[best + 1], everything)]
    return groups


def _gain(one: Group, other: Group, everything: int, costs: Costs) -> float:
    together = one.with_(other, everything)
    return one.cost(everything, costs) + other.cost(everything, costs) - together.cost(everything, costs)
