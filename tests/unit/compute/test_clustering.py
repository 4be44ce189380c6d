"""k-means against a plain computation of it, point by point; and groups that keep their names and people."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from math import dist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.compute.profiles.ports import Quantities
from perennial.compute.tags import parse_tag
from perennial.compute.tags.clustering import by_chance, grouped, matched, nearest, refined, silhouette
from perennial.compute.tags.grouping import Before, grouped_column, groups_for, typical
from perennial.compute.tags.model import ClusterTag, Groups, Scalar
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.ids import bucket
from perennial.kernel.values import Json
from perennial.testing import at

NOON = at().as_of
Point = tuple[float, ...]
coordinates = st.integers(-20, 20).map(float)
crowds = st.lists(st.tuples(coordinates, coordinates, coordinates), min_size=6, max_size=30, unique=True)


def noise(number: int, salt: str) -> float:
    return bucket(str(number), salt=salt) * 2 - 1


# --- plain computations ---------------------------------------------------------------------------


def plain_nearest(point: Point, centers: Sequence[Point]) -> int:
    return min(range(len(centers)), key=lambda place: (dist(point, centers[place]) ** 2, place))


def plain_silhouette(points: Sequence[Point], labels: Sequence[int]) -> float:
    widths: list[float] = []
    for place, point in enumerate(points):
        away = {
            label: [
                dist(point, other) for at, other in enumerate(points) if labels[at] == label and at != place
            ]
            for label in set(labels)
        }
        own = away.pop(labels[place])
        if not own or not away:
            widths.append(0.0)
            continue
        inside = sum(own) / len(own)
        outside = min(sum(each) / len(each) for each in away.values())
        widths.append(0.0 if inside == outside == 0 else (outside - inside) / max(inside, outside))
    return sum(widths) / len(widths)


@settings(max_examples=100, deadline=None)
@given(crowds, st.integers(2, 5))
def test_groups_are_where_a_plain_k_means_comes_to_rest(crowd: list[Point], k: int) -> None:
    points = np.array(crowd)
    found = grouped(points, k, seed="s")
    centers = [tuple(row) for row in found.centers.tolist()]
    labels = [plain_nearest(point, centers) for point in crowd]
    assert nearest(points, found.centers).tolist() == labels
    for place, center in enumerate(centers):
        theirs = [point for point, label in zip(crowd, labels, strict=True) if label == place]
        assert theirs, "no group is empty"
        assert center == pytest.approx(tuple(sum(axis) / len(theirs) for axis in zip(*theirs, strict=True)))
    spread = sum(dist(point, centers[label]) ** 2 for point, label in zip(crowd, labels, strict=True))
    assert found.spread == pytest.approx(spread)
    assert silhouette(points, np.array(labels)) == pytest.approx(plain_silhouette(crowd, labels), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda k: st.tuples(*[st.lists(st.tuples(coordinates, coordinates), min_size=k, max_size=k)] * 2)
    )
)
def test_centers_continue_those_that_are_nearest_all_together(pair: tuple[list[Point], list[Point]]) -> None:
    before, after = pair
    found = matched(np.array(before), np.array(after))
    assert sorted(found) == list(range(len(before)))

    def cost(order: Sequence[int]) -> float:
        return sum(dist(after[row], before[place]) ** 2 for row, place in enumerate(order))

    assert cost(found) == pytest.approx(min(cost(order) for order in permutations(range(len(before)))))


def test_a_group_that_lost_its_points_begins_anew_where_points_are_far_from_theirs() -> None:
    points = np.array([[0.0], [1.0], [10.0], [11.0]])
    assert sorted(refined(points, np.array([[0.5], [-90.0]])).centers.ravel().tolist()) == [0.5, 10.5]


# --- customers ------------------------------------------------------------------------------------

KINDS = ((2.0, 40.0, 2_000.0), (5.0, 2.0, 1_500.0), (200.0, 1.0, 15.0))
"""Recency, frequency and money of three kinds of customers that nobody would mix up."""
PER_KIND = 60


def kmeans(**more: Json) -> ClusterTag:
    document: Json = {"id": "kinds", "rfm": {"of": "order_paid", "f": "count", "kmeans": {**more} or True}}
    recipe = parse_tag(document).recipe
    assert isinstance(recipe, ClusterTag)
    return recipe


def customers(*, shift: float = 1.0) -> Quantities:
    rows = [
        [measure * shift * (1 + 0.3 * noise(number * 3 + part, "kind")) for part, measure in enumerate(kind)]
        for number, kind in enumerate(kind for kind in KINDS for _ in range(PER_KIND))
    ]
    return Quantities(profile_ids=np.arange(1, len(rows) + 1, dtype=np.uint64), values=np.array(rows))


def fitted(tag: ClusterTag, scored: Quantities, before: Groups | None = None) -> Groups:
    found = groups_for(tag, scored, before, at=NOON)
    assert found is not None
    return found


def values(tag: ClusterTag, scored: Quantities, groups: Groups) -> list[Scalar]:
    return list(grouped_column(tag, scored, groups, before=None, news=np.zeros((0, 3))).values)


def test_the_number_of_groups_is_the_one_that_separates_them_best() -> None:
    tag, scored = kmeans(), customers()
    groups = fitted(tag, scored)
    assert len(groups.names) == 3
    assert groups.has_structure
    found = values(tag, scored, groups)
    kinds = [set(found[start : start + PER_KIND]) for start in range(0, len(found), PER_KIND)]
    assert kinds == [{"champions"}, {"big_spenders"}, {"lost"}]
    by_name = dict(zip(groups.names, typical(tag, groups), strict=True))
    assert by_name["champions"] == pytest.approx(KINDS[0], rel=0.1)
    assert fitted(tag, scored) == groups  # the same people, the same groups


def test_a_number_that_is_given_is_kept_to() -> None:
    groups = fitted(kmeans(groups=4), customers())
    assert len(groups.names) == len(set(groups.names)) == 4
    assert fitted(kmeans(groups={"from": 5, "to": 5}), customers()).people == 3 * PER_KIND


def test_names_go_on_while_everybody_moves() -> None:
    tag = kmeans()
    groups, scored = fitted(tag, customers()), customers()
    first = values(tag, scored, groups)
    for step in range(1, 6):
        scored = customers(shift=1 + step / 4)
        groups = fitted(tag, scored, groups)
        assert values(tag, scored, groups) == first


def test_with_fewer_people_than_groups_there_are_fewer_and_with_nobody_none() -> None:
    two = customers()
    two = Quantities(profile_ids=two.profile_ids[:2], values=two.values[:2])
    assert len(fitted(kmeans(groups=5), two).names) == 2
    nobody = Quantities(profile_ids=two.profile_ids[:0], values=two.values[:0])
    assert groups_for(kmeans(), nobody, None, at=NOON) is None
    same = Quantities(profile_ids=two.profile_ids, values=np.ones((2, 3)))
    assert len(fitted(kmeans(), same).names) == 1


def test_columns_that_are_shuffled_have_no_structure() -> None:
    scored = customers()
    order = [
        sorted(range(len(scored.values)), key=lambda one, part=part: bucket(str(one), salt=f"shuffle {part}"))
        for part in range(3)
    ]
    mixed = np.column_stack([scored.values[order[part], part] for part in range(3)])
    shuffled = Quantities(profile_ids=scored.profile_ids, values=mixed)
    assert not fitted(kmeans(groups=3), shuffled).has_structure
    assert fitted(kmeans(groups=3), scored).has_structure
    assert by_chance(np.ones((5, 3)), 2, seed="s") == 0.0


def test_who_did_nothing_keeps_the_group_and_who_did_goes_to_the_nearest() -> None:
    tag, scored = kmeans(), customers()
    groups = fitted(tag, scored)
    column = grouped_column(tag, scored, groups, before=None, news=np.zeros((0, 3)))
    before = Before(groups=groups, column=column)
    # Everyone has now what the lost have; but only the first of the champions did anything.
    later = replace(scored, values=np.tile(scored.values[-1], (len(scored.values), 1)))
    news = np.zeros((len(scored.values), 3))
    news[0, 1] = 1.0
    held = list(grouped_column(tag, later, groups, before=before, news=news).values)
    assert held == ["lost", *column.values][: len(held)][:1] + list(column.values)[1:]
    aged = grouped_column(kmeans(ages=True), later, groups, before=before, news=news)
    assert set(aged.values) == {"lost"}


def test_somebody_new_is_nobody_who_stays() -> None:
    tag, scored = kmeans(), customers()
    groups = fitted(tag, scored)
    column = grouped_column(tag, scored, groups, before=None, news=np.zeros((0, 3)))
    few = replace(column, profile_ids=column.profile_ids[1:], values=column.values[1:])
    before = Before(groups=groups, column=few)
    news = np.zeros((len(scored.values), 3))
    assert list(grouped_column(tag, scored, groups, before=before, news=news).values) == list(column.values)


@pytest.mark.parametrize(
    ("rfm", "path", "code"),
    [
        ({"kmeans": {"groups": 1}}, "$.rfm.kmeans.groups", "bad_number_of_groups"),
        ({"kmeans": {"groups": "three"}}, "$.rfm.kmeans.groups", "bad_number_of_groups"),
        ({"kmeans": {"groups": {"from": 5, "to": 3}}}, "$.rfm.kmeans.groups", "not_ascending"),
        ({"kmeans": {"groups": {"form": 5}}}, "$.rfm.kmeans.groups.form", "unknown_key"),
        ({"kmeans": {"k": 3}}, "$.rfm.kmeans.k", "unknown_key"),
        ({"kmeans": {"ages": 3}}, "$.rfm.kmeans.ages", "wrong_type"),
        ({"kmeans": 3}, "$.rfm.kmeans", "wrong_type"),
        ({"kmeans": True, "quantiles": 5}, "$.rfm.quantiles", "several_forms"),
        ({"kmeans": {}, "cuts": {"f": [2]}}, "$.rfm.cuts", "several_forms"),
    ],
)
def test_mistakes_about_groups_are_told_with_their_place(rfm: dict[str, Json], path: str, code: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_tag({"id": "kinds", "rfm": {"of": "order_paid", **rfm}})
    assert [(one.path, one.code) for one in refused.value.problems] == [(path, code)]


def test_the_day_after_is_another_time_for_the_same_groups() -> None:
    groups = fitted(kmeans(), customers())
    later = groups_for(kmeans(), customers(), groups, at=NOON + timedelta(days=1))
    assert later is not None
    assert later == replace(groups, computed_at=later.computed_at, centers=later.centers)
