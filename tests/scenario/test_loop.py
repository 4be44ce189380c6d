"""The whole loop on a clock moved by hand: accepted, understood, decided, put in the outbox, read out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from perennial.deliver.messages import MessageRow
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.runtime.approval import ApprovalNeeded
from perennial.wiring import App, Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEMPLATE = "{id: hello, channel: email, subject: Hello, text: 'Hello {{ person.traits.email }}.'}"
CART = """
id: cart
entry: {on: {event: add_to_cart}, key: cart_id}
reentry: per_key
goal: {event: order_paid, same: cart_id, for: 3d}
exit:
  - {event: order_paid, same: cart_id}
start: pause
nodes:
  pause: {wait: 24h, then: worth}
  worth:
    branch:
      - {if: {measure: sum(amount), of: order_paid, within: 365d, is: ">= 500"}, then: write}
    else: done
  write: {send: {channel: email, template: hello, topic: marketing}, then: done}
  done: {exit: {outcome: finished}}
"""
BUYERS = "{id: buyers, name: Buyers, condition: {did: order_paid, within: 7d}}"
WELCOME = """
id: welcome
entry: {on: {segment: buyers, change: entered, include_current: %s}}
start: write
nodes:
  write: {send: {channel: email, template: hello, topic: marketing}, then: done}
  done: {exit: {outcome: written}}
