"""Answers that were found before some people were merged, written down after it."""

import numpy as np

from perennial.compute.segments.rules import follow as members_following
from perennial.compute.tags.model import TagColumn
from perennial.compute.tags.rules import follow as values_following
from perennial.kernel.ids import ProfileId

BECAME = {ProfileId(2): ProfileId(5), ProfileId(3): ProfileId(5), ProfileId(9): ProfileId(1)}


def ids(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(numbers, dtype=np.uint64)


def test_a_lost_member_is_counted_once_under_the_kept_one() -> None:
    assert members_following(ids(2, 3, 4, 5), BECAME).tolist() == [4, 5]
    assert members_following(ids(2, 4), BECAME).tolist() == [4, 5]


def test_members_nobody_merged_stay_as_they_are() -> None:
    found = ids(4, 6)
    assert members_following(found, BECAME) is found


def test_the_kept_ones_own_value_stands_before_that_of_who_is_lost() -> None:
    column = TagColumn(
        profile_ids=ids(2, 3, 5, 9),
        values=("lost", "lost too", "kept", "only"),
        details=({"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}),
    )
    followed = values_following(column, BECAME)
    assert list(followed.rows()) == [(1, "only", {"n": 4}), (5, "kept", {"n": 3})]


def test_a_lost_ones_value_stands_where_the_kept_one_has_none() -> None:
    followed = values_following(TagColumn(profile_ids=ids(2, 3, 4), values=(7, 8, 9)), BECAME)
    assert list(followed.rows()) == [(4, 9, None), (5, 7, None)]
