"""A journey tells another program: posted once, signed, and only where that is allowed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests.contract.test_webhook import Server, server

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.collect.events import Reception
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.wiring import Workspace, open_app

__all__ = ["server"]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
JOURNEY = """
id: tell
entry: {on: {event: cart}}
control: none
goal: {event: paid, for: 1d}
start: post
nodes:
  post: {send: {channel: webhook, template: crm, topic: transactional}, then: done}
  done: {exit: {outcome: told}}
"""


class Shop:
    """A workspace behind its API."""

    def __init__(self, client: httpx.Client, workspace: Workspace) -> None:
        self.client = client
        self.workspace = workspace

    def post(self, path: str, text: str) -> httpx.Response:
        return self.client.post(path, content=text.encode())

    def cart(self, name: str) -> None:
        calls: list[Json] = [
            {"type": "identify", "userId": name, "messageId": f"i-{name}", "traits": {"name": 'Mei "M"'}},
            {"type": "track", "userId": name, "event": "cart", "messageId": f"t-{name}"},
        ]
        reception = Reception(source="web", received_at=NOON, is_trusted=True)
        self.workspace.submit_calls(calls, reception).result()
        self.workspace.turn()

    def states(self) -> list[tuple[str, str]]:
        rows = self.client.get("/api/messages").json()["messages"]
        return [(one["state"], one["reason"]) for one in rows]


@pytest.fixture(params=["allowed", "forbidden"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, state_url: str) -> Iterator[Shop]:
    home = tmp_path / "home"
    home.mkdir()
    hosts = '["127.0.0.1"]' if request.param == "allowed" else "[]"
    (home / "settings.toml").write_text(f"[webhooks]\nallowed_hosts = {hosts}\n")
    with open_app(home, clock=VirtualClock(NOON), state=state_url) as app:
        token = {"authorization": f"Bearer {app.init().api_token}"}
        transport = LocalTransport(create_app(app))
        with httpx.Client(transport=transport, base_url="http://perennial", headers=token) as client:
            yield Shop(client, app.workspace())


def template(server: Server, body: str) -> str:
    url = f"http://127.0.0.1:{server.server_port}/200"
    return json.dumps({"id": "crm", "channel": "webhook", "url": url, "body": body})


@pytest.mark.parametrize("shop", ["allowed"], indirect=True)
def test_a_journey_posts_what_its_template_says_once(shop: Shop, server: Server) -> None:
    body = '{"user": {{ person.user_id | json }}, "name": {{ person.traits.name | json }}}'
    assert shop.post("/api/templates", template(server, body)).status_code == 200
    assert shop.post("/api/journeys", JOURNEY).status_code == 200
    shop.cart("mei")
    shop.workspace.turn()
    ((headers, said),) = server.requests
    assert json.loads(said) == {"user": "mei", "name": 'Mei "M"'}
    assert headers["content-type"] == "application/json"
    assert shop.states() == [("sent", "")]
    assert shop.client.get("/api/webhooks/secret").json()["secret"].startswith("whsec_")


@pytest.mark.parametrize("shop", ["allowed"], indirect=True)
def test_a_body_that_is_no_json_for_somebody_fails_for_them(shop: Shop, server: Server) -> None:
    assert (
        shop.post("/api/templates", template(server, '{"name": {{ person.traits.name }}}')).status_code == 200
    )
    assert shop.post("/api/journeys", JOURNEY).status_code == 200
    shop.cart("mei")
    assert shop.states() == [("failed", "template_failed")]
    assert server.requests == []


@pytest.mark.parametrize("shop", ["forbidden"], indirect=True)
def test_an_address_that_is_not_public_is_refused_unless_it_is_allowed(shop: Shop, server: Server) -> None:
    assert shop.post("/api/templates", template(server, "{}")).status_code == 200
    assert shop.post("/api/journeys", JOURNEY).status_code == 200
    shop.cart("mei")
    assert shop.states() == [("failed", "address_not_public")]
    assert server.requests == []
