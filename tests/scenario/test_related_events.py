"""Segments by what followed what, by consent and by rank are saved, previewed and kept fresh."""

from collections.abc import Iterator, Mapping
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
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SEGMENTS: Mapping[str, Json] = {
    "bought_what_they_saw": {"sequence": ["view", "order_paid"], "span": "1h", "same": "item"},
    "left_a_cart": {"after": "cart", "without": "order_paid", "for": "30m", "until": "2h", "same": "item"},
    "newcomers": {"seen": "first", "within": "3h"},
    "reachable": {"consent": "email/marketing", "is": "granted"},
    "best": {"rank": "sum(amount)", "of": "order_paid", "top": "50%"},
}


class Door:
    """A workspace over HTTP, whose clock the test turns."""

    def __init__(self, client: httpx.Client, app: App, clock: VirtualClock) -> None:
        self.client = client
        self.workspace: Workspace = app.workspace()
        self.clock = clock
        self._sent = 0

    def send(self, user: str, **call: Json) -> None:
        self._sent += 1
        said: dict[str, Json] = {"type": "track", "userId": user, "messageId": f"m{self._sent}", **call}
        said["timestamp"] = self.clock.now().isoformat()
        reception = Reception(source="web", received_at=self.clock.now(), is_trusted=True)
        assert self.workspace.submit_calls([said], reception).result().accepted == 1

    def did(self, user: str, event: str, item: str, amount: int = 0) -> None:
        self.send(user, event=event, properties={"item": item, "amount": amount})

    def wait(self, pause: timedelta) -> None:
        self.clock.advance(pause)
        self.workspace.turn()

    def members(self, segment: str) -> set[str]:
        answer = self.client.get(f"/api/segments/{segment}/members", params={"wait": "accepted"})
        assert answer.status_code == 200, answer.text
        return {cast("str", row["user_id"]) for row in answer.json()["people"]}


@pytest.fixture
def door(tmp_path: Path, state_url: str) -> Iterator[Door]:
    clock = VirtualClock(NOON)
    with open_app(tmp_path / "home", clock=clock, state=state_url) as app:
        keys = app.init()
        headers = {"authorization": f"Bearer {keys.api_token}"}
        transport = LocalTransport(create_app(app, local_token=None))
        with httpx.Client(transport=transport, base_url="http://home", headers=headers) as client:
            yield Door(client, app, clock)


def test_segments_of_related_events_are_saved_previewed_and_stay_fresh(door: Door) -> None:
    door.did("anna", "view", "hat")
    door.did("bob", "cart", "hat")
    door.did("cleo", "cart", "shoe")
    door.send("anna", type="consent", consent="email/marketing", state="granted")
    for name, condition in SEGMENTS.items():
        previewed = door.client.post("/api/segments/preview", json={"condition": condition})
        assert previewed.status_code == 200, previewed.text
        saved = door.client.post("/api/segments", json={"id": name, "condition": condition})
        assert saved.status_code == 200, saved.text
    door.wait(MINUTE)
    assert door.members("newcomers") == {"anna", "bob", "cleo"}
    assert door.members("reachable") == {"anna"}
    assert (
        door.members("bought_what_they_saw") == door.members("left_a_cart") == door.members("best") == set()
    )
    # What happens moves people at once.
    door.did("anna", "order_paid", "hat", 20)
    door.did("bob", "order_paid", "shoe", 5)
    door.send("anna", type="consent", consent="email/marketing", state="withdrawn")
    door.wait(MINUTE)
    assert door.members("bought_what_they_saw") == {"anna"}
    assert door.members("reachable") == set()
    # And so does time alone: both left that very cart, whatever else was bought.
    door.wait(30 * MINUTE)
    assert door.members("left_a_cart") == {"bob", "cleo"}
    door.did("cleo", "order_paid", "shoe", 1)
    door.wait(MINUTE)
    assert door.members("left_a_cart") == {"bob"}
    # The border of a share moves once an hour, with everyone.
    door.wait(HOUR)
    assert door.members("best") == {"anna", "bob"}
    door.wait(2 * HOUR)
    assert door.members("left_a_cart") == door.members("newcomers") == set()
    assert door.workspace.doctor().ok
