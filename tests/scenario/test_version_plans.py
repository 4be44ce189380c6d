"""Publishing over a journey in which people stand, on a clock moved by hand."""

import pytest
from tests.scenario.test_loop import DAY, HOUR, NOON, Shop, shop

from perennial.decide.journeys.plans import PlanNeeded
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json
from perennial.runtime.publishing import JourneyChanged, UnknownVersion

__all__ = ["shop"]

FIRST = """
id: cart
entry: {on: {event: add_to_cart}, key: cart_id}
reentry: per_key
start: pause
nodes:
  pause: {wait: 24h, then: write}
  write: {send: {channel: email, template: hello, topic: marketing}, then: later}
  later: {wait: 10d, then: done}
  done: {exit: {outcome: finished}}
"""
LONGER = FIRST.replace("24h", "48h")
WITHOUT_LATER = """
id: cart
entry: {on: {event: add_to_cart}, key: cart_id}
reentry: per_key
start: pause
nodes:
  pause: {wait: 24h, then: write}
  write: {send: {channel: email, template: hello, topic: marketing}, then: done}
  done: {exit: {outcome: shorter}}
"""


def begin(shop: Shop) -> None:
    """Two people wait at `pause`, one has been written to and stands at `later`."""
    shop.workspace.publish_journey(FIRST)
    shop.knows("li", "wang", "zhao")
    shop.does("zhao", "add_to_cart", cart_id="c0")
    shop.turn()
    shop.turn(after=DAY)
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.does("wang", "add_to_cart", cart_id="c2")
    shop.turn()


def outcomes(shop: Shop, person: str) -> list[Json]:
    left = shop.workspace.person_events(person, event="journey_left").rows
    return [row["properties"]["outcome"] for row in left if isinstance(row, dict)]


def people_on(shop: Shop) -> dict[int, int]:
    rows = shop.workspace.list_journey_versions("cart").rows
    return {row["version"]: row["people"] for row in rows if isinstance(row, dict)}


def test_without_a_plan_the_heads_are_counted_and_nothing_changes(shop: Shop) -> None:
    begin(shop)
    with pytest.raises(PlanNeeded, match=r"3 people .* 1 at 'later', 2 at 'pause'"):
        shop.workspace.publish_journey(LONGER)
    with pytest.raises(PlanNeeded, match=r"1 people .* 1 at 'later'"):
        shop.workspace.publish_journey(LONGER, plan={"pause": "stay"})
    with pytest.raises(InvalidDocument, match="no node 'later'"):
        shop.workspace.publish_journey(WITHOUT_LATER, plan={"*": {"move": "later"}})
    assert people_on(shop) == {1: 3}


def test_the_choices_are_shown_first(shop: Shop) -> None:
    begin(shop)
    plan = shop.workspace.plan_journey(WITHOUT_LATER)
    assert (plan["people"], plan["version"], plan["same"]) == (3, 1, False)
    assert plan["plan"] == {"later": "stay", "pause": {"move": "pause"}}
    assert shop.workspace.plan_journey(FIRST)["same"] is True
    unknown = shop.workspace.plan_journey(FIRST.replace("id: cart", "id: new"))
    assert (unknown["version"], unknown["people"]) == (None, 0)


def test_who_stays_walks_on_by_the_version_they_entered(shop: Shop) -> None:
    begin(shop)
    shop.workspace.publish_journey(LONGER, plan="stay")
    assert people_on(shop) == {2: 0, 1: 3}
    shop.turn(after=DAY)
    assert [user for user, _, _ in shop.messages()].count("li") == 1
    assert len(shop.messages()) == 3


def test_who_moves_to_the_same_node_waits_from_when_the_wait_began(shop: Shop) -> None:
    begin(shop)
    shop.turn(after=HOUR)
    shop.workspace.publish_journey(LONGER, plan={"pause": {"move": "pause"}, "*": "stay"})
    assert people_on(shop) == {2: 2, 1: 1}
    shop.turn(after=23 * HOUR)
    assert len(shop.messages()) == 1
    shop.turn(after=DAY)
    assert len(shop.messages()) == 3


