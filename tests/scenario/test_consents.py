"""What a person ever said about consent, by the front door: by hand, imported, merged, erased."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.kernel.clock import VirtualClock
from perennial.wiring import App, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Door:
    """A workspace as a program sees it over HTTP, whose clock the test turns."""

    def __init__(self, client: httpx.Client, app: App, clock: VirtualClock, write_key: str) -> None:
        self._client = client
        self.app = app
        self._clock = clock
        self.write_key = write_key

    def say(self, user: str, state: str, proof: str, *, consent: str = "email/marketing") -> None:
        self._clock.advance(timedelta(minutes=1))
        said = {"consent": consent, "state": state, "proof": proof}
        assert self.post(f"/api/people/{user}/consent", said).status_code == 200

    def post(self, path: str, document: Mapping[str, object]) -> httpx.Response:
        return self._client.post(path, json=document)

    def consents(self, user: str, **asked: str | int) -> httpx.Response:
        return self._client.get(f"/api/people/{user}/consents", params={"wait": "accepted", **asked})

    def proofs(self, user: str) -> list[str]:
        return [one["proof"] for one in self.consents(user).json()["consents"]]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    clock = VirtualClock(NOON)
    with open_app(tmp_path / "home", clock=clock) as app:
        keys = app.init()
        headers = {"authorization": f"Bearer {keys.api_token}"}
        transport = LocalTransport(create_app(app, local_token=None))
        with httpx.Client(transport=transport, base_url="http://home", headers=headers) as client:
            yield Door(client, app, clock, keys.write_key)


def test_every_statement_is_kept_with_its_proof_newest_first_page_by_page(door: Door) -> None:
    door.say("li", "granted", "signup form 3")
    door.say("li", "withdrawn", "")
    door.say("li", "granted", "call 17", consent="sms/news")
    door.say("wang", "granted", "another person's")

    first = door.consents("li", limit=2).json()
    second = door.consents("li", limit=2, after=first["next"]).json()
    shown = [
        (one["channel"], one["topic"], one["state"], one["proof"], one["source"])
        for one in [*first["consents"], *second["consents"]]
    ]
    assert shown == [
        ("sms", "news", "granted", "call 17", "api"),
        ("email", "marketing", "withdrawn", "", "api"),
        ("email", "marketing", "granted", "signup form 3", "api"),
    ]
    assert (first["consents"][0]["occurred_at"], second["next"]) == ("2026-03-02T12:03:00Z", None)
    assert first["consents"][0]["message_id"].startswith("consent_")


def test_what_was_imported_stands_where_it_happened_with_its_own_message_id(
    door: Door, tmp_path: Path
) -> None:
    door.say("li", "withdrawn", "by hand")
    line = {
        "type": "consent",
        "userId": "li",
        "consent": "email/marketing",
        "state": "granted",
        "proof": "shop 2019",
        "timestamp": "2019-05-01T00:00:00Z",
        "messageId": "old-1",
    }
    file = tmp_path / "old.jsonl"
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    door.app.workspace().import_file(file)

    oldest = door.consents("li").json()["consents"][-1]
    assert (oldest["message_id"], oldest["occurred_at"]) == ("old-1", "2019-05-01T00:00:00Z")
    assert door.proofs("li") == ["by hand", "shop 2019"]


def test_a_merge_brings_both_histories_together_and_an_erasure_takes_them(door: Door) -> None:
    door.say("old-li", "granted", "first")
    door.say("li", "withdrawn", "second")
    alias = {"previousId": "old-li", "userId": "li", "messageId": "m1", "writeKey": door.write_key}
    assert door.post("/v1/alias", alias).status_code == 200
    assert door.proofs("li") == ["second", "first"]

    assert door.post("/api/people/li/erase", {}).status_code == 200
    answer = door.consents("li")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_person")


def test_nobody_and_a_cursor_of_ones_own_making_are_refused(door: Door) -> None:
    door.say("li", "granted", "")
    assert door.consents("nobody").status_code == 404
    assert door.consents("li", after="9").json()["code"] == "refused"
