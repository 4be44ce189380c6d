"""Groups of points that lie close together: k-means, how well they are separated, which goes on. Pure.

The same points give the same groups on every machine: beginnings are drawn from a seed that is given, sums
are added in the order of the points, and no threads take part.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perennial.kernel.ids import derive_number

Points = NDArray[np.float64]
"""One row for each point."""
Labels = NDArray[np.int64]
STARTS = 4
"""Of so many beginnings the best end counts."""
MOST_ROUNDS = 200
SAMPLE = 2_000
"""Points that are compared with each other for a silhouette: their number counts squared."""

SHUFFLED = 10_000
"""Points by which it is found what chance would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Where groups have their centers, and how far points lie from the nearest one."""

    centers: Points
    spread: float
    """The sum of squared distances of all points from their center."""


def nearest(points: Points, centers: Points) -> Labels:
    """For each point the place of the center that is nearest; of two that are equally near, the first."""
    labels, _ = _nearest(points, centers)
    return labels


def refined(points: Points, centers: Points) -> Grouping:
    """The groups that these centers come to: each moves to the middle of its points until none moves."""
    labels = np.full(len(points), -1, dtype=np.int64)
    centers = centers.copy()
    for _ in range(MOST_ROUNDS):
        now, distances = _nearest(points, centers)
        if np.array_equal(now, labels):
            break
        labels = now
        centers = _middles(points, labels, distances, len(centers))
    _, distances = _nearest(points, centers)
    return Grouping(centers=centers, spread=float(distances.sum()))


def grouped(points: Points, k: int, *, seed: str) -> Grouping:
    """The best of several beginnings (k-means++), by how close points lie to their centers.

    There have to be at least `k` different points.
    """
    found = [refined(points, _beginning(points, k, f"{seed} {start}")) for start in range(STARTS)]
    return min(found, key=lambda grouping: grouping.spread)


def silhouette(points: Points, labels: Labels) -> float:
    """How much nearer points are to their own group than to the next, from -1 to 1; 0 with a single group.

    Of more than `SAMPLE` points as many are taken, evenly by their order.
    """
    if len(points) > SAMPLE:
        taken = np.linspace(0, len(points) - 1, SAMPLE).astype(np.int64)
        points, labels = points[taken], labels[taken]
    names, own = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        return 0.0
    distances = np.sqrt(_squared_distances(points, points))
    sums = np.column_stack([distances[:, own == place].sum(axis=1) for place in range(len(names))])
    sizes = np.bincount(own)
    rows = np.arange(len(points))
    others = np.maximum(sizes[own] - 1, 1)
    inside = sums[rows, own] / others
    means = sums / sizes
    means[rows, own] = np.inf
    outside = means.min(axis=1)
    greater = np.maximum(inside, outside)
    widths = np.divide(outside - inside, greater, out=np.zeros(len(points)), where=greater > 0)
    widths[sizes[own] == 1] = 0.0  # by convention: alone in a group, a point is neither well nor badly placed
    return float(widths.mean())


def by_chance(points: Points, k: int, *, seed: str) -> float:
    """The silhouette of as many groups of points whose columns have nothing to do with each other.

    Each column is shuffled against the others: what is left is what each says by itself.
    """
    points = points[:: len(points) // SHUFFLED + 1]
    columns = [points[_order(len(points), f"{seed} {one}"), one] for one in range(points.shape[1])]
    moved = np.column_stack(columns)
    if len(np.unique(moved, axis=0)) < k:
        return 0.0
    return silhouette(moved, nearest(moved, grouped(moved, k, seed=seed).centers))


def matched(before: Points, after: Points) -> list[int]:
    """For each center after, the place of the center before that it continues: all together the nearest.

    There are as many before as after, and each continues one. Exact, by sets of those that are taken.
    """
    costs = _squared_distances(after, before)
    k = len(after)
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for row in range(k):
        following: dict[int, tuple[float, tuple[int, ...]]] = {}
        for taken, (cost, chosen) in best.items():
            for place in range(k):
                if taken >> place & 1:
                    continue
                step = (cost + float(costs[row, place]), (*chosen, place))
                key = taken | 1 << place
                if key not in following or step < following[key]:
                    following[key] = step
        best = following
    return list(best[(1 << k) - 1][1])


def _nearest(points: Points, centers: Points) -> tuple[Labels, NDArray[np.float64]]:
    """Center by center, so that millions of points need no matrix."""
    labels = np.zeros(len(points), dtype=np.int64)
    least = np.full(len(points), np.inf)
    for place, center in enumerate(centers):
        distances = ((points - center) ** 2).sum(axis=1)
        is_nearer = distances < least
        labels[is_nearer] = place
        least[is_nearer] = distances[is_nearer]
    return labels, least


def _middles(points: Points, labels: Labels, distances: NDArray[np.float64], k: int) -> Points:
    """The middle of each group; one without points begins anew at the point that is farthest off."""
    sizes = np.bincount(labels, minlength=k)
    sums = np.column_stack(
        [np.bincount(labels, weights=points[:, column], minlength=k) for column in range(points.shape[1])]
    )
    middles = sums / np.maximum(sizes, 1)[:, None]
    farthest = iter(np.argsort(-distances, kind="stable"))
    for place in np.flatnonzero(sizes == 0):
        middles[place] = points[next(farthest)]
    return middles


def _beginning(points: Points, k: int, seed: str) -> Points:
    """k-means++: each further center is drawn by its squared distance from those there are."""
    centers = points[[derive_number(seed, "0") % len(points)]]
    for place in range(1, k):
        _, distances = _nearest(points, centers)
        summed: NDArray[np.float64] = distances.cumsum()
        drawn = derive_number(seed, str(place)) / 2**63 * float(distances.sum())
        reached = int((summed <= drawn).sum())
        centers = np.vstack([centers, points[min(reached, len(points) - 1)]])
    return centers


def _order(length: int, seed: str) -> NDArray[np.intp]:
    """An order that looks like any other: by a hash of each place (the finish of splitmix64)."""
    mixed = np.arange(length, dtype=np.uint64) + np.uint64(derive_number(seed))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.argsort(mixed ^ (mixed >> np.uint64(31)), kind="stable")


def _squared_distances(points: Points, others: Points) -> NDArray[np.float64]:
    found = np.zeros((len(points), len(others)))
    for column in range(points.shape[1]):
        found += (points[:, column][:, None] - others[:, column][None, :]) ** 2
    return found
