"""The audit log at the HTTP edge: every change stands in it, and no secret or person does."""

from datetime import datetime
from typing import cast

import httpx
import pytest
from fastapi import FastAPI
from tests.unit.api.conftest import LOCAL_TOKEN
from tests.unit.api.test_permissions import calls

from perennial.access.audit import Acted, AuditLog
from perennial.access.audit.rules import MOST_BYTES, person_mark, recordable
from perennial.access.roles import MACHINE
from perennial.api import create_app
from perennial.api.app import edge_behind
from perennial.api.permissions import NEEDS
from perennial.cli.local_transport import LocalTransport
from perennial.kernel.errors import Refused, Unavailable
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.testing.audit import RememberedAudit
from perennial.testing.installation import API_TOKEN, FakeInstallation, FakeWorkspace

HERE = "http://127.0.0.1:8420"
PASSWORD = "four words of mei"
ORDER = {"email": "mei@example.com", "password": PASSWORD}


@pytest.fixture
def api(installation: FakeInstallation) -> FastAPI:
    api = create_app(installation, local_token=LOCAL_TOKEN)
    edge_behind(api).console.open_at(HERE)
    return api


@pytest.fixture
def mei(api: FastAPI, installation: FakeInstallation) -> httpx.Client:
    """An owner's browser."""
    link = installation.members.make_set_up_link()
    installation.members.redeem_link(link.url.partition("key=")[2], PASSWORD, email="mei@example.com")
    client = httpx.Client(transport=LocalTransport(api), base_url=HERE, headers={"origin": HERE})
    assert client.post("/api/console/session", json=ORDER).status_code == 204
    return client


