"""Customers in groups by recency, frequency and money, whose names stay from refresh to refresh. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from perennial.compute.profiles.ports import Quantities, Quantity
from perennial.compute.tags.clustering import (
    Points,
    by_chance,
    grouped,
    matched,
    nearest,
    refined,
    silhouette,
)
from perennial.compute.tags.columns import Coded
from perennial.compute.tags.model import ClusterTag, Groups, Scalar, TagColumn
from perennial.compute.tags.rules import RFM_GROUPS
from perennial.kernel.conditions.model import Aggregate
from perennial.kernel.windows import MICROSECOND, Between

FITTED = 50_000
"""People by whom centers are found; everybody is then put to the nearest."""
TRIED = 10_000
"""People by whom it is tried how many groups there are."""
_SEED = "groups of customers"
_MUCH_CLOSER = 0.9
"""Found anew, groups have to lie by so much closer together than those there were to replace them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What an earlier refresh of the same version came to."""

    groups: Groups
    column: TagColumn


def news_of(tag: ClusterTag, since: datetime, until: datetime) -> tuple[Quantity, ...]:
    """How often each part was done after an instant, up to another."""
    window = Between(start=since + MICROSECOND, end=until + MICROSECOND)
    count = Aggregate(kind="count")
    return tuple(
        Quantity(aggregate=count, pattern=part.quantity.pattern, window=window) for part in tag.parts
    )


def groups_for(tag: ClusterTag, scored: Quantities, before: Groups | None, *, at: datetime) -> Groups | None:
    """Where the groups of everyone scored lie now; None where nobody is.

    The first time their number is the one with the best silhouette of those the document allows. From then
    on it stays, each group begins where it was, and goes on under its name.
    """
    points = _features(tag, scored)
    if not len(points):
        return None
    mean, scale = points.mean(axis=0), points.std(axis=0)
    scale[scale == 0] = 1.0
    taken = points if len(points) <= FITTED else points[:: len(points) // FITTED + 1]
    standing = (taken - mean) / scale
    distinct = len(np.unique(standing, axis=0))
    old = None if before is None else (np.array(before.centers) - mean) / scale
    if before is not None and old is not None and len(old) <= distinct:
        centers = _continued(standing, old)
        names: Sequence[str] = [before.names[place] for place in matched(old, centers)]
    else:
        centers = _chosen(standing, range(tag.least, tag.most + 1), distinct)
        names = _names(centers)
    return Groups(
        computed_at=at,
        people=len(points),
        names=tuple(names),
        centers=tuple(tuple(row) for row in (centers * scale + mean).tolist()),
        scale=tuple(scale.tolist()),
        silhouette=silhouette(standing, nearest(standing, centers)),
        by_chance=by_chance(standing, len(centers), seed=_SEED),
    )


def grouped_column(
    tag: ClusterTag, scored: Quantities, groups: Groups, *, before: Before | None, news: NDArray[np.float64]
) -> TagColumn:
    """Everyone's group: the nearest; who did nothing since the refresh before keeps the one they had.

    Unless time alone may move people (`ages`). `news` says how often each person did each part since then.
    """
    scale = np.array(groups.scale)
    centers = np.array(groups.centers) / scale
    codes = nearest(_features(tag, scored) / scale, centers)
    if before is not None and not tag.ages:
        known = {name: code for code, name in enumerate(groups.names)}
        had = _codes(before.column, scored.profile_ids, known)
        stays = (had >= 0) & ~(news > 0).any(axis=1)
        codes = np.where(stays, had, codes)
    return TagColumn(profile_ids=scored.profile_ids, values=Coded[Scalar](groups.names, codes))


def typical(tag: ClusterTag, groups: Groups) -> list[tuple[float, ...]]:
    """Of each group recency, frequency and money at its center, in their own units."""
    towards = np.array([-1.0 if part.lower_is_better else 1.0 for part in tag.parts])
    logs = np.array(groups.centers) * towards
    return [tuple(row) for row in (np.sign(logs) * np.expm1(np.abs(logs))).tolist()]


def _features(tag: ClusterTag, scored: Quantities) -> Points:
    """Logarithms, so that ten times as much is as far everywhere; higher is better in each."""
    values = scored.values
    logs = np.sign(values) * np.log1p(np.abs(values))
    return logs * np.array([-1.0 if part.lower_is_better else 1.0 for part in tag.parts])


def _continued(points: Points, old: Points) -> Points:
    """Where the old centers come to, unless groups found anew lie much closer together."""
    onward, anew = refined(points, old), grouped(points, len(old), seed=_SEED)
    return anew.centers if anew.spread < _MUCH_CLOSER * onward.spread else onward.centers


def _chosen(points: Points, sizes: range, distinct: int) -> Points:
    """The centers of the number of groups with the best silhouette; of equal ones, of the fewest."""
    possible = [size for size in sizes if size <= distinct] or [distinct]
    few = points[:: len(points) // TRIED + 1]
    if len(possible) == 1 or len(np.unique(few, axis=0)) < possible[-1]:
        few = points
    found = [grouped(few, size, seed=_SEED).centers for size in possible]
    best = max(found, key=lambda centers: silhouette(few, nearest(few, centers)))
    return best if few is points else refined(points, best).centers


def _names(centers: Points) -> list[str]:
    """The RFM group that a center is in by being above or below average; several in one are numbered."""
    found = [RFM_GROUPS[bool(r > 0), bool(f > 0), bool(m > 0)].id for r, f, m in centers]
    order = sorted(range(len(found)), key=lambda place: -float(centers[place].sum()))
    seen: Counter[str] = Counter()
    names = list(found)
    for place in order:
        seen[found[place]] += 1
        if seen[found[place]] > 1:
            names[place] = f"{found[place]}_{seen[found[place]]}"
    return names


def _codes(column: TagColumn, people: NDArray[np.uint64], known: dict[str, int]) -> NDArray[np.int64]:
    """The code of the value that each of these people had; -1 where they had none that there is now."""
    codes = np.full(len(people), -1, dtype=np.int64)
    had = np.array([known.get(str(value), -1) for value in column.values], dtype=np.int64)
    if not len(had):
        return codes
    at = np.minimum(np.searchsorted(column.profile_ids, people), len(had) - 1)
    is_there = column.profile_ids[at] == people
    codes[is_there] = had[at[is_there]]
    return codes
