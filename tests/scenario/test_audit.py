"""The audit log over a real installation: what stands before and after is what the workspace says."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from perennial.api import create_app
from perennial.api.app import edge_behind
from perennial.api.present import READERS, Asked, present_of
from perennial.cli.local_transport import LocalTransport
from perennial.wiring import App, open_app

HERE = "http://127.0.0.1:8420"
PASSWORD = "four words of mei"
POLICY = {"caps": [{"at_most": 2, "per": "7d"}]}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[App]:
    with open_app(tmp_path / "home") as app:
        app.init("default")
        yield app


@pytest.fixture
def mei(installation: App) -> Iterator[httpx.Client]:
    """The owner's browser."""
    link = installation.members.make_set_up_link()
    installation.members.redeem_link(link.url.partition("key=")[2], PASSWORD, email="mei@example.com")
    api = create_app(installation, local_token="local_test")
    edge_behind(api).console.open_at(HERE)
    with httpx.Client(transport=LocalTransport(api), base_url=HERE, headers={"origin": HERE}) as client:
        order = {"email": "mei@example.com", "password": PASSWORD}
        assert client.post("/api/console/session", json=order).status_code == 204
        yield client


def last(client: httpx.Client) -> dict[str, object]:
    return client.get("/api/audit", params={"limit": 1}).json()["entries"][0]


def rows_of(home: Path) -> str:
    """Everything the root store says, row by row."""
    with closing(sqlite3.connect(home / "perennial.db")) as store:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return "\n".join(str(row) for name in tables for row in store.execute(f'SELECT * FROM "{name}"'))  # noqa: S608  names the store itself gave


def test_a_policy_stands_in_the_log_as_it_was_and_as_it_is(mei: httpx.Client) -> None:
    shown = mei.get("/api/policy").json()
    published = mei.post("/api/policy", content=json.dumps(POLICY))
    assert published.status_code == 200, published.text
    entry = last(mei)
    assert (entry["operation"], entry["outcome"]) == ("publish_policy", "done")
    assert entry["actor"] == "mei@example.com"
    assert (entry["before"], entry["after"]) == (shown, mei.get("/api/policy").json())


def test_a_segment_a_source_and_a_workspace_are_told_before_and_after(mei: httpx.Client) -> None:
    segment = {"id": "vip", "name": "VIP", "condition": {"did": "order_paid"}}
    for name in ("VIP", "VIPs"):
        answer = mei.post("/api/segments", content=json.dumps({**segment, "name": name}))
        assert answer.status_code == 200, answer.text
    entry = last(mei)
    assert isinstance(entry["before"], dict)
    assert isinstance(entry["after"], dict)
    assert (entry["before"]["name"], entry["after"]["name"]) == ("VIP", "VIPs")

    machine = {"authorization": "Bearer local_test"}
    changed = mei.patch("/api/workspaces/default", json={"title": "商城"}, headers=machine)
    assert changed.status_code == 200
    newest = mei.get("/api/audit", params={"everywhere": "true", "limit": 1}).json()["entries"][0]
    assert (newest["workspace"], newest["target"], newest["actor_kind"]) == ("", "default", "machine")
    assert (newest["before"]["title"], newest["after"]["title"]) == ("", "商城")


@pytest.mark.parametrize("operation", sorted(READERS))
def test_every_reader_reads_a_workspace_with_nothing_in_it(installation: App, operation: str) -> None:
    for path in ({}, {"id": "default"}, {"email": "nobody@example.com"}):
        asked = Asked(installation, workspace="default", path=path, body='{"id": "none"}')
        json.dumps(present_of(operation, asked))


def test_nothing_of_an_erased_person_or_a_removed_member_is_left_beside_the_workspaces(
    mei: httpx.Client, installation: App
) -> None:
    person, member = "wang.fang@customer.example", "li.na@shop.example"
    consent = {"consent": "email/marketing", "state": "granted", "proof": f"told us as {person}"}
    assert mei.post(f"/api/people/{person}/consent", json=consent).status_code == 200
    assert mei.post(f"/api/people/{person}/erase", json={"reason": "asked"}).status_code == 200
    assert mei.post("/api/members", json={"email": member, "role": "viewer"}).status_code == 200
    assert mei.put(f"/api/members/{member}/role", json={"role": "support"}).status_code == 200
    assert mei.delete(f"/api/members/{member}").status_code == 200
    operations = [one["operation"] for one in mei.get("/api/audit").json()["entries"]]
    assert operations == ["remove_member", "change_role", "invite_member", "erase_person", "record_consent"]

    told = rows_of(installation.home)
    assert "mei@example.com" in told
    assert [name for name in (person, member) if name in told] == []
