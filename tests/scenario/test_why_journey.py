"""Why a journey did what it did with somebody: rule, value, threshold and time, in both languages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.wiring import App, Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEMPLATE = "{id: hello, channel: email, subject: Hello, text: Hello.}"
CART = """
id: cart
entry:
  on: {event: add_to_cart, where: [{property: amount, is: ">= 10"}]}
  key: cart_id
  if: {not: {did: order_paid, within: 7d}}
reentry: per_key
goal: {event: order_paid, same: cart_id, for: 3d}
exit: [{event: order_paid, same: cart_id}]
control: "50%"
start: pause
nodes:
  pause: {wait: 24h, then: write}
  write: {send: {channel: email, template: hello, topic: marketing, expires: 2d}, then: done}
  done: {exit: {outcome: asked}}
"""
Row = Mapping[str, object]


@dataclass(slots=True)
class Shop:
    """A shop with one journey, and somebody who asks why."""

    app: App
    clock: VirtualClock
    sent: int = field(default=0)

    @property
    def workspace(self) -> Workspace:
        return self.app.workspace()

    def tell(self, user: str, **said: Json) -> None:
        self.sent += 1
        document = {"messageId": f"m{self.sent}", "type": "track", "userId": user, **said}
        assert self.workspace.send([document]).rejected == ()
        self.workspace.turn()

    def cart(self, user: str, *, at: datetime | None = None, **properties: Json) -> None:
        said: dict[str, Json] = {"cart_id": "c1", "amount": 20, **properties}
        moment = (at or self.clock.now()).isoformat()
        self.tell(user, event="add_to_cart", timestamp=moment, properties=said)

    def why(self, user: str, key: str | None = None) -> Row:
        return self.workspace.why_journey("cart", user, key=key)

    def entry(self, user: str) -> Row:
        """The one rule that kept somebody out."""
        found = self.why(user)
        assert found["state"] == "not_entered"
        [ground] = cast("Sequence[Row]", found["entry"])
        return ground

    def grounds(self, user: str) -> dict[str, Row]:
        [run] = cast("Sequence[Row]", self.why(user)["runs"])
        return {str(one["rule"]): one for one in cast("Sequence[Row]", run["grounds"])}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    clock = VirtualClock(NOON)
    with open_app(tmp_path / "home", clock=clock) as app:
        app.init()
        app.workspace().save_template(TEMPLATE)
        opened = Shop(app, clock)
        opened.tell("before", event="add_to_cart", properties={"cart_id": "c1", "amount": 20})
        clock.advance(HOUR)
        app.workspace().publish_journey(CART)
        yield opened


def test_who_did_not_enter_is_told_the_first_rule_that_kept_them_out(shop: Shop) -> None:
    shop.tell("nothing", event="looked")
    shop.cart("little", amount=5)
    shop.cart("keyless", cart_id=None)
    shop.cart("late", at=shop.clock.now() - 30 * HOUR)
    shop.tell("buyer", event="order_paid", properties={"amount": 9})
    shop.clock.advance(HOUR)
    shop.cart("buyer")
    rules = {
        user: shop.entry(user)["rule"] for user in ("nothing", "little", "keyless", "late", "buyer", "before")
    }
    assert rules == {
        "nothing": "no_event",
        "little": "no_match",
        "keyless": "no_key",
        "late": "too_old",
        "buyer": "condition",
        "before": "before_publication",
    }
    late = shop.entry("late")
    assert (late["value"], late["threshold"]) == ("30h", "24h")
    reading = cast("Mapping[str, str]", shop.entry("buyer")["reading"])
    assert "order_paid" in reading["en"]
    assert reading["zh-CN"].startswith("2026-03-02 14:00 的 add_to_cart 未能进入")


def test_who_waits_is_told_until_when_and_who_left_by_which_rule(shop: Shop) -> None:
    shop.cart("li")
    waiting = shop.grounds("li")["waiting"]
    assert (waiting["subject"], waiting["at"]) == ("pause", NOON + 25 * HOUR)
    assert shop.why("li")["state"] == "waiting"
    shop.clock.advance(HOUR)
    shop.tell("li", event="order_paid", properties={"cart_id": "c1", "amount": 20})
    found = shop.grounds("li")
    assert found["left_exit_rule"]["value"] == 1
    assert "order_paid, same cart_id" in cast("Mapping[str, str]", found["left_exit_rule"]["reading"])["en"]
    assert found["goal_reached"]["at"] == NOON + 2 * HOUR
    assert shop.why("li")["state"] == "left"


def test_a_held_message_says_why_and_until_when(shop: Shop) -> None:
    shop.workspace.publish_policy('holdout: none\nquiet_hours: [{from: "12:00", to: "20:00"}]')
    people = [f"p{number}" for number in range(6)]
    for user in people:
        shop.tell(user, type="identify", traits={"email": f"{user}@example.com"})
        shop.tell(user, type="consent", consent="email/marketing", state="granted", proof="form")
        shop.cart(user)
    shop.clock.advance(24 * HOUR)
    shop.workspace.turn()
    arms = {user: cast("Sequence[Row]", shop.why(user)["arm"])[0] for user in people}
    # Whoever's place is below the share is control: both are there, and each is told by their own numbers.
    assert {cast("float", arm["value"]) < 0.5 for arm in arms.values()} == {True, False}
    for user, arm in arms.items():
        assert (arm["rule"], arm["threshold"]) == ("arm_by_hash", 0.5)
        found = shop.grounds(user)
        if cast("float", arm["value"]) < 0.5:
            assert found["message_withheld"]["value"] == "control"
            continue
        held = found["message_held"]
        assert (held["value"], held["at"]) == ("quiet_hours", datetime(2026, 3, 3, 20, tzinfo=UTC))
        assert "免打扰" in cast("Mapping[str, str]", held["reading"])["zh-CN"]
        assert shop.why(user)["state"] == "held"


def test_who_comes_again_under_the_same_key_is_told_the_rule_of_reentry(shop: Shop) -> None:
    shop.cart("li")
    shop.cart("li")
    [ground] = cast("Sequence[Row]", shop.why("li")["entry"])
    assert (ground["rule"], ground["value"]) == ("already_enrolled", "c1")
