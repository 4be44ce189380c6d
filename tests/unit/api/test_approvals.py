"""Four eyes: what a workspace put under approval is done once a second person said yes to exactly that."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from tests.unit.api.conftest import LOCAL_TOKEN

from perennial.access.roles import MACHINE, Role
from perennial.api import create_app
from perennial.api.app import edge_behind
from perennial.cli.local_transport import LocalTransport
from perennial.testing.installation import API_TOKEN, FakeInstallation

HERE = "http://127.0.0.1:8420"
PASSWORD = "four words of mei"
DOCUMENT = '{"id": "winback", "nodes": {}}'


@pytest.fixture
def api(installation: FakeInstallation) -> FastAPI:
    installation.approvals.set_approval_rules("default", ["publish_journey"], choices=["publish_journey"])
    api = create_app(installation, local_token=LOCAL_TOKEN)
    edge_behind(api).console.open_at(HERE)
    return api


def enter(api: FastAPI, installation: FakeInstallation, name: str, role: Role) -> httpx.Client:
    email = f"{name}@example.com"
    link = installation.members.invite_member(email, role, "default", by=MACHINE).link
    assert link is not None
    installation.members.redeem_link(link.url.partition("key=")[2], PASSWORD)
    client = httpx.Client(transport=LocalTransport(api), base_url=HERE, headers={"origin": HERE})
    order = {"email": email, "password": PASSWORD}
    assert client.post("/api/console/session", json=order).status_code == 204
    return client


@pytest.fixture
def mei(api: FastAPI, installation: FakeInstallation) -> httpx.Client:
    return enter(api, installation, "mei", "operator")


@pytest.fixture
def li(api: FastAPI, installation: FakeInstallation) -> httpx.Client:
    return enter(api, installation, "li", "operator")


def publish(client: httpx.Client, document: str = DOCUMENT, **options: str) -> str:
    answer = client.post("/api/journeys", content=document, params=options)
    return "done" if answer.status_code == 200 else str(answer.json()["code"])


def waiting(client: httpx.Client) -> list[dict[str, str]]:
    return [one for one in client.get("/api/approvals").json()["approvals"] if not one["verdict"]]


def test_a_change_waits_for_a_second_person_and_is_then_done_once(
    mei: httpx.Client, li: httpx.Client, installation: FakeInstallation
) -> None:
    assert [publish(mei), publish(mei)] == ["approval_asked", "approval_asked"]
    (asked,) = waiting(li)
    assert (asked["operation"], asked["sent"]) == ("publish_journey", DOCUMENT)
    place = f"/api/approvals/{asked['approval_id']}"
    assert mei.post(f"{place}/approve").json()["code"] == "not_yours"
    assert ("publish_journey", (DOCUMENT, False, None, None)) not in installation.workspaces["default"].asked

    assert li.post(f"{place}/approve").json()["verdict"] == "approved"
    assert li.post(f"{place}/approve").json()["code"] == "approval_not_found"
    assert [publish(mei), publish(mei)] == ["done", "approval_asked"]


def test_a_yes_is_to_exactly_what_was_asked(mei: httpx.Client, li: httpx.Client) -> None:
    publish(mei)
    (asked,) = waiting(li)
    li.post(f"/api/approvals/{asked['approval_id']}/approve")
    assert publish(mei, DOCUMENT.replace("winback", "winbacc")) == "approval_asked"
    assert publish(mei, approve="true") == "approval_asked"
    assert publish(mei) == "done"


def test_a_no_and_what_was_taken_back_are_no_yes(mei: httpx.Client, li: httpx.Client) -> None:
    publish(mei)
    li.post(f"/api/approvals/{waiting(li)[0]['approval_id']}/reject")
    assert publish(mei) == "approval_asked"
    mei.post(f"/api/approvals/{waiting(mei)[0]['approval_id']}/reject")
    assert waiting(li) == []
    assert publish(mei) == "approval_asked"


def test_a_yes_and_a_question_last_seven_days(
    mei: httpx.Client, li: httpx.Client, installation: FakeInstallation
) -> None:
    publish(mei)
    (asked,) = waiting(li)
    li.post(f"/api/approvals/{asked['approval_id']}/approve")
    approvals, clock = installation.approvals, installation.clock
    clock.advance(timedelta(days=7))
    assert list(approvals.list_approvals("default")) == []
    for client, name in ((mei, "mei"), (li, "li")):
        order = {"email": f"{name}@example.com", "password": PASSWORD}
        assert client.post("/api/console/session", json=order).status_code == 204
    assert publish(mei) == "approval_asked"


def test_whoever_could_not_do_it_cannot_approve_it_and_no_token_can(
    api: FastAPI, mei: httpx.Client, installation: FakeInstallation
) -> None:
    publish(mei)
    (asked,) = waiting(mei)
    viewer = enter(api, installation, "vera", "viewer")
    assert viewer.post(f"/api/approvals/{asked['approval_id']}/approve").json()["code"] == "not_yours"
    script = httpx.Client(
        transport=LocalTransport(api), base_url=HERE, headers={"authorization": f"Bearer {API_TOKEN}"}
    )
    assert script.post(f"/api/approvals/{asked['approval_id']}/approve").json()["code"] == "not_yours"
    assert publish(script) == "approval_asked"


def test_only_an_owner_says_what_needs_approval(api: FastAPI, installation: FakeInstallation) -> None:
    admin, owner = enter(api, installation, "ada", "admin"), enter(api, installation, "olga", "owner")
    rules = {"operations": ["publish_policy", "pause_journy"]}
    assert admin.put("/api/approval-rules", json=rules).status_code == 403
    refused = owner.put("/api/approval-rules", json=rules).json()
    assert refused["hint"] == "Did you mean 'pause_journey'?"
    assert owner.put("/api/approval-rules", json={"operations": []}).json()["operations"] == []
    assert publish(admin) == "done"


def test_the_machines_own_commands_are_not_held_up(client: httpx.Client, api: FastAPI) -> None:
    with httpx.Client(transport=LocalTransport(api), base_url=HERE) as machine:
        machine.headers["authorization"] = f"Bearer {LOCAL_TOKEN}"
        assert publish(machine) == "done"
