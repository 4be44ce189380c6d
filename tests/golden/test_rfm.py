"""Scores with ties, worked by hand (predictive-models 3.3), and the same scores from stored cuts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.compute.profiles import Quantity
from perennial.compute.tags.model import ScorePart
from perennial.compute.tags.rules import cuts_between, part_cuts, scores, scores_by_cuts
from perennial.kernel.conditions import Aggregate, EventPattern

VALUES = np.array([1, 1, 1, 1, 1, 2, 3, 4, 5, 6], dtype=np.float64)
QUARTERS = st.lists(st.integers(-40, 40).map(lambda number: number / 4), min_size=1, max_size=60)


def a_part(*, lower_is_better: bool) -> ScorePart:
    quantity = Quantity(aggregate=Aggregate(kind="count"), pattern=EventPattern(event="order_paid"))
    return ScorePart(name="r", quantity=quantity, lower_is_better=lower_is_better, cuts=None)


def test_equal_people_score_the_same_by_their_average_rank() -> None:
    assert scores(VALUES, 5).tolist() == [2, 2, 2, 2, 2, 3, 4, 4, 5, 5]


def test_the_stored_cuts_give_the_same_scores_again() -> None:
    cuts = cuts_between(VALUES, 5)
    assert cuts == (pytest.approx(1.0, abs=1e-6), 1.5, 2.5, 4.5)
    assert scores_by_cuts(VALUES, cuts, lower_is_better=False).tolist() == [2, 2, 2, 2, 2, 3, 4, 4, 5, 5]


def test_for_recency_the_newest_score_highest() -> None:
    cuts = part_cuts(a_part(lower_is_better=True), VALUES, 5)
    # -6 … -1 ranked: 6, 5 score 1, 4, 3 score 2, 2 scores 3, and the five equal ones share rank 8 of 10.
    assert scores_by_cuts(VALUES, cuts, lower_is_better=True).tolist() == [4, 4, 4, 4, 4, 3, 2, 2, 1, 1]


def test_where_everybody_is_equal_everybody_is_in_the_middle() -> None:
    equal = np.full(7, 3.0)
    cuts = cuts_between(equal, 5)
    assert len(cuts) == 2
    assert set(scores_by_cuts(equal, cuts, lower_is_better=False).tolist()) == {3}


@given(values=QUARTERS, quantiles=st.integers(2, 10))
def test_cuts_never_score_differently_from_ranks(values: list[float], quantiles: int) -> None:
    numbers = np.array(values)
    direct = scores(numbers, quantiles)
    assert (
        scores_by_cuts(numbers, cuts_between(numbers, quantiles), lower_is_better=False).tolist()
        == direct.tolist()
    )


@given(values=QUARTERS, quantiles=st.integers(2, 10))
def test_recency_by_cuts_is_the_ranking_turned_round(values: list[float], quantiles: int) -> None:
    numbers = np.array(values)
    cuts = part_cuts(a_part(lower_is_better=True), numbers, quantiles)
    assert list(cuts) == sorted(cuts)
    assert (
        scores_by_cuts(numbers, cuts, lower_is_better=True).tolist() == scores(-numbers, quantiles).tolist()
    )
