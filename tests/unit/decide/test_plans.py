"""Publishing over a live journey: what a plan says, and what becomes of a run."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.unit.decide.journey_builders import DAY, HOUR, NOON, enrolled, published, winback

from perennial.decide.journeys.model import Enrollment, PublishedJourney, Step, Zones
from perennial.decide.journeys.plans import (
    Fate,
    Leave,
    Move,
    PlanNeeded,
    Standing,
    Stay,
    carry,
    check_covered,
    fate_of,
    read_plan,
    suggested,
    written_plan,
)
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import NodeId
from perennial.kernel.values import Json

PAUSE, OFFER, DONE = NodeId("pause"), NodeId("offer"), NodeId("done")
DRAFT = published().journey


def a_draft(**nodes: Json) -> PublishedJourney:
    """A second version of the winback, published an hour after noon, with other nodes."""
    document = winback()
    assert isinstance(document["nodes"], dict)
    version = published({**document, "nodes": {**document["nodes"], **nodes}}, version=2)
    return replace(version, published_at=NOON + HOUR)


def carried(fate: Fate, draft: PublishedJourney, run: Enrollment | None = None) -> Step:
    first = published()
    run = run or enrolled(first)
    return carry(run, fate, first.journey.nodes[run.node], draft, zones=Zones())


def told(step: Step) -> list[tuple[str, Mapping[str, Json]]]:
    return [(one.name, one.properties) for one in step.effects if isinstance(one, EmittedEvent)]


def test_a_plan_is_read_as_it_is_written() -> None:
    document: Json = {"pause": "stay", "offer": {"move": "remind"}, "*": {"exit": "changed"}}
    plan = read_plan(document, DRAFT)
    assert plan == {PAUSE: Stay(), OFFER: Move(to=NodeId("remind")), "*": Leave(outcome="changed")}
    assert written_plan(plan) == document
    assert (fate_of(plan, PAUSE), fate_of(plan, DONE)) == (Stay(), Leave(outcome="changed"))
    assert fate_of(read_plan("stay", DRAFT), DONE) == Stay()


def test_every_mistake_of_a_plan_is_told_at_its_place() -> None:
    document: Json = {"pause": {"move": "pauze"}, "offer": "go", "done": {"exit": "Not A Name!"}}
    with pytest.raises(InvalidDocument) as refused:
        read_plan(document, DRAFT)
    problems = {problem.path: problem for problem in refused.value.problems}
    assert {path: problem.code for path, problem in problems.items()} == {
        "$.plan.pause.move": "unknown_node",
        "$.plan.offer": "bad_plan",
        "$.plan.done": "bad_plan",
    }
    assert "pause" in problems["$.plan.pause.move"].hint


@pytest.mark.parametrize("document", ["go", 3, ["stay"], None, {"pause": {"move": "done", "exit": "x"}}])
def test_what_is_no_plan_is_refused(document: Json) -> None:
    with pytest.raises(InvalidDocument):
        read_plan(document, DRAFT)


def test_people_of_whom_the_plan_does_not_speak_are_counted_by_place() -> None:
    standing = [
        Standing(version=1, node=PAUSE, people=1200),
        Standing(version=2, node=PAUSE, people=34),
        Standing(version=2, node=OFFER, people=5),
    ]
    check_covered({PAUSE: Stay(), OFFER: Stay()}, standing)
    check_covered({NodeId("*"): Stay()}, standing)
    check_covered({}, [])
    with pytest.raises(PlanNeeded, match=r"1,234 people .* 1,234 at 'pause'"):
        check_covered({OFFER: Stay()}, standing)


def test_who_stays_is_left_alone() -> None:
    run = enrolled(published())
    assert carried(Stay(), a_draft()) == Step(enrollment=run)


def test_who_leaves_ends_under_the_outcome_of_the_plan_at_publication() -> None:
    step = carried(Leave(outcome="changed"), a_draft())
    run = step.enrollment
    assert (run.status, run.outcome, run.left_at, run.due_at) == ("left", "changed", NOON + HOUR, None)
    ((name, properties),) = told(step)
    assert (name, properties["cause"], properties["outcome"]) == ("journey_left", "plan:2", "changed")


def test_at_the_same_node_a_wait_goes_on_from_when_it_began() -> None:
    step = carried(Move(to=PAUSE), a_draft(pause={"wait": "48h", "then": "worth"}))
    run = step.enrollment
    assert (run.version, run.node, run.arrived_at, run.due_at) == (2, PAUSE, NOON, NOON + 2 * DAY)
    assert run.visits == {PAUSE: 1}
    ((name, properties),) = told(step)
    assert (name, properties["edge"], properties["next"], properties["version"]) == (
        "journey_step",
        "plan",
        "pause",
        "1",
    )


def test_a_wait_that_was_renewed_is_longer_by_what_the_new_one_is_longer() -> None:
    renewed = replace(enrolled(published()), due_at=NOON + DAY + 5 * HOUR)
    step = carried(Move(to=PAUSE), a_draft(pause={"wait": "25h", "then": "worth"}), renewed)
    assert step.enrollment.due_at == NOON + DAY + 6 * HOUR


def test_a_span_that_becomes_a_clock_is_as_if_it_had_been_one_from_the_arrival() -> None:
    by_clock: Json = {"wait": {"until": "18:00"}, "then": "worth"}
    step = carried(Move(to=PAUSE), a_draft(pause=by_clock))
    assert (step.enrollment.arrived_at, step.enrollment.due_at) == (NOON, NOON + 6 * HOUR)


def test_elsewhere_it_arrives_anew_at_publication() -> None:
    step = carried(Move(to=OFFER), a_draft())
    run = step.enrollment
    assert (run.node, run.arrived_at, run.due_at) == (OFFER, NOON + HOUR, NOON + HOUR)
    assert run.visits == {PAUSE: 1, OFFER: 1}


def test_a_node_that_became_another_kind_begins_anew() -> None:
    step = carried(
        Move(to=PAUSE),
        a_draft(pause={"branch": [{"if": {"trait": "vip", "is": True}, "then": "offer"}], "else": "worth"}),
    )
    assert (step.enrollment.arrived_at, step.enrollment.due_at) == (NOON + HOUR, NOON + HOUR)


def test_nobody_is_moved_to_before_they_arrived() -> None:
    ahead = replace(enrolled(published()), arrived_at=NOON + 2 * HOUR)
    assert carried(Move(to=OFFER), a_draft(), ahead).enrollment.arrived_at == NOON + 2 * HOUR


def test_the_goal_of_the_new_version_counts_from_the_run_s_own_entry() -> None:
    changed = published(winback(goal={"event": "order_paid", "same": "cart_id", "for": "7d"}), version=2)
    assert carried(Move(to=PAUSE), changed).enrollment.goal_until == NOON + 7 * DAY
    without = published({name: part for name, part in winback().items() if name != "goal"}, version=2)
    assert carried(Move(to=PAUSE), without).enrollment.goal_until is None


def test_the_arm_stays() -> None:
    run = replace(enrolled(published()), arm="control")
    assert carried(Move(to=OFFER), a_draft(), run).enrollment.arm == "control"


def test_a_plan_begins_with_going_on_where_the_node_is_still_there() -> None:
    draft = a_draft(offer={"wait": "1h", "then": "done"}).journey
    before = published().journey
    assert suggested(PAUSE, before, draft) == Move(to=PAUSE)
    assert suggested(OFFER, before, draft) == Stay()
    assert suggested(NodeId("gone"), before, draft) == Stay()
    assert suggested(PAUSE, None, draft) == Stay()
