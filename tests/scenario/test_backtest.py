"""A backtest over what was recorded comes out as the live run did: the same paths, the same messages."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from perennial.decide.rehearsals import Fate
from perennial.kernel.clock import VirtualClock
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import bucket
from perennial.kernel.values import Json
from perennial.runtime.exports import ExportOrder, Watching
from perennial.runtime.exports.service import EventsAsked
from perennial.runtime.rehearsing.service import BacktestOrder
from perennial.showcase.mailbox import Mailbox
from perennial.wiring import App, Workspace, open_app

START = datetime(2026, 3, 2, tzinfo=UTC)
TICK = timedelta(minutes=30)
TICKS = 3 * 48
PEOPLE = 80
EVENTS = ("add_to_cart", "add_to_cart", "looked", "looked", "order_paid")
POLICY = """
caps: [{at_most: 2, per: 1d}, {at_most: 3, per: week, together: true}]
quiet_hours: [{from: "22:00", to: "08:00"}]
holdout: 5%
"""
TEMPLATE = "{id: hello, channel: email, subject: Hello, text: Hello.}"
CART = """
id: cart
entry: {on: {event: add_to_cart}, key: cart_id, if: {not: {did: order_paid, within: 2h}}}
reentry: per_key
goal: {event: order_paid, same: cart_id, for: 1d}
exit: [{event: order_paid, same: cart_id}]
control: "20%"
start: pause
nodes:
  pause: {wait: 3h, then: worth}
  worth:
    branch: [{if: {measure: sum(amount), of: order_paid, within: 2d, is: ">= 50"}, then: offer}]
    else: remind
  offer: {send: {channel: email, template: hello, topic: marketing, priority: 80, expires: 12h}, then: done}
  remind: {send: {channel: email, template: hello, topic: marketing, priority: 40}, then: again}
  again: {wait: 6h, then: last}
  last: {send: {channel: email, template: hello, topic: marketing, over_cap: drop}, then: done}
  done: {exit: {outcome: asked}}
"""
THANKS = """
id: thanks
entry: {on: {event: order_paid}}
reentry: {after: 1d}
goal: {event: order_paid, for: 1d}
start: ways
nodes:
  ways: {split: {arms: [{id: soon, weight: 1, then: say}, {id: later, weight: 2, then: rest}]}}
  rest: {wait: 90m, then: say}
  say: {send: {channel: email, template: hello, topic: marketing, priority: 60}, then: done}
  done: {exit: {outcome: thanked}}
"""
LOOKED = """
id: looked
entry: {on: {event: looked, where: [{property: price, is: ">= 50"}]}, max_age: 2h}
reentry: always
exit: [{event: add_to_cart}]
start: pause
nodes:
  pause: {wait: 30m, then: say}
  say: {send: {channel: email, template: hello, topic: news, at: "18:30", expires: 1d}, then: done}
  done: {exit: {outcome: told}}
