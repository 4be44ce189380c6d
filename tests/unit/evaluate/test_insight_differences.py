"""Whether two periods differ, by a published figure and at the edges."""

import pytest

from perennial.evaluate.insights.answers import compared_rates, wilson
from perennial.evaluate.insights.differences import differences
from perennial.kernel.values import Json


def steps(*people: int) -> dict[str, Json]:
    listed: list[Json] = [
        {"step": place, "people": count, "breakdown": None} for place, count in enumerate(people)
    ]
    return {"steps": listed}


def test_two_proportions_against_scipy_and_by_hand() -> None:
    # 44,700 and 45,489 players, 19.02 % and 18.20 % after seven days (Cookie Cats): z = 3.16, p = 0.0016.
    found = compared_rates((8502, 8279), (44700, 45489))
    assert isinstance(found, dict)
    assert found["difference"] == pytest.approx(0.00820, abs=1e-5)
    assert found["p_value"] == pytest.approx(0.00155, abs=1e-5)


def test_few_people_and_equal_shares_are_not_called_different() -> None:
    few = compared_rates((3, 1), (9, 9))
    assert few == {"difference": None, "p_value": None, "reason": "too_few_people"}
    nobody = compared_rates((0, 0), (50, 70))
    assert nobody == {"difference": 0.0, "p_value": 1.0, "reason": None}


def test_wilson_interval_of_a_textbook_case() -> None:
    # Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662; 0 of 20 is 0 to 0.1611.
    assert wilson(81, 263) == pytest.approx([0.2553, 0.3662], abs=1e-4)
    assert wilson(0, 20) == pytest.approx([0.0, 0.1611], abs=1e-4)
    assert wilson(0, 0) is None


def test_each_step_of_a_funnel_is_compared_with_its_first() -> None:
    found = list(differences("funnel", steps(100, 60, 30), steps(200, 80, 60)))
    shares = [(one["step"], one["difference"]) for one in found if isinstance(one, dict)]
    assert shares == [(1, pytest.approx(0.2)), (2, pytest.approx(0.0))]


def test_columns_of_retention_leave_out_what_has_not_ended() -> None:
    def cohort(size: int, came: int, *, incomplete: bool) -> Json:
        cells: list[Json] = [
            {"k": 0, "value": size, "incomplete": False},
            {"k": 1, "value": came, "incomplete": incomplete},
        ]
        return {"size": size, "cells": cells}

    now: dict[str, Json] = {"cohorts": [cohort(100, 50, incomplete=False), cohort(900, 1, incomplete=True)]}
    before: dict[str, Json] = {"cohorts": [cohort(100, 30, incomplete=False)]}
    [found] = differences("retention", now, before)
    assert isinstance(found, dict)
    assert (found["k"], found["difference"]) == (1, pytest.approx(0.2))


def test_other_kinds_have_no_share_to_compare() -> None:
    assert list(differences("trend", {"series": []}, {"series": []})) == []
