from dataclasses import replace

import pytest
from tests.unit.decide.journey_builders import DAY, HOUR, NOON, an_occurrence, enrolled, published, winback

from perennial.decide.journeys import (
    Enrollment,
    PublishedJourney,
    SendMessage,
    Step,
    advance,
    observe,
    quarantine,
)
from perennial.decide.journeys.model import Decision, Effect, Wait, Zones
from perennial.decide.journeys.rules import end_run
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import NodeId, ProfileId
from perennial.kernel.values import Json

VIP = {NodeId("worth"): (True,)}
NOT_VIP = {NodeId("worth"): (False,)}


def edges(effects: tuple[Effect, ...]) -> list[str]:
    steps = [one for one in effects if isinstance(one, EmittedEvent) and one.name == "journey_step"]
    return [f"{step.properties['node']}>{step.properties['edge']}" for step in steps]


def messages(effects: tuple[Effect, ...]) -> list[SendMessage]:
    return [one for one in effects if isinstance(one, SendMessage)]


def names(effects: tuple[Effect, ...]) -> list[str]:
    return [one.name for one in effects if isinstance(one, EmittedEvent)]


def watch(journey: PublishedJourney, run: Enrollment, *, cart: str = "c1", hours: float = 1) -> Step:
    return observe(
        journey, run, an_occurrence("order_paid", {"cart_id": cart}, at=NOON + hours * HOUR), zones=Zones()
    )


def test_a_run_does_not_move_before_its_time() -> None:
    run = enrolled(published())
    step = advance(published(), run, now=NOON + DAY - HOUR, facts={}, zones=Zones())
    assert (step.enrollment, step.effects, step.question) == (run, (), None)


def test_a_branch_is_asked_as_of_now_and_then_passed() -> None:
    run = enrolled(published())
    asked = advance(published(), run, now=NOON + DAY, facts={}, zones=Zones())
    assert edges(asked.effects) == ["pause>then"]
    assert asked.question is not None
    assert (asked.question.node, asked.question.as_of) == ("worth", NOON + DAY)
    answered = advance(published(), asked.enrollment, now=NOON + DAY, facts=VIP, zones=Zones())
    assert edges(answered.effects) == ["worth>if_1", "offer>then", "done>exit"]
    assert (answered.enrollment.status, answered.enrollment.outcome) == ("left", "asked")


def test_no_arm_that_holds_is_else() -> None:
    step = advance(published(), enrolled(published()), now=NOON + DAY, facts=NOT_VIP, zones=Zones())
    assert edges(step.effects) == ["pause>then", "worth>else", "remind>then", "done>exit"]


def test_a_send_is_a_message_with_an_id_from_its_cause() -> None:
    run = enrolled(published())
    [message] = messages(advance(published(), run, now=NOON + DAY, facts=VIP, zones=Zones()).effects)
    assert message.cause == f"{run.enrollment_id}:offer:1"
    assert message.expires_at == NOON + 3 * DAY
    assert not message.withheld
    assert [message] == messages(advance(published(), run, now=NOON + DAY, facts=VIP, zones=Zones()).effects)


def test_a_control_walks_the_chart_and_its_messages_are_withheld() -> None:
    run = replace(enrolled(published()), arm="control")
    step = advance(published(), run, now=NOON + DAY, facts=VIP, zones=Zones())
    assert edges(step.effects) == ["pause>then", "worth>if_1", "offer>then", "done>exit"]
    assert [message.withheld for message in messages(step.effects)] == [True]


def test_an_order_is_first_the_exit_and_then_still_the_goal() -> None:
    step = watch(published(), enrolled(published()))
    assert names(step.effects) == ["journey_left", "journey_goal_reached"]
    assert (step.enrollment.status, step.enrollment.outcome) == ("left", "exit_rule")
    assert step.enrollment.goal_at == NOON + HOUR
    assert watch(published(), step.enrollment, hours=2).effects == ()


def test_an_order_of_another_cart_changes_nothing() -> None:
    run = enrolled(published())
    assert watch(published(), run, cart="c2").enrollment == run


@pytest.mark.parametrize("hours", [-1, 0])
def test_events_not_after_entry_are_not_seen(hours: int) -> None:
    run = enrolled(published())
    step = watch(published(), run, hours=hours)
    assert (step.enrollment, step.effects) == (run, ())