"""


@dataclass(slots=True)
class Shop:
    """A workspace with a template, and people who have an address and agreed to be written to."""

    app: App
    clock: VirtualClock
    sent: int = field(default=0)

    @property
    def workspace(self) -> Workspace:
        return self.app.workspace()

    def knows(self, *people: str) -> None:
        for name in people:
            self.calls(
                {"type": "identify", "userId": name, "traits": {"email": f"{name}@example.com"}},
                {
                    "type": "consent",
                    "userId": name,
                    "consent": "email/marketing",
                    "state": "granted",
                    "proof": "form",
                },
            )

    def calls(self, *documents: dict[str, Json]) -> None:
        stamped: list[Json] = []
        for document in documents:
            self.sent += 1
            stamped.append({"messageId": f"m{self.sent}"} | document)
        receipt = self.workspace.send(stamped)
        assert receipt.rejected == ()

    def does(self, person: str, event: str, at: datetime | None = None, **properties: Json) -> None:
        moment = (at or self.clock.now()).isoformat()
        self.calls(
            {
                "type": "track",
                "userId": person,
                "event": event,
                "timestamp": moment,
                "properties": properties,
            }
        )

    def turn(self, *, after: timedelta = timedelta(0)) -> None:
        self.clock.advance(after)
        self.workspace.turn()

    def messages(self) -> list[tuple[str | None, str, str]]:
        rows = [row for row in self.workspace.list_messages().rows if isinstance(row, MessageRow)]
        return [(row.user_id, row.state, row.reason) for row in rows]

    def counted(self, event: str) -> int:
        return self.workspace.count_events(event)


@pytest.fixture
def shop(tmp_path: Path, state_url: str) -> Iterator[Shop]:
    clock = VirtualClock(NOON)
    with open_app(tmp_path / "home", clock=clock, state=state_url) as app:
        app.init()
        app.workspace().save_template(TEMPLATE)
        yield Shop(app, clock)
        # Whatever happened in a test, everything that must always hold holds at its end.
        assert [check for check in app.workspace().doctor().checks if not check.ok] == []


def test_a_left_cart_is_written_about_a_day_later_if_it_is_worth_it(shop: Shop) -> None:
    shop.workspace.publish_journey(CART)
    shop.knows("li", "wang")
    shop.does("li", "order_paid", at=NOON - 30 * DAY, amount=600)
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.does("wang", "add_to_cart", cart_id="c2")
    shop.turn(after=23 * HOUR)
    assert shop.messages() == []
    shop.turn(after=HOUR)
    assert [(user, state) for user, state, _ in shop.messages()] == [("li", "queued")]


def test_paying_for_that_very_cart_ends_the_wait_and_another_cart_does_not(shop: Shop) -> None:
    shop.workspace.publish_journey(CART)
    shop.knows("li")
    shop.does("li", "order_paid", at=NOON - 30 * DAY, amount=600)
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.does("li", "add_to_cart", cart_id="c2")
    shop.turn()
    shop.turn(after=HOUR)
    shop.does("li", "order_paid", cart_id="c1", amount=10)
    shop.turn(after=24 * HOUR)
    assert len(shop.messages()) == 1
    assert shop.counted("journey_goal_reached") == 1
    assert shop.counted("journey_left") == 2


def test_a_timer_fires_before_an_event_that_happened_later_though_both_are_seen_at_once(shop: Shop) -> None:
    shop.workspace.publish_journey(CART)
    shop.knows("li")
    shop.does("li", "order_paid", at=NOON - 30 * DAY, amount=600)
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.turn()
    # An outage: nothing turned between the end of the wait and the payment an hour after it.
    shop.clock.advance(26 * HOUR)
    shop.does("li", "order_paid", at=NOON + 25 * HOUR, cart_id="c1", amount=10)
    shop.turn()
    assert len(shop.messages()) == 1


def test_an_event_that_happened_before_the_timer_ends_the_run_though_it_arrives_with_it(shop: Shop) -> None:
    shop.workspace.publish_journey(CART)
    shop.knows("li")
    shop.does("li", "order_paid", at=NOON - 30 * DAY, amount=600)
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.turn()
    shop.clock.advance(26 * HOUR)
    shop.does("li", "order_paid", at=NOON + 23 * HOUR, cart_id="c1", amount=10)
    shop.turn()
    assert shop.messages() == []


def test_a_repeated_or_late_event_starts_nothing(shop: Shop) -> None:
    shop.workspace.publish_journey(CART)
    shop.knows("li")
    shop.does("li", "add_to_cart", at=NOON - 25 * HOUR, cart_id="old")
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.turn()
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.turn()
    assert shop.counted("journey_entered") == 1


def test_the_first_fill_of_a_segment_starts_nobody_and_a_later_entry_does(shop: Shop) -> None:
    shop.knows("li", "wang")
    shop.does("li", "order_paid")
    shop.workspace.save_segment(BUYERS)
    shop.workspace.publish_journey(WELCOME % "false")
    shop.turn()
    assert (shop.counted("segment_entered"), shop.counted("journey_entered")) == (1, 0)
    shop.turn(after=HOUR)
    shop.does("wang", "order_paid")
    shop.turn()
    assert (shop.counted("segment_entered"), shop.counted("journey_entered")) == (2, 1)
    assert [user for user, _, _ in shop.messages()] == ["wang"]


def test_present_members_come_in_where_the_author_asked_for_that_and_only_once(shop: Shop) -> None:
    shop.knows("li", "wang")
    shop.does("li", "order_paid")
    shop.turn()
    shop.workspace.save_segment(BUYERS)
    with pytest.raises(ApprovalNeeded, match="1 people"):
        shop.workspace.publish_journey(WELCOME % "true")
    shop.workspace.publish_journey(WELCOME % "true", approve=True)
    shop.turn()
    shop.workspace.publish_journey(WELCOME % "true", approve=True)
    shop.turn(after=2 * HOUR)
    assert [user for user, _, _ in shop.messages()] == ["li"]


def test_imported_history_fills_segments_and_starts_nobody(shop: Shop, tmp_path: Path) -> None:
    shop.workspace.save_segment(BUYERS)
    shop.workspace.publish_journey(WELCOME % "false")
    shop.turn()
    history = tmp_path / "history.jsonl"
    history.write_text(
        '{"type":"track","userId":"li","event":"order_paid","timestamp":"2026-03-01T00:00:00Z"}\n',
        encoding="utf-8",
    )
    shop.workspace.import_file(history)
    shop.turn(after=2 * HOUR)
    assert shop.counted("segment_entered") == 1
    assert shop.counted("journey_entered") == 0


def test_live_events_are_processed_while_an_import_is_under_way(shop: Shop, tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    history.write_text(
        '{"type":"track","userId":"li","event":"order_paid","timestamp":"2026-03-01T00:00:00Z"}\n',
        encoding="utf-8",
    )
    seen: list[int] = []

    def meanwhile(_read: int, _total: int | None) -> None:
        shop.does("wang", "add_to_cart", cart_id="c1")
        other = Thread(target=shop.workspace.wait_accepted, daemon=True)
        other.start()
        other.join(timeout=20)
        seen.append(shop.counted("add_to_cart"))

    shop.workspace.import_file(history, progress=meanwhile)
    assert seen == [1]


def test_people_leave_a_segment_when_time_passes_without_an_event(shop: Shop) -> None:
    shop.knows("li")
    shop.does("li", "order_paid")
    shop.workspace.save_segment(BUYERS)
    shop.turn()
    shop.turn(after=8 * DAY)
    assert shop.counted("segment_left") == 1


def test_a_paused_journey_keeps_everybodys_place_and_goes_on_when_resumed(shop: Shop) -> None:
    shop.workspace.publish_journey(CART)
    shop.knows("li")
    shop.does("li", "order_paid", at=NOON - 30 * DAY, amount=600)
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.turn()
    shop.workspace.pause_journey("cart")
    shop.turn(after=48 * HOUR)
    assert shop.messages() == []
    shop.workspace.resume_journey("cart")
    shop.turn()
    assert len(shop.messages()) == 1


def test_a_person_who_did_not_agree_gets_nothing_and_the_reason_is_kept(shop: Shop) -> None:
    shop.workspace.save_segment(BUYERS)
    shop.workspace.publish_journey(WELCOME % "false")
    shop.turn(after=HOUR)
    shop.calls({"type": "identify", "userId": "li", "traits": {"email": "li@example.com"}})
    shop.does("li", "order_paid")
    shop.turn()
    assert shop.messages() == [("li", "dropped", "no_consent")]
    assert shop.counted("message_dropped") == 1


def test_the_history_of_two_users_that_turn_out_to_be_one_is_theirs_at_once(shop: Shop) -> None:
    shop.workspace.publish_journey(CART)
    shop.does("li", "order_paid", at=NOON - 30 * DAY, amount=300)
    shop.does("li-old", "order_paid", at=NOON - 60 * DAY, amount=300)
    shop.knows("li")
    shop.does("li", "add_to_cart", cart_id="c1")
    shop.turn()
    shop.calls({"type": "alias", "previousId": "li-old", "userId": "li"})
    shop.turn(after=24 * HOUR)
    assert [(user, state) for user, state, _ in shop.messages()] == [("li", "queued")]
    spent = {"measure": "sum(amount)", "of": "order_paid", "is": ">= 600"}
    assert shop.workspace.count_people(spent) == 1
    assert shop.workspace.count_people() == 1


def test_opening_a_home_again_finds_everything_where_it_was(tmp_path: Path, state_url: str) -> None:
    clock = VirtualClock(NOON)
    with open_app(tmp_path / "home", clock=clock, state=state_url) as app:
        app.init()
        app.workspace().save_template(TEMPLATE)
        shop = Shop(app, clock)
        shop.workspace.publish_journey(CART)
        shop.knows("li")
        shop.does("li", "order_paid", at=NOON - 30 * DAY, amount=600)
        shop.does("li", "add_to_cart", cart_id="c1")
        # Accepted, and not yet processed: the home is closed before any turn.
    clock.advance(24 * HOUR)
    with open_app(tmp_path / "home", clock=clock, state=state_url) as app:
        again = Shop(app, clock)
        again.turn()
        assert [(user, state) for user, state, _ in again.messages()] == [("li", "queued")]
        again.turn()
        assert len(again.messages()) == 1


def test_a_cart_that_is_filled_and_paid_for_in_one_batch_reaches_its_goal(shop: Shop) -> None:
    shop.workspace.publish_journey(CART)
    shop.knows("li")
    shop.clock.advance(HOUR)
    cart: dict[str, Json] = {"type": "track", "userId": "li", "properties": {"cart_id": "c1"}}
    moments = {"add_to_cart": NOON + timedelta(minutes=5), "order_paid": NOON + timedelta(minutes=50)}
    shop.calls(*({**cart, "event": event, "timestamp": at.isoformat()} for event, at in moments.items()))
    shop.turn()
    assert [shop.counted(event) for event in ("journey_entered", "journey_goal_reached")] == [1, 1]
    shop.turn(after=2 * DAY)
    assert shop.messages() == []
