"""A journey, rehearsed on a clock moved by hand: nothing here waits for real time."""

import tempfile
from datetime import UTC, datetime, timedelta

import perennial
from perennial.kernel.clock import VirtualClock

TEMPLATE = "{id: hello, channel: email, subject: Hello, text: 'Hello {{ person.traits.city }}.'}"
JOURNEY = """
id: welcome
entry: {on: {event: signed_up}}
reentry: never
goal: {event: order_paid, for: 7d}
control: none
start: pause
nodes:
  pause: {wait: 24h, then: write}
  write: {send: {channel: email, template: hello, topic: marketing}, then: done}
  done: {exit: {outcome: finished}}
"""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def call(kind: str, **fields: object) -> dict[str, object]:
    """One call as a client would send it."""
    return {"type": kind, "userId": "li"} | fields


with tempfile.TemporaryDirectory() as folder:
    clock = VirtualClock(NOON)
    with perennial.open(folder, clock=clock) as app:
        app.init()
        shop = app.workspace()
        shop.save_template(TEMPLATE)
        shop.publish_journey(JOURNEY)
        shop.send(
            [
                call("identify", traits={"email": "li@example.com", "city": "上海"}),
                call("consent", consent="email/marketing", state="granted", proof="sign-up form"),
                call("track", event="signed_up"),
            ]
        )
        shop.turn()
        assert not shop.list_messages().rows, "nothing is sent before the wait is over"
        clock.advance(timedelta(hours=24))
        shop.turn()
        for message in shop.list_messages().rows:
            print(message.user_id, message.channel, message.state, message.cause)
        assert [message.state for message in shop.list_messages().rows] == ["queued"]
        print(shop.read_journey("welcome")["sentence"]["en"])
