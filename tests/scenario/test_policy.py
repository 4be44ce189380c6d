"""The policy by the front door: published, shown, forecast, and kept to by whatever waits."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.collect.events import Reception
from perennial.decide.assignment import Holdout, is_held_out
from perennial.kernel.clock import VirtualClock
from perennial.kernel.ids import parse_profile
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.showcase.mailbox import Mailbox
from perennial.wiring import App, Workspace, open_app

# Eleven at night in Shanghai, four in the afternoon in Berlin.
EVENING = datetime(2026, 3, 2, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUIET = 'holdout: none\nquiet_hours:\n  - {from: "22:00", to: "08:00", topics: [marketing]}\n'
JOURNEY = """
id: hello
entry: {on: {event: cart}}
control: none
goal: {event: paid, for: 1d}
start: write
nodes:
  write: {send: {channel: email, template: hello, topic: marketing}, then: done}
  done: {exit: {outcome: written}}
"""
PEOPLE: Mapping[str, str | None] = {
    "mei": "Asia/Shanghai",
    "bert": "Europe/Berlin",
    "nina": None,
    "oddly": "Nowhere/Land",
}
Row = Mapping[str, object]


class Shop:
    """A workspace behind its API, its clock and its mail server."""

    def __init__(self, client: httpx.Client, app: App, clock: VirtualClock, mailbox: Mailbox) -> None:
        self.client = client
        self.workspace: Workspace = app.workspace()
        self.clock = clock
        self.mailbox = mailbox

    def hear(self, *calls: Mapping[str, Json]) -> None:
        now = self.clock.now()
        reception = Reception(source="web", received_at=now, is_trusted=True)
        dated = [{"timestamp": now.isoformat(), **call} for call in calls]
        assert self.workspace.submit_calls(dated, reception).result().accepted == len(calls)

    def meet(self, name: str, zone: str | None) -> None:
        traits: dict[str, Json] = {"email": f"{name}@example.com"}
        if zone is not None:
            traits["timezone"] = zone
        agreed = {"consent": "email/marketing", "state": "granted", "proof": "form"}
        self.hear(
            {"type": "identify", "userId": name, "traits": traits, "messageId": f"i-{name}"},
            {"type": "consent", "userId": name, **agreed, "messageId": f"c-{name}"},
        )

    def cart(self, *names: str) -> None:
        self.hear(
            *({"type": "track", "userId": one, "event": "cart", "messageId": f"t-{one}"} for one in names)
        )
        self.workspace.turn()

    def get(self, path: str) -> Row:
        return _read(self.client.get(path, params={"wait": "accepted"}))

    def post(self, path: str, text: str) -> Row:
        return _read(self.client.post(path, content=text))

    def forecast(self, **asked: Json) -> Row:
        return _read(self.client.post("/api/policy/forecast", json=asked, params={"wait": "accepted"}))

    def states(self) -> Mapping[str, tuple[str, str]]:
        rows = cast("list[Row]", self.get("/api/messages")["messages"])
        return {str(row["user_id"]): (str(row["state"]), str(row["reason"])) for row in rows}

    def written_to(self) -> set[str]:
        return {str(mail.message["To"]).partition("@")[0] for mail in self.mailbox.mails}


def _read(answer: httpx.Response) -> Row:
    assert answer.status_code == 200, answer.text
    return cast("Row", answer.json())


@pytest.fixture
def shop(tmp_path: Path, state_url: str) -> Iterator[Shop]:
    clock = VirtualClock(EVENING)
    with Mailbox(clock) as mailbox:
        home = tmp_path / "home"
        home.mkdir()
        (home / "settings.toml").write_text(f'[smtp]\nurl = "{mailbox.url}?from=shop@example.com"\n')
        with open_app(home, clock=clock, state=state_url) as app:
            token = {"authorization": f"Bearer {app.init().api_token}"}
            transport = LocalTransport(create_app(app))
            with httpx.Client(transport=transport, base_url="http://perennial", headers=token) as client:
                shop = Shop(client, app, clock, mailbox)
                shop.post("/api/templates", "{id: hello, channel: email, subject: Hello, text: Hello.}")
                shop.post("/api/journeys", JOURNEY)
                for name, zone in PEOPLE.items():
                    shop.meet(name, zone)
                yield shop


def test_everybody_is_left_alone_at_night_by_their_own_clock(shop: Shop) -> None:
    shop.post("/api/policy", QUIET)
    shop.cart(*PEOPLE)
    # Of whom no zone is known, or none that exists, the workspace's (UTC) holds: three in the afternoon.
    assert shop.written_to() == {"bert", "nina", "oddly"}
    assert shop.states()["mei"] == ("held", "quiet_hours")
    shop.clock.advance(9 * HOUR - timedelta(microseconds=1))
    shop.workspace.turn()
    assert "mei" not in shop.written_to()
    shop.clock.advance(timedelta(microseconds=1))
    shop.workspace.turn()
    assert shop.written_to() == set(PEOPLE)
    assert shop.clock.now() == datetime(2026, 3, 3, 0, tzinfo=UTC)


def test_a_forecast_says_what_then_happens(shop: Shop) -> None:
    shop.hear(
        {"type": "identify", "userId": "mute", "traits": {"email": "mute@example.com"}, "messageId": "i-mute"}
    )
    shop.post("/api/policy", QUIET)
    told = shop.forecast()
    assert told["people"] == 5
    assert told["counts"] == {"pass": 3, "held": 1, "dropped": 1}
    assert told["held"] == {"quiet_hours": 1}
    assert told["dropped"] == {"no_consent": 1}
    assert told["held_from"] == told["held_until"] == "2026-03-03T00:00:00Z"
    assert shop.forecast(topic="transactional")["counts"] == {"pass": 5, "held": 0, "dropped": 0}
    # Then it is day in Shanghai, and night in Berlin and where the workspace is.
    assert shop.forecast(at="2026-03-03T01:00:00Z")["counts"] == {"pass": 1, "held": 3, "dropped": 1}
    only = shop.forecast(condition={"trait": "timezone", "=": "Asia/Shanghai"})
    assert (only["people"], only["held"]) == (1, {"quiet_hours": 1})
    shop.cart(*PEOPLE)
    assert shop.states()["mei"] == ("held", "quiet_hours")


def test_a_policy_published_later_holds_for_what_waits(shop: Shop) -> None:
    shop.post("/api/policy", QUIET)
    shop.cart("mei")
    assert shop.states() == {"mei": ("held", "quiet_hours")}
    shop.post("/api/policy", 'holdout: none\nquiet_hours:\n  - {from: "22:00", to: "09:00"}\n')
    shop.clock.advance(9 * HOUR)
    shop.workspace.turn()
    assert shop.states() == {"mei": ("held", "quiet_hours")}
    shop.clock.advance(HOUR)
    shop.workspace.turn()
    assert shop.states() == {"mei": ("sent", "")}


def test_who_is_held_out_enters_is_recorded_and_gets_nothing(shop: Shop) -> None:
    shop.post("/api/policy", "holdout: 50%")
    shop.cart(*PEOPLE)
    workspace = shop.workspace
    profiles = {name: parse_profile(str(shop.get(f"/api/people/{name}")["profile_id"])) for name in PEOPLE}
    held_out = {
        name
        for name, profile in profiles.items()
        if profile is not None and is_held_out(profile, Holdout(share=0.5), now=EVENING, zone=Zone())
    }
    assert 0 < len(held_out) < len(PEOPLE)  # a fixed draw: the seed and the quarter are
    assert shop.written_to() == set(PEOPLE) - held_out
    assert workspace.count_events("journey_entered") == len(PEOPLE)
    assert workspace.count_events("message_withheld") == len(held_out)
    assert set(shop.states()) == set(PEOPLE) - held_out


def test_what_holds_is_shown_also_before_anything_was_published(shop: Shop) -> None:
    before = shop.get("/api/policy")
    assert before["version"] == 0
    assert cast("Row", before["document"])["caps"] == [{"at_most": 3, "per": "7d", "topics": ["marketing"]}]
    assert cast("Row", before["document"])["holdout"] == "5%"
    shop.post("/api/policy", "caps: [{at_most: 1, per: day, together: true}]")
    after = shop.get("/api/policy")
    assert after["version"] == 1
    assert after["document"] == {
        "caps": [{"at_most": 1, "per": "day", "together": True}],
        "quiet_hours": [],
        "rates": {},
        "best_hour": "10:00",
        "holdout": "5%",
        "topics": {},
    }


def test_a_rate_lets_so_many_go_and_the_rest_wait_their_turn(shop: Shop) -> None:
    shop.post("/api/policy", "holdout: none\nrates: {email: {per_second: 0.5, burst: 2}}")
    shop.cart(*PEOPLE)
    assert len(shop.written_to()) == 2
    assert sorted(state for state, _ in shop.states().values()) == ["queued", "queued", "sent", "sent"]
    shop.clock.advance(timedelta(seconds=2))
    shop.workspace.turn()
    assert len(shop.written_to()) == 3
    shop.clock.advance(HOUR)
    shop.workspace.turn()
    assert shop.written_to() == set(PEOPLE)


def test_a_mistake_in_a_policy_is_refused_with_its_place_and_line(shop: Shop) -> None:
    text = "holdout: none\ncaps:\n  - {at_most: 0, per: 7d}\n"
    (problem,) = cast("list[Row]", shop.post("/api/policy/validate", text)["problems"])
    assert (problem["path"], problem["code"], problem["line"]) == ("$.caps[0].at_most", "bad_count", 3)
    assert shop.client.post("/api/policy", content=text).status_code == 422
    assert shop.get("/api/policy")["version"] == 0
