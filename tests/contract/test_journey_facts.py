"""What a read-out counts from the log, on every engine."""

from collections.abc import Sequence
from datetime import datetime

from tests.unit.decide.journey_builders import DAY, HOUR, NOON, an_occurrence, published, try_entry, winback

from perennial.backends.clickhouse import Transport
from perennial.backends.clickhouse.readouts import ClickHouseJourneyFacts
from perennial.backends.clickhouse.store import ClickHouseEventStore
from perennial.collect.events.columns import EventRow, to_table
from perennial.decide.journeys import PublishedJourney, Step, advance, observe
from perennial.decide.journeys.model import Effect, Zones
from perennial.evaluate.readouts import ArmGroup, NodeCounts
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import JourneyId, NodeId, ProfileId
from perennial.kernel.values import flatten

WINBACK = JourneyId("cart_winback")


def log(transport: Transport, effects: Sequence[Effect], *, append: str = "t") -> None:
    """Write what runs emitted to the event store, as the pump does."""
    events = [effect for effect in effects if isinstance(effect, EmittedEvent)]
    ClickHouseEventStore(transport).append(to_table([row(event) for event in events]), token=append)


def row(event: EmittedEvent) -> EventRow:
    flat = flatten(event.properties)
    return EventRow(
        profile_id=event.profile_id,
        occurred_at=event.occurred_at,
        received_at=event.occurred_at,
        name=event.name,
        kind="perennial",
        origin="perennial",
        source="perennial",
        message_id=event.message_id,
        numbers=flat.numbers,
        texts=flat.texts,
        lists=flat.lists,
    )


def message(name: str, number: int, at: datetime = NOON) -> EmittedEvent:
    return EmittedEvent(
        name=name,
        profile_id=ProfileId(number),
        occurred_at=at,
        message_id=f"msg_{number}:{name}",
        properties={"message": f"msg_{number}", "journey": WINBACK},
    )


def run(journey: PublishedJourney, number: int, *, orders: bool) -> list[Effect]:
    """One person's way: in at noon, reminded a day later, and perhaps an order after two hours."""
    step = try_entry(journey, an_occurrence(profile_id=ProfileId(number)))
    assert isinstance(step, Step)
    effects = list(step.effects)
    if orders:
        order = an_occurrence("order_paid", at=NOON + 2 * HOUR, profile_id=ProfileId(number))
        step = observe(journey, step.enrollment, order, zones=Zones())
        effects.extend(step.effects)
    facts = {NodeId("worth"): (False,)}
    effects.extend(advance(journey, step.enrollment, now=NOON + DAY, facts=facts, zones=Zones()).effects)
    return effects


def groups(facts: ClickHouseJourneyFacts, now: datetime) -> Sequence[ArmGroup]:
    return facts.arms([WINBACK], now=now)[WINBACK]


def arms_of(journey: PublishedJourney, numbers: range) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {"treated": [], "control": []}
    for number in numbers:
        step = try_entry(journey, an_occurrence(profile_id=ProfileId(number)))
        assert isinstance(step, Step)
        found[step.enrollment.arm].append(number)
    return found


def test_people_are_counted_by_arm_matured_and_with_their_goal(transport: Transport) -> None:
    journey = published(winback(control="25%"))
    log(transport, [one for number in range(1, 41) for one in run(journey, number, orders=number % 4 == 0)])
    facts, arms = ClickHouseJourneyFacts(transport), arms_of(journey, range(1, 41))
    expected = [
        ArmGroup(
            arm=arm,
            control_share=0.25,
            people=len(arms[arm]),
            matured=len(arms[arm]),
            reached=len([number for number in arms[arm] if number % 4 == 0]),
        )
        for arm in ("control", "treated")
    ]
    assert groups(facts, NOON + 4 * DAY) == expected
    assert [group.matured for group in groups(facts, NOON + 3 * DAY)] == [0, 0]
    assert groups(facts, NOON - HOUR) == []
    other = JourneyId("other'; --")
    assert facts.arms([other, WINBACK], now=NOON + 4 * DAY) == {other: [], WINBACK: expected}
    assert facts.arms([], now=NOON) == {}


