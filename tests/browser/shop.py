"""A small shop to look at, made through the public interface in a process that then lets go of it.

`python -m tests.browser.shop HOME` makes two workspaces: `default`, which is empty, and `shop`, a rehearsal
on a clock moved by hand, where 80 people fill carts, are written to a day later, and some of them order.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.wiring import Workspace, open_app

SHOP = "shop"
JOURNEY = "cart_rescue"
BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAYS = 12
PEOPLE = 80
TEMPLATE = "{id: cart, channel: email, subject: Your cart, text: 'It is still there.'}"
SEGMENT = "{id: buyers, name: Bought in the last week, condition: {did: order_paid, within: 7d}}"
DOCUMENT = """
id: cart_rescue
name: Rescue of left carts
entry: {on: {event: add_to_cart}, key: cart_id}
reentry: per_key
goal: {event: order_paid, same: cart_id, for: 3d}
exit:
  - {event: order_paid, same: cart_id}
control: "50%"
start: pause
nodes:
  pause: {wait: 24h, then: worth}
  worth:
    branch:
      - {if: {trait: tier, is: gold}, then: call}
    else: write
  write: {send: {channel: email, template: cart, topic: marketing}, then: rest}
  call: {send: {channel: email, template: cart, topic: marketing, priority: 80}, then: rest}
  rest: {wait: 2d, then: done}
  done: {exit: {outcome: written}}
"""


def make_shop(home: Path) -> None:
    """Make both workspaces, and let the days go by."""
    clock = VirtualClock(BEGIN)
    with open_app(home, clock=clock) as app:
        app.init("default")
        app.init(SHOP, timezone="Asia/Shanghai", is_rehearsal=True)
        workspace = app.workspace(SHOP)
        workspace.save_template(TEMPLATE)
        workspace.save_segment(SEGMENT)
        workspace.publish_journey(DOCUMENT)
        workspace.send([_told(number) for number in range(PEOPLE)])
        for day in range(DAYS):
            workspace.send(list(_calls(day, clock.now())))
            workspace.turn()
            clock.advance(timedelta(days=1))
        _finish(workspace)


def _finish(workspace: Workspace) -> None:
    workspace.turn()
    workspace.refresh_segments()


def _told(number: int) -> Json:
    tier = "gold" if number % 4 == 0 else "silver"
    traits: Json = {"tier": tier, "email": f"p{number}@example.invalid"}
    return {"type": "identify", "userId": f"p{number}", "messageId": f"who-{number}", "traits": traits}


def _calls(day: int, now: datetime) -> list[Json]:
    """Everybody looks around every third day; each fills one cart, and two in five order within hours."""
    calls: list[Json] = []
    for number in range(day % 3, PEOPLE, 3):
        calls.append(_track(number, "product_viewed", f"view-{day}-{number}", now, {}))
    for number in range(day * PEOPLE // DAYS, (day + 1) * PEOPLE // DAYS):
        cart: Json = {"cart_id": f"c{number}", "amount": 40 + number}
        earlier = now - timedelta(hours=3)
        calls.append(_track(number, "add_to_cart", f"cart-{number}", earlier, cart))
        if number % 5 < 2:
            calls.append(_track(number, "order_paid", f"order-{number}", now, cart))
    return calls


def _track(number: int, event: str, message_id: str, at: datetime, properties: Json) -> Json:
    return {
        "type": "track",
        "userId": f"p{number}",
        "event": event,
        "messageId": message_id,
        "timestamp": at.isoformat(),
        "properties": properties,
    }


if __name__ == "__main__":
    make_shop(Path(sys.argv[1]))
