"""Who is one person, by the front door: keys, explanations, quarantine, and a wrong merge taken back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.kernel.clock import VirtualClock
from perennial.wiring import open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = "keys:\n  - {key: phone, region: CN}\n  - email\n"


class Door:
    """A workspace as a program sees it over HTTP."""

    def __init__(self, client: httpx.Client, write_key: str) -> None:
        self._client = client
        self._key = write_key

    def hear(self, message_id: str, **said: object) -> None:
        call = {"messageId": message_id, "writeKey": self._key, **said}
        assert self._client.post("/v1/identify", json=call).status_code == 200

    def ask(self, method: str, path: str, **given: object) -> dict[str, Any]:
        # `given` is what httpx takes: json or content.
        answer = self._client.request(method, path, params={"wait": "accepted"}, **given)  # pyright: ignore[reportArgumentType]
        assert answer.status_code == 200, answer.text
        return answer.json()

    def people(self) -> int:
        return self.ask("POST", "/api/people/count", json={})["people"]

    def refusal(self, path: str, document: object) -> tuple[int, str]:
        answer = self._client.post(path, json=document)
        return answer.status_code, answer.json()["code"]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_app(tmp_path / "home", clock=VirtualClock(NOON)) as app:
        keys = app.init()
        api = create_app(app, local_token=None)
        headers = {"authorization": f"Bearer {keys.api_token}"}
        with httpx.Client(transport=LocalTransport(api), base_url="http://home", headers=headers) as client:
            yield Door(client, keys.write_key)


def test_a_person_with_a_phone_and_an_address_is_explained_and_a_wrong_merge_goes_apart(door: Door) -> None:
    assert door.ask("POST", "/api/identity", content=RULES)["version"] == 1
    assert door.ask("GET", "/api/identity")["document"]["keys"][1] == "email"
    door.hear("m1", userId="li", traits={"email": "Li@Example.com", "phone": "138 0013 8000"})
    door.hear("m2", anonymousId="tablet", traits={"city": "Bern"})
    assert door.people() == 2
    door.hear("m3", anonymousId="tablet", traits={"email": "li@example.com"})
    assert door.people() == 1

    li = door.ask("GET", "/api/people/li/identity")
    names = {(name["kind"], name["value"]): name["message_id"] for name in li["names"]}
    assert names["phone", "+8613800138000"] == names["email", "li@example.com"] == "m1"
    [merge] = li["merges"]
    assert (merge["reason"], merge["message_id"], merge["kept"]) == ("email", "m3", li["profile_id"])

    tablet = door.ask("POST", "/api/people/unmerge", json={"profile_id": merge["profile_id"]})
    assert [name["value"] for name in tablet["names"]] == ["tablet"]
    assert door.people() == 2
    bernese = {"condition": {"trait": "city", "is": "Bern"}}
    [found] = door.ask("POST", "/api/people/list", json=bernese)["people"]
    assert found["profile_id"] == merge["profile_id"]

    door.hear("m4", anonymousId="tablet", traits={"email": "li@example.com"})
    assert door.people() == 2
    assert door.ask("GET", "/api/identity/quarantined")["quarantined"][0]["value"] == "li@example.com"
    released = {"kind": "email", "value": "li@example.com"}
    assert door.ask("POST", "/api/identity/release", json=released) == released
    assert door.ask("GET", "/api/doctor")["ok"]


def test_what_was_never_merged_and_what_is_not_held_is_refused(door: Door) -> None:
    door.hear("m1", userId="li")
    li = door.ask("GET", "/api/people/li/identity")["profile_id"]
    assert door.refusal("/api/people/unmerge", {"profile_id": li}) == (404, "not_merged")
    assert door.refusal("/api/people/unmerge", {"profile_id": "li"}) == (409, "refused")
    assert door.refusal("/api/identity/release", {"kind": "email", "value": "x"})[0] == 404
    checked = door.ask(
        "POST", "/api/identity/validate", content="keys: [{key: user}, {key: email, limit: 0}]"
    )
    assert [one["path"] for one in checked["problems"]] == ["$.keys[0].key", "$.keys[1].limit"]
