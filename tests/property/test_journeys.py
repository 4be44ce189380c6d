"""Walking a journey: nothing is lost and nothing is repeated, however often and in whatever portions."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.decide.journey_builders import (
    HOUR,
    NOON,
    an_occurrence,
    enrolled,
    published,
    try_entry,
    winback,
)

from perennial.decide.journeys import Enrollment, Step, advance, journey_document, parse_journey
from perennial.decide.journeys.model import Effect, Facts, Zones
from perennial.kernel.ids import NodeId, ProfileId
from perennial.kernel.values import Json


@st.composite
def charts(draw: st.DrawFn) -> dict[str, Json]:
    """Charts without dead ends: node n leads to later nodes, and back only from behind a wait."""
    count = draw(st.integers(1, 8))
    nodes: dict[str, Json] = {f"n{count}": {"exit": {"outcome": "end"}}}
    for number in range(count):
        nodes[f"n{number}"] = draw(_node(number, count))
    # Every node is reachable: each has one edge to the next.
    return winback(start="n0", nodes=nodes, control=draw(st.sampled_from(["none", "30%"])))


@st.composite
def _node(draw: st.DrawFn, number: int, count: int) -> Json:
    onward = f"n{number + 1}"
    jump = f"n{draw(st.integers(number + 1, count))}"
    match draw(st.sampled_from(["wait", "branch", "split", "send", "join"])):
        case "wait":
            return {"wait": f"{draw(st.integers(1, 5))}h", "then": onward}
        case "branch":
            return {"branch": [{"if": {"trait": "x", "set": True}, "then": jump}], "else": onward}
        case "split":
            arms: Json = [{"id": "a", "weight": 1, "then": onward}, {"id": "b", "weight": 2, "then": jump}]
            return {"split": {"arms": arms}}
        case "send":
            return {"send": {"channel": "email", "template": "t", "topic": "marketing"}, "then": onward}
        case _:
            return {"join": True, "then": onward}


def answers(chart: dict[str, Json], *, holds: bool) -> Facts:
    nodes = chart["nodes"]
    assert isinstance(nodes, dict)
    return {NodeId(str(name)): (holds,) for name in nodes}


def walk(chart: dict[str, Json], hours: Sequence[int], *, holds: bool) -> tuple[Enrollment, list[Effect]]:
    journey = published(chart)
    run, effects = enrolled(journey), list[Effect]()
    for hour in hours:
        step = advance(journey, run, now=NOON + hour * HOUR, facts=answers(chart, holds=holds), zones=Zones())
        effects.extend(step.effects)
        run = step.enrollment
    return run, effects


@given(charts(), st.booleans(), st.lists(st.integers(0, 60), max_size=20))
def test_looking_more_often_changes_nothing(chart: dict[str, Json], holds: bool, extra: list[int]) -> None:
    hourly = list(range(60))
    assert walk(chart, hourly, holds=holds) == walk(chart, sorted([*hourly, *extra]), holds=holds)


@given(charts(), st.booleans())
def test_every_run_ends_once_and_no_effect_has_anothers_id(chart: dict[str, Json], holds: bool) -> None:
    run, effects = walk(chart, range(60), holds=holds)
    assert run.status == "left"
    ids = [getattr(effect, "message_id", None) or getattr(effect, "decision_id", "") for effect in effects]
    assert len(set(ids)) == len(ids)
    assert len([effect for effect in effects if getattr(effect, "name", "") == "journey_left"]) == 1


@given(charts())
def test_a_chart_is_written_back_as_it_was_meant(chart: dict[str, Json]) -> None:
    journey = parse_journey(chart)
    assert parse_journey(journey_document(journey)) == journey


@given(st.integers(1, 2**63 - 1), st.lists(st.integers().map(str), min_size=1, max_size=4, unique=True))
def test_a_person_keeps_their_arm_whatever_the_key(profile: int, carts: list[str]) -> None:
    journey = published(winback(control="40%", reentry="always"))
    steps = [
        try_entry(journey, an_occurrence(profile_id=ProfileId(profile), properties={"cart_id": cart}))
        for cart in carts
    ]
    assert len({step.enrollment.arm for step in steps if isinstance(step, Step)}) == 1
