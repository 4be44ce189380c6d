"""The loops of insights against a plain telling of the same definitions, on random sequences."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perennial.evaluate.insights.model import AttributionModel, Order
from perennial.evaluate.insights.sequences import (
    FunnelRules,
    PathRules,
    credits_of,
    gaps_of,
    run_funnel,
    visits_of,
    walk,
)
from perennial.testing import reference_insights as reference
from perennial.testing.reference_insights import Happening

STEPS = 4
ITEMS = "abc"
times = st.integers(0, 12)


@st.composite
def histories(draw: st.DrawFn, *, exclusions: int = 0) -> list[Happening]:
    """A person's events in order of time; several of one instant, of no step, of several steps."""
    events = draw(
        st.lists(
            st.builds(
                Happening,
                at=times,
                steps=st.frozensets(st.integers(1, STEPS), max_size=2),
                excluded=st.frozensets(st.integers(0, exclusions - 1), max_size=1)
                if exclusions
                else st.just(frozenset[int]()),
            ),
            max_size=10,
        )
    )
    return sorted(events, key=lambda one: one.at)


def depths(people: Sequence[Sequence[Happening]], rules: FunnelRules) -> list[int]:
    """The kernel's answer about several people at once."""
    firsts = np.cumsum([0, *(len(events) for events in people)])
    events = [event for one in people for event in one]
    found = run_funnel(
        firsts,
        np.array([event.at for event in events], dtype=np.int64),
        np.array([sum(1 << (step - 1) for step in event.steps) for event in events], dtype=np.uint32),
        np.array([sum(1 << kind for kind in event.excluded) for event in events], dtype=np.uint32),
        rules,
    )
    depth = [0] * len(people)
    for place, deep, dropped in zip(found.sequence, found.depth, found.is_dropped, strict=True):
        depth[place] = 0 if dropped else int(deep)
    return depth


def rules(order: Order, window: int, **more: tuple[int, ...] | tuple[tuple[int, int], ...]) -> FunnelRules:
    return FunnelRules(
        steps=STEPS,
        window=window,
        start=-1,
        end=100,
        order=order,
        optional=more.get("optional", ()),  # pyright: ignore[reportArgumentType]  one of the two shapes
        exclusions=more.get("exclusions", ()),  # pyright: ignore[reportArgumentType]
    )


@given(people=st.lists(histories(), min_size=1, max_size=4), window=times, strict=st.booleans())
def test_ordered_and_strict_funnels(people: list[list[Happening]], window: int, strict: bool) -> None:
    found = depths(people, rules("strict" if strict else "ordered", window))
    assert found == [
        reference.funnel_depth(events, steps=STEPS, window=window, strict=strict) for events in people
    ]


@given(
    people=st.lists(histories(), min_size=1, max_size=4),
    window=times,
    optional=st.frozensets(st.integers(2, STEPS)),
)
def test_funnels_with_steps_that_may_be_left_out(
    people: list[list[Happening]], window: int, optional: frozenset[int]
) -> None:
    places = tuple(sorted(step - 1 for step in optional))
    assert depths(people, rules("ordered", window, optional=places)) == [
        reference.funnel_depth(events, steps=STEPS, window=window, optional=optional) for events in people
    ]


@given(
    people=st.lists(histories(exclusions=2), min_size=1, max_size=4),
    window=times,
    between=st.lists(
        st.tuples(st.integers(0, STEPS - 1), st.integers(0, STEPS - 1)).filter(
            lambda pair: pair[0] < pair[1]
        ),
        min_size=2,
        max_size=2,
    ),
)
def test_funnels_with_exclusions(
    people: list[list[Happening]], window: int, between: list[tuple[int, int]]
) -> None:
    assert depths(people, rules("ordered", window, exclusions=tuple(between))) == [
        reference.funnel_depth(events, steps=STEPS, window=window, between=between) for events in people
    ]


