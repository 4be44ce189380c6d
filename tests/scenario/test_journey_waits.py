"""Journeys that wait for something, on a clock moved by hand: what ends a wait, renews it, is too late."""

from datetime import datetime, timedelta

import pytest
from tests.scenario.test_loop import DAY, HOUR, NOON, Shop, shop

from perennial.kernel.values import Json
from perennial.runtime.deciding import NotCalled

__all__ = ["shop"]

MINUTE = timedelta(minutes=1)
CART = """
id: cart
entry: {on: {event: add_to_cart}, key: cart_id}
reentry: per_key
start: pause
nodes:
  pause: {wait: 24h, restart_on: {event: add_to_cart, same: cart_id}, then: write}
  write: {send: {channel: email, template: hello, topic: marketing}, then: paid}
  paid:
    wait_until: {event: order_paid, same: cart_id}
    at_most: 2d
    then: bought
    on_timeout: lost
  bought: {exit: {outcome: bought}}
  lost: {exit: {outcome: lost}}
"""


def outcomes(shop: Shop) -> list[str]:
    """How runs ended, in the order of the log."""
    left = shop.workspace.person_events("li", event="journey_left").rows
    return [row["properties"]["outcome"] for row in reversed(left) if isinstance(row, dict)]


def begin(shop: Shop) -> None:
    shop.workspace.publish_journey(CART)
    shop.knows("li")
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.turn()


def test_what_is_waited_for_leads_on_at_its_own_instant(shop: Shop) -> None:
    begin(shop)
    shop.turn(after=DAY)
    assert len(shop.messages()) == 1
    shop.turn(after=HOUR)
    shop.does("li", "order_paid", cart_id="another")
    shop.turn()
    assert outcomes(shop) == []
    shop.does("li", "order_paid", cart_id="c1")
    shop.turn()
    assert outcomes(shop) == ["bought"]


def test_when_its_time_is_up_it_goes_on_without(shop: Shop) -> None:
    begin(shop)
    shop.turn(after=DAY)
    shop.turn(after=2 * DAY - MINUTE)
    assert outcomes(shop) == []
    shop.turn(after=MINUTE)
    assert outcomes(shop) == ["lost"]
    shop.does("li", "order_paid", cart_id="c1")
    shop.turn()
    assert outcomes(shop) == ["lost"]


def test_what_happened_in_time_counts_though_the_timer_was_due_before_it_was_seen(shop: Shop) -> None:
    begin(shop)
    shop.turn(after=DAY)
    # An outage of hours: the payment was in time, the end of the wait lies behind it.
    shop.clock.advance(3 * DAY)
    shop.does("li", "order_paid", at=NOON + 3 * DAY - HOUR, cart_id="c1")
    shop.turn()
    assert outcomes(shop) == ["bought"]


def test_what_happened_at_the_last_instant_is_in_time_and_a_moment_later_is_not(shop: Shop) -> None:
    for key, late in (("c1", timedelta(0)), ("c2", timedelta(microseconds=1))):
        begin(shop) if key == "c1" else shop.does("li", "add_to_cart", cart_id=key)
        shop.turn()
        entered = shop.clock.now()
        shop.turn(after=DAY)
        shop.clock.advance(3 * DAY)
        shop.does("li", "order_paid", at=entered + 3 * DAY + late, cart_id=key)
        shop.turn()
    assert outcomes(shop) == ["bought", "lost"]


def test_a_wait_begins_anew_at_each_event_that_renews_it(shop: Shop) -> None:
    begin(shop)
    shop.turn(after=23 * HOUR)
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.turn()
    shop.turn(after=23 * HOUR)
    assert shop.messages() == []
    assert shop.counted("journey_entered") == 1
    shop.turn(after=HOUR)
    assert len(shop.messages()) == 1


def test_a_late_event_renews_no_wait_that_is_over(shop: Shop) -> None:
    begin(shop)
    shop.turn(after=25 * HOUR)
    assert len(shop.messages()) == 1
    shop.does("li", "add_to_cart", at=NOON + 23 * HOUR, cart_id="c1")
    shop.turn(after=HOUR)
    assert len(shop.messages()) == 1


