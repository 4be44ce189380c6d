"""Retention by the front door: declared, looked at beforehand, carried out every day, and never undone."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.collect.events import Reception
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.wiring import App, Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Row = Mapping[str, object]
RULES = "{default: 365d, events: {app_open: 30d, order_paid: forever}}"
LONG = "{id: openers, condition: {did: app_open, within: 60d}}"
SHORT = "{id: recent, condition: {did: app_open, within: 7d}}"


class Shop:
    """A workspace behind its API whose clock the test turns."""

    def __init__(self, client: httpx.Client, app: App, clock: VirtualClock) -> None:
        self.client = client
        self.app = app
        self.workspace: Workspace = app.workspace()
        self.clock = clock
        self._sent = 0

    def hears(self, event: str, *ago: int, user: str = "anna") -> None:
        for days in ago:
            self._sent += 1
            call: dict[str, Json] = {
                "type": "track",
                "userId": user,
                "event": event,
                "messageId": f"m{self._sent}",
                "timestamp": (self.clock.now() - days * DAY).isoformat(),
            }
            reception = Reception(source="web", received_at=self.clock.now(), is_trusted=True)
            assert self.workspace.submit_calls([call], reception).result().accepted == 1

    def get(self, path: str, **asked: str) -> Row:
        return self._read(self.client.get(path, params={"wait": "accepted", **asked}))

    def post(self, path: str, text: str = "") -> Row:
        return self._read(self.client.post(path, content=text, params={"wait": "accepted"}))

    def counts(self) -> Mapping[str, int]:
        names = ("app_open", "order_paid", "searched")
        return {name: cast("int", self.get("/api/events/count", event=name)["events"]) for name in names}

    def _read(self, answer: httpx.Response) -> Row:
        assert answer.status_code == 200, answer.text
        return cast("Row", answer.json())


@pytest.fixture
def shop(tmp_path: Path, state_url: str) -> Iterator[Shop]:
    clock = VirtualClock(NOON)
    with open_app(tmp_path / "home", clock=clock, state=state_url) as app:
        token = {"authorization": f"Bearer {app.init().api_token}"}
        transport = LocalTransport(create_app(app))
        with httpx.Client(transport=transport, base_url="http://perennial", headers=token) as client:
            shop = Shop(client, app, clock)
            shop.hears("app_open", 1, 29, 31, 60)
            shop.hears("order_paid", 1, 700)
            shop.hears("searched", 364, 366)
            yield shop


def test_what_is_past_is_shown_beforehand_and_goes_every_day(shop: Shop) -> None:
    for text in (LONG, SHORT):
        shop.workspace.save_segment(text)
    shop.post("/api/retention", RULES)
    preview = shop.get("/api/retention/preview")
    assert (preview["events"], preview["total"]) == ({"app_open": 2, "searched": 1}, 3)
    assert preview["overreaching"] == [
        {"kind": "segment", "id": "openers", "event": "app_open", "asks_days": 60.0, "kept_days": 30}
    ]
    assert shop.counts() == {"app_open": 4, "order_paid": 2, "searched": 2}

    shop.workspace.turn()
    assert shop.counts() == {"app_open": 2, "order_paid": 2, "searched": 1}
    shop.workspace.turn()  # once a day
    (removal,) = cast("Sequence[Row]", shop.get("/api/retention/removals")["removals"])
    # Names that nobody declared are clients' words: they are not kept.
    assert (removal["removed"], removal["version"]) == ({"*": 1, "app_open": 2}, 1)

    shop.clock.move_to(NOON + 2 * DAY)
    shop.workspace.turn()
    assert shop.counts() == {"app_open": 1, "order_paid": 2, "searched": 0}
    removals = cast("Sequence[Row]", shop.get("/api/retention/removals")["removals"])
    assert [one["total"] for one in removals] == [2, 3]
    assert shop.workspace.doctor().ok


def test_a_start_after_a_power_cut_brings_nothing_back_that_was_past(shop: Shop) -> None:
    shop.post("/api/retention", RULES)
    shop.post("/api/retention/run")
    shop.workspace.recover()
    assert shop.counts() == {"app_open": 2, "order_paid": 2, "searched": 1}


def test_other_rules_are_carried_out_the_same_day(shop: Shop) -> None:
    shop.post("/api/retention", RULES)
    shop.workspace.turn()
    shop.post("/api/retention", "{events: {app_open: 2d}}")
    shop.workspace.turn()
    assert shop.counts() == {"app_open": 1, "order_paid": 2, "searched": 1}


def test_a_removal_that_was_broken_off_is_ended_and_counted_once(tmp_path: Path) -> None:
    with open_app(tmp_path / "home", clock=VirtualClock(NOON)) as app:
        app.init()
        workspace = app.workspace()
        call: dict[str, Json] = {"type": "track", "userId": "anna", "event": "app_open", "messageId": "m1"}
        workspace.send([{**call, "timestamp": (NOON - 60 * DAY).isoformat()}])
        workspace.publish_retention(RULES)
        workspace.wait_accepted()
        cut = int((NOON - 30 * DAY).timestamp()) * 1_000_000
        left = {"default": None, "events": {"app_open": cut}}
        [place] = (tmp_path / "home").glob("workspaces/*/state.db")
        died = sqlite3.connect(place)  # what a process leaves that dies before it removes anything
        died.execute(
            "INSERT INTO removals (version, cutoffs, removed, started_at) VALUES (1, ?, ?, ?)",
            (json.dumps(left), json.dumps({"app_open": 1}), cut),
        )
        died.commit()
        died.close()
        workspace.turn()
        workspace.turn()
        removals = cast("Sequence[Row]", workspace.list_removals().rows)
        assert [(one["total"], one["finished_at"]) for one in removals] == [(0, NOON), (1, NOON)]
        assert workspace.count_events("app_open") == 0


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ("{default: 90}", "$.default", "bad_duration"),
        ("{default: 36h}", "$.default", "no_whole_days"),
        ("{events: {message_sent: 30d}}", "$.events.message_sent", "reserved_event"),
        ("{defualt: 30d}", "$.defualt", "unknown_key"),
        ("{}", "$", "nothing_said"),
        ("[1]", "$", "wrong_type"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_its_place(
    shop: Shop, text: str, path: str, code: str
) -> None:
    checked = shop.post("/api/retention/validate", text)
    problems = cast("Sequence[Row]", checked["problems"])
    assert (checked["ok"], (path, code) in [(one["path"], one["code"]) for one in problems]) == (False, True)
    answer = shop.client.post("/api/retention", content=text)
    assert answer.status_code == 422
    assert shop.client.get("/api/retention").status_code == 404