def test_only_a_persons_first_entry_counts_and_a_repeated_row_counts_once(transport: Transport) -> None:
    journey = published(winback(control="none"))
    effects = run(journey, 1, orders=False)
    first = try_entry(journey, an_occurrence(profile_id=ProfileId(1)))
    assert isinstance(first, Step)
    second_cart = an_occurrence(profile_id=ProfileId(1), at=NOON + HOUR, properties={"cart_id": "c2"})
    again = try_entry(journey, second_cart, previous=(first.enrollment,))
    assert isinstance(again, Step)
    order = an_occurrence("order_paid", {"cart_id": "c2"}, at=NOON + 2 * HOUR, profile_id=ProfileId(1))
    effects += [*again.effects, *observe(journey, again.enrollment, order, zones=Zones()).effects]
    log(transport, effects)
    log(transport, effects, append="another")
    facts = ClickHouseJourneyFacts(transport)
    [group] = groups(facts, NOON + 9 * DAY)
    assert (group.people, group.reached, group.control_share) == (1, 0, 0)
    counts = {node.node: node for node in facts.nodes(WINBACK, now=NOON + 9 * DAY)}
    assert counts[NodeId("pause")] == NodeCounts(
        node=NodeId("pause"), entered=2, left={"then": 1}, ended_here=1
    )


def test_merged_people_count_once_and_those_seen_in_both_arms_not_at_all(transport: Transport) -> None:
    journey = published(winback(control="50%"))
    arms = arms_of(journey, range(1, 9))
    log(transport, [one for number in range(1, 9) for one in run(journey, number, orders=False)])
    same, other = arms["treated"][:2], arms["control"][0]
    store, facts = ClickHouseEventStore(transport), ClickHouseJourneyFacts(transport)
    store.override({ProfileId(same[0]): ProfileId(same[1])}, version=1)
    people = {group.arm: group.people for group in groups(facts, NOON + DAY)}
    assert people == {"treated": len(arms["treated"]) - 1, "control": len(arms["control"])}
    store.override({ProfileId(other): ProfileId(same[1])}, version=2)
    people = {group.arm: group.people for group in groups(facts, NOON + DAY)}
    assert people == {"treated": len(arms["treated"]) - 2, "control": len(arms["control"]) - 1}


def test_nodes_tell_where_people_went_where_they_wait_and_where_they_were_taken_out(
    transport: Transport,
) -> None:
    journey = published()
    log(transport, [one for number in range(1, 11) for one in run(journey, number, orders=number <= 3)])
    counts = {node.node: node for node in ClickHouseJourneyFacts(transport).nodes(WINBACK, now=NOON + DAY)}
    assert counts[NodeId("pause")] == NodeCounts(
        node=NodeId("pause"), entered=10, left={"then": 7}, ended_here=3
    )
    assert counts[NodeId("worth")].left == {"else": 7}
    assert counts[NodeId("done")] == NodeCounts(node=NodeId("done"), entered=7, left={"exit": 7})
    before = {node.node: node for node in ClickHouseJourneyFacts(transport).nodes(WINBACK, now=NOON + HOUR)}
    assert before[NodeId("pause")].waiting == 10


def test_messages_stand_at_the_furthest_state_they_have_come_to(transport: Transport) -> None:
    events = [
        message("message_queued", 1),
        message("message_sent", 1),
        message("message_held", 2),
        message("message_queued", 2, NOON + HOUR),
        message("message_dropped", 3),
        message("message_withheld", 4),
        message("message_opened", 4),
    ]
    log(transport, events)
    states = ClickHouseJourneyFacts(transport).messages(WINBACK, now=NOON + DAY)
    assert states == {"dropped": 1, "queued": 1, "sent": 1, "withheld": 1}
    assert ClickHouseJourneyFacts(transport).messages(WINBACK, now=NOON)["held"] == 1