def test_two_runs_of_one_person_wait_for_themselves(shop: Shop) -> None:
    begin(shop)
    shop.does("li", "add_to_cart", cart_id="c2")
    shop.turn()
    shop.turn(after=DAY)
    assert len(shop.messages()) == 2
    shop.does("li", "order_paid", at=_in(shop, HOUR), cart_id="c2")
    shop.turn(after=2 * HOUR)
    assert outcomes(shop) == ["bought"]
    shop.turn(after=2 * DAY)
    assert outcomes(shop) == ["bought", "lost"]


def test_what_happens_while_a_journey_is_paused_is_not_lost(shop: Shop) -> None:
    begin(shop)
    shop.turn(after=DAY)
    shop.workspace.pause_journey("cart")
    shop.does("li", "order_paid", at=_in(shop, HOUR), cart_id="c1")
    shop.turn(after=2 * HOUR)
    assert outcomes(shop) == []
    shop.workspace.resume_journey("cart")
    shop.turn()
    assert outcomes(shop) == ["bought"]


def _in(shop: Shop, span: timedelta) -> datetime:
    return shop.clock.now() + span


CALLED = """
id: called
entry: {on: api, key: order, if: {trait: email, set: true}}
reentry: per_key
exit:
  - {event: order_paid, same: order}
  - {consent: email/marketing, is: withdrawn}
start: pause
nodes:
  pause: {wait: 24h, then: write}
  write: {send: {channel: email, template: hello, topic: marketing}, then: done}
  done: {exit: {outcome: written}}
"""


def test_a_program_lets_somebody_in_and_asking_twice_is_asking_once(shop: Shop) -> None:
    shop.workspace.publish_journey(CALLED)
    shop.knows("li")
    shop.turn()
    for request in ("r1", "r1", "r2"):
        order: Json = "o1" if request == "r1" else "o2"
        shop.workspace.enter_journey("called", "li", properties={"order": order}, request_id=request)
    shop.turn()
    assert shop.counted("journey_entered") == 2
    shop.turn(after=DAY)
    assert len(shop.messages()) == 2


def test_a_journey_that_nobody_calls_says_so(shop: Shop) -> None:
    begin(shop)
    with pytest.raises(NotCalled):
        shop.workspace.enter_journey("cart", "li", properties={})


def test_a_condition_takes_a_person_out_before_the_next_step(shop: Shop) -> None:
    shop.workspace.publish_journey(CALLED)
    shop.knows("li", "wang")
    shop.turn()
    for person in ("li", "wang"):
        shop.workspace.enter_journey("called", person, properties={"order": person})
    shop.turn()
    shop.calls(
        {
            "type": "consent",
            "userId": "li",
            "consent": "email/marketing",
            "state": "withdrawn",
            "proof": "page",
            "timestamp": (shop.clock.now() + HOUR).isoformat(),
        }
    )
    shop.turn(after=DAY)
    assert [user for user, _, _ in shop.messages()] == ["wang"]
    assert outcomes(shop) == ["exit_rule"]


MORNING = """
id: morning
entry: {on: {event: add_to_cart}}
start: pause
nodes:
  pause: {wait: {until: "09:00", zone: person, on: [mon, tue]}, then: write}
  write: {send: {channel: email, template: hello, topic: marketing}, then: done}
  done: {exit: {outcome: written}}
"""


def test_everyone_is_written_to_when_their_own_clock_shows_the_time(shop: Shop) -> None:
    # NOON is a Monday, 12:00 UTC.
    shop.workspace.publish_journey(MORNING)
    shop.knows("li", "ann", "bob")
    for person, zone in (("li", "Asia/Shanghai"), ("ann", "America/New_York")):
        shop.calls({"type": "identify", "userId": person, "traits": {"timezone": zone}})
    shop.turn(after=HOUR)
    for person in ("li", "ann", "bob"):
        shop.does(person, "add_to_cart")
    shop.turn()
    shop.turn(after=HOUR - MINUTE)
    assert shop.messages() == []
    written: dict[str | None, datetime] = {}
    for _ in range(20):
        shop.turn(after=MINUTE if not written else HOUR)
        for user, _, _ in shop.messages():
            written.setdefault(user, shop.clock.now())
    # New York at 14:00 UTC that day, Shanghai at 01:00 and the workspace (UTC) at 09:00 of the next.
    assert written == {"ann": NOON + 2 * HOUR, "li": NOON + 13 * HOUR, "bob": NOON + 21 * HOUR}
