"""What goals are owed to: the touches before each, with a weight; a goal's weights make one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.model import AttributionModel
from perennial.evaluate.insights.ports import Flags, Ids, Instants

_Whole = NDArray[np.int64]
_ENDS, _BETWEEN = 0.4, 0.2
"""Of the position model: the first and the last touch, and all between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """Every share of a goal: which goal's row, which touch's row (-1 where nothing came before), how much."""

    goal: _Whole
    touch: _Whole
    weight: NDArray[np.float64]


def credits_of(
    people: Ids,
    at: Instants,
    goals: Flags,
    touches: Flags,
    *,
    model: AttributionModel,
    lookback: int,
    half_life: int,
) -> Credits:
    """The shares of goals among the touches up to `lookback` before them; rows by person, then time.

    An event is no touch of itself. Five models: first, last, linear, position 40/20/40, and decay, where a
    touch counts half for every `half_life` before the goal.
    """
    goal = np.flatnonzero(goals)
    touching = np.flatnonzero(touches)
    # Where a person's rows begin, and the first row within the look-back.
    begins = np.searchsorted(people, people[goal], side="left")
    earliest = _first_within(at, begins, goal, at[goal] - lookback)
    first = np.searchsorted(touching, earliest, side="left")
    # A touch of the goal's own instant came before it (ties are in the order of the steps).
    is_last = np.append((people[1:] != people[:-1]) | (at[1:] != at[:-1]), [True])[: len(at)]
    ends = np.flatnonzero(is_last)
    instant_ends = ends[np.searchsorted(ends, goal, side="left")] if len(goal) else goal
    last = np.where(
        touches[goal],
        np.searchsorted(touching, goal, side="left"),
        np.searchsorted(touching, instant_ends, side="right"),
    )
    count = last - first
    has_none = count == 0
    which = np.repeat(np.arange(len(goal)), count)
    place = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    touch = touching[np.repeat(first, count) + place]
    age = (at[goal][which] - at[touch]) / half_life
    weight = _weights(model, place, count[which], age)
    total = np.bincount(which, weights=weight, minlength=len(goal))
    weight = weight / np.where(total[which] > 0, total[which], 1.0)
    return Credits(
        goal=np.concatenate([goal[which], goal[has_none]]),
        touch=np.concatenate([touch, np.full(int(has_none.sum()), -1, dtype=np.int64)]),
        weight=np.concatenate([weight, np.ones(int(has_none.sum()))]),
    )


def _weights(
    model: AttributionModel, place: _Whole, count: _Whole, age: NDArray[np.float64]
) -> NDArray[np.float64]:
    match model:
        case "first":
            return (place == 0).astype(np.float64)
        case "last":
            return (place == count - 1).astype(np.float64)
        case "linear":
            return np.ones(len(place))
        case "position":
            between = np.where(count > 2, _BETWEEN / np.maximum(count - 2, 1), 0.0)
            is_end = (place == 0) | (place == count - 1)
            return np.where(is_end, _ENDS, between)
        case "decay":
            # Relative to the youngest touch, so that very old ones do not all vanish.
            return np.exp2(-(age - _least(age, place, count)))


def _least(age: NDArray[np.float64], place: _Whole, count: _Whole) -> NDArray[np.float64]:
    """The age of the last touch of each one's goal: touches are in order of time."""
    behind = np.arange(len(place)) + (count - 1 - place)
    return age[behind]


def _first_within(at: Instants, begins: _Whole, ends: _Whole, since: Instants) -> _Whole:
    """The first row of each half-open stretch of rows at or after an instant: all are sought at once."""
    low, high = begins.copy(), ends.copy()
    while (low < high).any():
        middle = (low + high) // 2
        later = (at[np.minimum(middle, len(at) - 1)] >= since) | (low >= high)
        high = np.where(later & (low < high), middle, high)
        low = np.where(~later & (low < high), middle + 1, low)
    return low