@given(people=st.lists(histories(), min_size=1, max_size=3), window=times)
def test_funnels_in_any_order(people: list[list[Happening]], window: int) -> None:
    assert depths(people, rules("any", window)) == [
        reference.any_order_depth(events, steps=STEPS, window=window) for events in people
    ]


@given(
    st.lists(st.tuples(times, st.booleans(), st.booleans()), max_size=12).map(
        lambda rows: sorted(rows, key=lambda row: row[0])
    )
)
def test_gaps(rows: list[tuple[int, bool, bool]]) -> None:
    at = np.array([row[0] for row in rows], dtype=np.int64) * 1_000_000
    starts, ends = (np.array([row[place] for row in rows], dtype=np.bool_) for place in (1, 2))
    found = gaps_of(np.zeros(len(rows), dtype=np.int64), at, starts, ends)
    assert found.seconds.tolist() == reference.gaps(rows)


@given(
    touches=st.lists(st.tuples(times, st.sampled_from(ITEMS)), max_size=8).map(sorted),
    goals=st.lists(times, max_size=4).map(sorted),
    model=st.sampled_from(("first", "last", "linear", "position", "decay")),
    lookback=times,
)
def test_credits_are_those_of_the_definition_and_sum_to_the_goals(
    touches: list[tuple[int, str]], goals: list[int], model: AttributionModel, lookback: int
) -> None:
    rows: list[tuple[int, int, str]] = [(at, 0, name) for at, name in touches]
    rows += [(at, 1, "") for at in goals]
    rows.sort(key=lambda row: row[:2])
    is_goal = np.array([row[1] == 1 for row in rows], dtype=np.bool_)
    found = credits_of(
        np.ones(len(rows), dtype=np.uint64),
        np.array([row[0] for row in rows], dtype=np.int64),
        is_goal,
        ~is_goal,
        model=model,
        lookback=lookback,
        half_life=3,
    )
    owed: dict[str, float] = {}
    shares: list[tuple[int, float]] = list(zip(found.touch.tolist(), found.weight.tolist(), strict=True))
    for touch, weight in shares:
        name = rows[touch][2] if touch >= 0 else "(none)"
        owed[name] = owed.get(name, 0.0) + weight
    expected: dict[str, float] = {}
    for goal in goals:
        for name, weight in reference.owed_by(
            touches, goal, model=model, lookback=lookback, half_life=3
        ).items():
            expected[name] = expected.get(name, 0.0) + weight
    assert {name: round(weight, 9) for name, weight in owed.items() if weight} == {
        name: round(weight, 9) for name, weight in expected.items() if weight
    }
    assert round(sum(owed.values()), 9) == len(goals)


@given(
    people=st.lists(
        st.lists(st.tuples(times, st.sampled_from(ITEMS)), max_size=10).map(
            lambda rows: sorted(rows, key=lambda row: row[0])
        ),
        max_size=3,
    ),
    gap=st.integers(1, 5),
    depth=st.integers(2, 4),
    collapses=st.booleans(),
)
def test_paths(people: list[list[tuple[int, str]]], gap: int, depth: int, collapses: bool) -> None:
    who = np.array([place for place, rows in enumerate(people) for _ in rows], dtype=np.uint64)
    at = np.array([row[0] for rows in people for row in rows], dtype=np.int64)
    item = np.array([ITEMS.index(row[1]) + 1 for rows in people for row in rows], dtype=np.int64)
    visits = visits_of(who, at, gap=gap)
    found = walk(who, visits.of_row, item, PathRules(depth=depth, collapses=collapses))
    counted: dict[tuple[int, str, str], int] = {}
    for place, origin, target in zip(found.place, found.origin, found.target, strict=True):
        key = (int(place), ITEMS[origin - 1], ITEMS[target - 1])
        counted[key] = counted.get(key, 0) + 1
    expected: dict[tuple[int, str, str], int] = {}
    for rows in people:
        for key, times_ in reference.edges(rows, gap=gap, depth=depth, collapses=collapses).items():
            expected[key] = expected.get(key, 0) + times_
    assert counted == expected
