"""A turn is one batch and what is due: stopping is prompt, and no timer waits for a backlog to end."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.processing import NOON, Desk, a_call, open_desk
from tests.services.state import OpenStore

from perennial.collect.events.model import Batch
from perennial.collect.privacy import PersonNames
from perennial.decide import journeys
from perennial.decide.journeys import JourneyVocabulary
from perennial.kernel.documents import read_document
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId
from perennial.runtime.replay import EMITTED

HOUR = timedelta(hours=1)
CART = """
id: cart
entry: {on: {event: cart}}
reentry: never
control: none
exit: [{event: paid}]
start: pause
nodes:
  pause: {wait: 1h, then: done}
  done: {exit: {outcome: forgotten}}
"""


@pytest.fixture
def desk(tmp_path: Path, open_new: OpenStore) -> Iterator[Desk]:
    with open_desk(tmp_path, open_new) as opened:
        yield opened


def a_cart_is_filled(desk: Desk) -> None:
    """At noon; an hour later it counts as forgotten."""
    journey = journeys.read_journey(read_document(CART, name="journey"), known=JourneyVocabulary())
    with desk.state.begin() as transaction:
        journeys.publish(transaction.journeys, journey, now=NOON)
    desk.hear({"type": "track", "userId": "anna", "event": "cart", "messageId": "cart"})
    desk.processor.cycle()


def left(desk: Desk) -> list[object]:
    """Why people left the journey."""
    with desk.state.read() as transaction:
        emitted = transaction.emitted.read(after=0, limit=100)
    return [event.properties["cause"] for _, event in emitted if event.name == "journey_left"]


def test_a_turn_takes_one_batch_and_says_that_more_waits(desk: Desk) -> None:
    desk.hear(*(a_call(number, user="anna") for number in range(1, 6)))
    assert [desk.processor.cycle() for _ in range(3)] == [True, True, False]
    assert desk.ids() == ["m1", "m2", "m3", "m4", "m5"]


def test_there_is_no_rest_while_calls_wait(desk: Desk) -> None:
    desk.hear(*(a_call(number, user="anna") for number in range(1, 4)))
    desk.processor.cycle()
    assert desk.processor.rest() == timedelta(0)
    desk.processor.cycle()
    assert desk.processor.rest() > timedelta(0)


def test_a_timer_fires_though_calls_wait_that_came_in_after_it_was_due(desk: Desk) -> None:
    a_cart_is_filled(desk)
    desk.clock.advance(2 * HOUR)
    desk.hear(*(a_call(number, user="bob") for number in range(1, 4)))
    assert desk.processor.cycle()
    assert left(desk) == ["exit_node"]


def test_a_timer_waits_for_a_call_that_came_in_before_it_was_due(desk: Desk) -> None:
    a_cart_is_filled(desk)
    desk.clock.advance(HOUR / 2)
    paid = {"type": "track", "userId": "anna", "event": "paid", "messageId": "paid"}
    desk.hear(a_call(1, user="bob"), a_call(2, user="bob"), paid)
    desk.clock.advance(HOUR)
    assert desk.processor.cycle()
    assert left(desk) == []
    desk.processor.cycle()
    assert left(desk) == ["exit_rule:1:paid"]


def emit(desk: Desk, message_id: str, person: int) -> None:
    event = EmittedEvent(
        name="segment_entered",
        profile_id=ProfileId(person),
        occurred_at=NOON,
        message_id=message_id,
        properties={"segment": "vip"},
    )
    with desk.state.begin() as transaction:
        transaction.emitted.record([event])


def test_events_of_ours_go_on_behind_those_of_a_person_who_was_erased_meanwhile(desk: Desk) -> None:
    emit(desk, "gone", person=1)
    with desk.state.begin() as transaction:
        # A crash came between the cut and its copy; then the person was erased.
        transaction.batches.record(Batch(stream=EMITTED, first=1, last=1, token="cut", recorded_at=NOON))
        transaction.erasures.erase_rows(PersonNames(profiles=[ProfileId(1)], names=[]))
    emit(desk, "kept", person=2)
    desk.processor.drain()
    assert desk.ids() == ["kept"]
    assert not desk.processor.is_pending(upto=0)