def test_who_is_moved_elsewhere_arrives_there_and_who_is_sent_out_leaves(shop: Shop) -> None:
    begin(shop)
    shop.workspace.publish_journey(
        WITHOUT_LATER, plan={"pause": {"move": "write"}, "later": {"exit": "changed"}}
    )
    shop.turn()
    assert outcomes(shop, "zhao") == ["changed"]
    assert len(shop.messages()) == 3
    assert (outcomes(shop, "li"), outcomes(shop, "wang")) == (["shorter"], ["shorter"])
    edges = shop.workspace.person_events("li", event="journey_step").rows
    assert "plan" in [row["properties"]["edge"] for row in edges if isinstance(row, dict)]


def test_the_same_document_again_moves_nobody(shop: Shop) -> None:
    begin(shop)
    assert shop.workspace.publish_journey(FIRST, plan={"*": {"exit": "gone"}})["version"] == 1
    assert people_on(shop) == {1: 3}


def test_who_publishes_second_is_told_what_the_first_changed(shop: Shop) -> None:
    shop.workspace.publish_journey(FIRST, base_version=0)
    shop.workspace.publish_journey(LONGER, base_version=1)
    with pytest.raises(JourneyChanged) as refused:
        shop.workspace.publish_journey(WITHOUT_LATER, base_version=1)
    assert "Version 2" in refused.value.message
    assert "becomes 2d" in refused.value.message
    # Who wanted just what stands there already has nothing to be told.
    assert shop.workspace.publish_journey(LONGER, base_version=1)["version"] == 2
    with pytest.raises(JourneyChanged, match="no version yet"):
        shop.workspace.publish_journey(FIRST.replace("id: cart", "id: new"), base_version=1)


def test_a_version_is_shown_as_it_was_published_with_its_plan_and_what_it_changed(shop: Shop) -> None:
    begin(shop)
    shop.workspace.publish_journey(LONGER, plan={"pause": {"move": "pause"}, "*": "stay"})
    shown = shop.workspace.show_journey_version("cart", 2)
    assert shown["plan"] == {"later": "stay", "pause": {"move": "pause"}}
    assert isinstance(shown["changes"], list)
    assert ["becomes 2d" in str(change) for change in shown["changes"]] == [True]
    assert shop.workspace.show_journey_version("cart", 1)["changes"] == []
    with pytest.raises(UnknownVersion):
        shop.workspace.show_journey_version("cart", 3)


def test_versions_come_by_pages_the_newest_first(shop: Shop) -> None:
    for hours in range(24, 29):
        shop.workspace.publish_journey(FIRST.replace("24h", f"{hours}h"))
    first = shop.workspace.list_journey_versions("cart", limit=2)
    second = shop.workspace.list_journey_versions("cart", limit=2, after=first.next)
    assert [row["version"] for row in first.rows if isinstance(row, dict)] == [5, 4]
    assert [row["version"] for row in second.rows if isinstance(row, dict)] == [3, 2]
    assert shop.workspace.list_journey_versions("cart", limit=2, after=second.next).next is None


def test_a_moved_run_is_led_out_of_nothing_twice(shop: Shop) -> None:
    """What was due in an outage happens once, by the version the run was moved to."""
    begin(shop)
    shop.clock.advance(3 * DAY)
    shop.workspace.publish_journey(WITHOUT_LATER, plan={"pause": {"move": "pause"}, "*": "stay"})
    shop.turn()
    assert outcomes(shop, "li") == ["shorter"]
    assert len(shop.messages()) == 3
    shop.turn(after=20 * DAY)
    assert outcomes(shop, "zhao") == ["finished"]
    assert shop.clock.now() > NOON