"""


@dataclass(slots=True)
class Shop:
    """A shop whose people do things by derived draws, some of which are heard of hours later."""

    app: App
    clock: VirtualClock
    drawn: int = 0
    late: list[tuple[datetime, dict[str, Json]]] = field(
        default_factory=list[tuple[datetime, dict[str, Json]]]
    )
    sent: int = 0

    def draw(self) -> float:
        """The next of the same draws, from 0 to 1."""
        self.drawn += 1
        return bucket(str(self.drawn), salt="backtest")

    def pick(self, first: int, last: int) -> int:
        return first + int(self.draw() * (last - first + 1))

    @property
    def workspace(self) -> Workspace:
        return self.app.workspace()

    def people_arrive(self) -> None:
        for number in range(PEOPLE):
            name = f"p{number}"
            zone = "Asia/Shanghai" if number % 2 else "America/New_York"
            traits: Json = {"email": f"{name}@example.com", "timezone": zone}
            self.tell({"type": "identify", "userId": name, "traits": traits})
            for topic in ("marketing", "news") if number % 5 else ():
                consent: dict[str, Json] = {"consent": f"email/{topic}", "state": "granted", "proof": "form"}
                self.tell({"type": "consent", "userId": name, **consent})

    def tick(self) -> None:
        """Half an hour: what is heard of late, what happens, and the loop turns once."""
        now = self.clock.now()
        heard = [document for at, document in self.late if at <= now]
        self.late = [(at, document) for at, document in self.late if at > now]
        for document in heard:
            self.tell(document)
        for _ in range(self.pick(10, 26)):
            document = self.something(now)
            if self.draw() < 0.05:
                self.late.append((now + TICK * self.pick(1, 20), document))
            else:
                self.tell(document)
        self.workspace.turn()
        self.clock.advance(TICK)

    def something(self, now: datetime) -> dict[str, Json]:
        event = EVENTS[self.pick(0, 4)]
        cart = f"c{self.pick(1, 3)}"
        properties: Json = {
            "cart_id": cart,
            "amount": self.pick(1, 60),
            "price": self.pick(1, 99),
        }
        name = f"p{self.pick(0, PEOPLE - 1)}"
        said: dict[str, Json] = {"event": event, "timestamp": now.isoformat(), "properties": properties}
        return {"type": "track", "userId": name, **said}

    def tell(self, document: dict[str, Json]) -> None:
        self.sent += 1
        assert self.workspace.send([{"messageId": f"m{self.sent}", **document}]).rejected == ()

    def trail(self, folder: Path) -> Sequence[Mapping[str, object]]:
        """Everything that the live run left in the log."""
        file = folder / "trail.parquet"
        asked = EventsAsked(names=None, start=None, end=None, with_ours=True)
        order = ExportOrder(
            to=str(file), format="parquet", columns=None, reveals=True, is_for_spreadsheets=False
        )
        self.workspace.export_events(order, asked=asked, watching=Watching())
        return pq.read_table(file).to_pylist()


@dataclass(slots=True)
class Seen:
    """What a backtest brought about, as comparable words."""

    steps: set[tuple[str, str, datetime]] = field(default_factory=set[tuple[str, str, datetime]])
    messages: set[tuple[str, str, str, datetime]] = field(default_factory=set[tuple[str, str, str, datetime]])

    def see(self, events: Sequence[EmittedEvent]) -> None:
        self.steps |= {(one.name, one.message_id, one.occurred_at) for one in events}

    def judge(self, fates: Sequence[Fate]) -> None:
        self.messages |= {(one.word, one.message.message_id, one.reason, one.at) for one in fates}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    clock = VirtualClock(START)
    with (
        Mailbox(clock) as mailbox,
        open_app(
            tmp_path / "home", clock=clock, smtp_urls={"default": f"{mailbox.url}?from=shop@example.com"}
        ) as app,
    ):
        app.init()
        app.workspace().save_template(TEMPLATE)
        app.workspace().publish_policy(POLICY)
        yield Shop(app, clock)


def test_a_backtest_takes_the_paths_and_messages_of_the_live_run(shop: Shop, tmp_path: Path) -> None:
    """Caps and quiet hours active, people of two zones, one event in twenty heard of hours later."""
    for document in (CART, THANKS, LOOKED):
        shop.workspace.publish_journey(document)
    shop.people_arrive()
    for _ in range(TICKS):
        shop.tick()
    assert shop.sent > 2_000
    trail = shop.trail(tmp_path)
    for number, document in enumerate((CART, THANKS, LOOKED)):
        seen = Seen()
        order = BacktestOrder(
            backtest_id=f"bt_{number}", text=document, start=START - TICK, end=shop.clock.now() - TICK
        )
        report = shop.workspace.backtest_journey(order, witnesses=[seen])
        steps, messages = _of_journey(trail, str(report["journey"]))
        assert len(steps) > 300
        assert {word for word, *_ in messages} >= {"sent", "held"}
        assert seen.steps == steps
        assert seen.messages == messages


def test_nothing_live_is_touched_and_the_report_is_kept(shop: Shop) -> None:
    shop.people_arrive()
    for _ in range(12):
        shop.tick()
    before = shop.workspace.list_messages().rows, shop.workspace.list_journeys().rows
    order = BacktestOrder(
        backtest_id="bt_1", text=CART, start=START - TICK, end=shop.clock.now(), against=THANKS
    )
    report = shop.workspace.backtest_journey(order)
    assert report["entered"]
    assert (shop.workspace.list_messages().rows, shop.workspace.list_journeys().rows) == before
    assert shop.workspace.show_backtest("bt_1") == report
    [row] = shop.workspace.list_backtests().rows
    assert isinstance(row, Mapping)
    assert (row["backtest"], row["journey"]) == ("bt_1", "cart")


def test_the_future_and_a_span_without_length_are_refused(shop: Shop) -> None:
    for start, end, path in ((START, START + TICK, "$.to"), (START, START, "$.from")):
        order = BacktestOrder(backtest_id="bt_1", text=CART, start=start, end=end)
        with pytest.raises(InvalidDocument) as refused:
            shop.workspace.backtest_journey(order)
        assert refused.value.problems[0].path == path


def _of_journey(
    trail: Sequence[Mapping[str, object]], journey: str
) -> tuple[set[tuple[str, str, datetime]], set[tuple[str, str, str, datetime]]]:
    steps: set[tuple[str, str, datetime]] = set()
    messages: set[tuple[str, str, str, datetime]] = set()
    words = {f"message_{word}": word for word in ("sent", "held", "dropped", "withheld")}
    for row in trail:
        name, at, said = str(row["name"]), row["occurred_at"], json.loads(str(row["properties"]))
        if row["kind"] != "perennial" or said.get("journey") != journey or not isinstance(at, datetime):
            continue
        if name.startswith("journey_"):
            steps.add((name, str(row["message_id"]), at))
        elif name in words:
            messages.add((words[name], said["message"], said.get("reason", ""), at))
    return steps, messages