@pytest.mark.parametrize(("hours", "counts"), [(72, True), (72.001, False)])
def test_the_goal_counts_after_leaving_until_the_windows_last_instant(hours: float, counts: bool) -> None:
    left = advance(published(), enrolled(published()), now=NOON + DAY, facts=VIP, zones=Zones()).enrollment
    step = watch(published(), left, hours=hours)
    assert (names(step.effects) == ["journey_goal_reached"]) is counts
    assert (step.enrollment.goal_at is not None) is counts


def test_an_exit_that_arrives_late_ends_the_run_where_it_stands_now() -> None:
    document = winback()
    document["nodes"] = {
        "pause": {"wait": "2h", "then": "again"},
        "again": {"wait": "5d", "then": "done"},
        "done": {"exit": {"outcome": "x"}},
    }
    journey = published(document)
    run = advance(journey, enrolled(journey), now=NOON + 3 * HOUR, facts={}, zones=Zones()).enrollment
    step = watch(journey, run, hours=1)
    assert (step.enrollment.status, step.enrollment.left_at) == ("left", NOON + 3 * HOUR)
    assert step.enrollment.goal_at == NOON + HOUR


def test_a_quarantined_run_stays_put_and_its_goal_still_counts() -> None:
    aside = quarantine(enrolled(published()), "boom", at=NOON).enrollment
    assert advance(published(), aside, now=NOON + 9 * DAY, facts=VIP, zones=Zones()).effects == ()
    assert names(watch(published(), aside).effects) == ["journey_goal_reached"]


def test_an_operator_ends_a_run_once() -> None:
    ended = end_run(published(), enrolled(published()), at=NOON + HOUR)
    assert names(ended.effects) == ["journey_left"]
    assert end_run(published(), ended.enrollment, at=NOON + HOUR).effects == ()


def test_a_split_gives_the_same_person_the_same_arm_and_logs_it() -> None:
    document = winback()
    document["start"] = "ways"
    ways: Json = [{"id": "a", "weight": 1, "then": "done"}, {"id": "b", "weight": 3, "then": "done"}]
    document["nodes"] = {"ways": {"split": {"arms": ways}}, "done": {"exit": {"outcome": "x"}}}
    journey = published(document)
    arms: list[str] = []
    for number in range(1, 1001):
        run = enrolled(journey, an_occurrence(profile_id=ProfileId(number)))
        step = advance(journey, run, now=NOON, facts={}, zones=Zones())
        [decision] = [one for one in step.effects if isinstance(one, Decision)]
        assert decision.probability == {"a": 0.25, "b": 0.75}[decision.arm]
        assert edges(step.effects)[0] == f"ways>{decision.arm}"
        arms.append(decision.arm)
    assert 200 < arms.count("a") < 300


def test_every_visit_of_a_loop_has_ids_of_its_own() -> None:
    document = winback()
    document["start"] = "send"
    document["nodes"] = {
        "send": {"send": {"channel": "email", "template": "t", "topic": "marketing"}, "then": "pause"},
        "pause": {"wait": "1h", "then": "more"},
        "more": {"branch": [{"if": {"trait": "x", "set": True}, "then": "send"}], "else": "done"},
        "done": {"exit": {"outcome": "x"}},
    }
    journey = published(document)
    run, seen = enrolled(journey), set[str]()
    for hour in range(5):
        step = advance(journey, run, now=NOON + hour * HOUR, facts={NodeId("more"): (True,)}, zones=Zones())
        seen |= {message.message_id for message in messages(step.effects)}
        run = step.enrollment
    assert len(seen) == run.visits[NodeId("send")] == 5


def test_a_chart_that_turns_in_circles_is_quarantined_and_not_walked_for_ever() -> None:
    journey = published()
    spinning = {
        NodeId("pause"): Wait(duration=DAY, then=NodeId("worth")),
        NodeId("worth"): replace(journey.journey.nodes[NodeId("worth")], otherwise=NodeId("worth")),
    }
    circle = replace(journey, journey=replace(journey.journey, nodes=spinning))
    step = advance(circle, enrolled(circle), now=NOON + DAY, facts=NOT_VIP, zones=Zones())
    assert (step.enrollment.status, step.enrollment.outcome) == ("quarantined", "too_many_steps")