def entries(client: httpx.Client, **asked: str) -> list[dict[str, Json]]:
    answer = client.get("/api/audit", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["entries"]


def test_a_change_is_written_with_who_what_when_and_both_sides(
    mei: httpx.Client, installation: FakeInstallation
) -> None:
    assert mei.post("/api/sources", json={"name": "app", "events_per_second": 5}).status_code == 200
    assert mei.put("/api/sources/app/limit", json={"events_per_second": 9}).status_code == 200
    newest, older = entries(mei)
    member = installation.members.find_by_email("mei@example.com")
    assert member is not None
    assert (newest["operation"], newest["target"], newest["outcome"]) == ("limit_source", "app", "done")
    assert (newest["actor_kind"], newest["actor_id"], newest["actor"], newest["address"]) == (
        "member",
        member.member_id,
        "mei@example.com",
        "in-process",
    )
    before, after = newest["before"], newest["after"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert (before["events_per_second"], after["events_per_second"]) == (5, 9)
    assert (older["operation"], older["before"]) == ("create_source", None)


def test_a_refused_change_stands_there_with_why(mei: httpx.Client, installation: FakeInstallation) -> None:
    installation.workspaces["default"].failure = Refused("not now")
    assert mei.post("/api/journeys/winback/pause").status_code == 409
    installation.workspaces["default"].failure = None
    assert mei.post("/api/sources", json={"name": "no name", "events_per_second": "many"}).status_code == 422
    first, second = entries(mei)
    assert (second["operation"], second["outcome"]) == ("pause_journey", "refused")
    assert (first["operation"], first["outcome"]) == ("create_source", "failed")


def test_what_may_not_be_asked_is_not_in_the_log_and_what_only_reads_neither(
    mei: httpx.Client, client: httpx.Client
) -> None:
    mei.get("/api/today")
    mei.post("/api/people/count", json={})
    mei.post("/api/policy/validate", content="{}")
    assert client.post("/api/journeys/winback/pause").status_code == 401
    assert entries(mei) == []


class Locked:
    """A workspace that refuses whatever it is told."""

    name = "default"
    zone = Zone()

    def __getattr__(self, name: str) -> object:
        """A refusal, whatever is asked for."""
        raise Refused(name)


def test_every_operation_that_changes_something_is_recorded(
    mei: httpx.Client, api: FastAPI, installation: FakeInstallation
) -> None:
    installation.workspaces["default"] = cast("FakeWorkspace", Locked())  # it is asked for nothing else
    reading = ("anybody", "look", "people:read", "audit")
    machine = httpx.Client(
        transport=LocalTransport(api), base_url=HERE, headers={"authorization": f"Bearer {LOCAL_TOKEN}"}
    )
    unrecorded: list[str] = []
    for operation, (method, path) in calls().items():
        if method == "GET" or NEEDS[operation] in reading or operation == "suggest_mapping":
            continue
        count = len(installation.audited.kept)
        client = mei if NEEDS[operation] == "signed in" else machine
        client.request(method, path, json={"workspace": "default"})
        if [one.acted.operation for one in installation.audited.kept[count:]] != [operation]:
            unrecorded.append(operation)
        if NEEDS[operation] == "signed in":
            mei.post("/api/console/session", json=ORDER)
    assert unrecorded == []


class FullLog(RememberedAudit):
    """A log that cannot be written."""

    def add(self, acted: Acted, *, at: datetime) -> int:
        """Refused."""
        raise Unavailable


def test_a_change_that_cannot_be_written_down_is_not_made(
    mei: httpx.Client, installation: FakeInstallation
) -> None:
    installation.audit = AuditLog(FullLog(), installation.clock)
    assert mei.post("/api/journeys/winback/pause").status_code == 503
    assert ("pause_journey", "winback") not in installation.workspaces["default"].asked


def test_who_comes_in_and_who_tries_to_is_written(mei: httpx.Client, api: FastAPI) -> None:
    stranger = httpx.Client(transport=LocalTransport(api), base_url=HERE, headers={"origin": HERE})
    for order in ({**ORDER, "password": "wrong"}, {**ORDER, "email": "my password here"}):
        assert stranger.post("/api/console/session", json=order).status_code == 401
    found = entries(mei, everywhere="true")
    assert [(one["operation"], one["outcome"]) for one in found] == [
        ("sign_in", "sign_in_refused"),
        ("sign_in", "done"),
    ]


def test_nobody_is_named_and_no_secret_is_kept(mei: httpx.Client, installation: FakeInstallation) -> None:
    consent = {"consent": "email/marketing", "state": "granted", "proof": "said so on the phone"}
    mei.post("/api/people/li@customer.example/consent", json=consent)
    invited = mei.post("/api/members", json={"email": "zoe@example.com", "role": "viewer"}).json()
    mei.put("/api/members/zoe@example.com/role", json={"role": "support"})
    token = mei.post("/api/tokens", json={"name": "script"}).json()["token"]
    mei.post("/api/console/session/password", json={"present": PASSWORD, "wanted": "the next four words"})
    document = "id: shop\nurl: postgresql://reader:hunter2@db.example/shop\npassword: hunter3\n"
    machine = {"authorization": f"Bearer {LOCAL_TOKEN}"}
    mei.post("/api/database-sources", content=document, headers=machine)
    kept = repr(installation.audited.kept)
    hidden = [
        "li@customer.example",
        "phone",
        "zoe@example.com",
        token,
        invited["link"]["url"],
        PASSWORD,
        "the next four words",
        "hunter2",
        "hunter3",
    ]
    assert [word for word in hidden if word in kept] == []
    assert person_mark("li@customer.example", key="default") in kept
    zoe = installation.members.find_by_email("zoe@example.com")
    assert zoe is not None
    roles = [one for one in installation.audited.kept if one.acted.operation == "change_role"]
    assert roles[0].acted.target == zoe.member_id
    assert roles[0].acted.before == {"member_id": zoe.member_id, "roles": {"default": "viewer"}}
    assert roles[0].after == {"member_id": zoe.member_id, "roles": {"default": "support"}}


def test_the_log_is_paged_and_filtered(
    mei: httpx.Client, api: FastAPI, installation: FakeInstallation
) -> None:
    for name in ("a", "b", "c"):
        mei.post("/api/sources", json={"name": name})
    installation.tokens.create_token("default", "one", scopes=[], days=None, by=MACHINE)
    script = {"authorization": f"Bearer {API_TOKEN}"}
    with httpx.Client(transport=LocalTransport(api), base_url=HERE, headers=script) as caller:
        assert caller.post("/api/sources", json={"name": "d"}).status_code == 200
    first = mei.get("/api/audit", params={"limit": 3}).json()
    rest = mei.get("/api/audit", params={"limit": 3, "after": first["next"]}).json()
    assert [one["entry_id"] for one in first["entries"] + rest["entries"]] == [5, 4, 3, 2]
    assert rest["next"] is None
    assert len(entries(mei, by="mei@example.com")) == 3
    assert len(entries(mei, operation="create_source", to="2026-03-02T12:00:00Z")) == 0
    assert entries(mei, everywhere="true")[-1]["operation"] == "sign_in"
    assert mei.get("/api/audit", params={"after": "x"}).status_code == 422


def test_only_who_sees_every_workspace_sees_the_log_of_every_workspace(
    api: FastAPI, mei: httpx.Client, installation: FakeInstallation
) -> None:
    link = installation.members.invite_member("ada@example.com", "admin", "default", by=MACHINE).link
    assert link is not None
    installation.members.redeem_link(link.url.partition("key=")[2], PASSWORD)
    ada = httpx.Client(transport=LocalTransport(api), base_url=HERE, headers={"origin": HERE})
    assert ada.post("/api/console/session", json={**ORDER, "email": "ada@example.com"}).status_code == 204
    assert ada.get("/api/audit").status_code == 200
    assert ada.get("/api/audit", params={"everywhere": "true"}).status_code == 403
    assert mei.get("/api/audit", params={"everywhere": "true"}).status_code == 200


def test_a_very_long_document_is_kept_by_its_digest() -> None:
    kept = recordable({"rules": "x" * MOST_BYTES})
    assert isinstance(kept, dict)
    assert list(kept) == ["bytes", "sha256"]
