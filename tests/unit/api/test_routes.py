"""What the API answers, to whom, and how it refuses."""

import threading
from collections.abc import Callable

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.collect.imports.model import ImportResult
from perennial.kernel.errors import Refused, Unavailable
from perennial.kernel.ids import profile_text
from perennial.testing.installation import API_TOKEN, OTHER_TOKEN, FakeInstallation, FakeWorkspace

BAD_SEGMENT = "id: vip\nname: VIP\ncondition:\n  did: order_paid\n  withing: 30d\n"


def test_health_needs_no_token(client: httpx.Client) -> None:
    answer = client.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer nobody"}, {"authorization": "Basic abc"}])
def test_everything_else_needs_a_known_token(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.get("/api/events/count", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_opens_its_own_workspace_only(client: httpx.Client) -> None:
    mine = {"authorization": f"Bearer {API_TOKEN}"}
    foreign = {**mine, "x-perennial-workspace": "other"}
    named = {"authorization": f"Bearer {OTHER_TOKEN}", "x-perennial-workspace": "other"}

    assert client.get("/api/events/count", headers=mine).status_code == 200
    assert client.get("/api/events/count", headers=named).status_code == 200
    answer = client.get("/api/events/count", headers=foreign)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_the_local_token_opens_the_workspace_it_names(local: httpx.Client) -> None:
    answer = local.get("/api/events/count", headers={"x-perennial-workspace": "defualt"})
    assert answer.status_code == 404
    assert "'default'" in answer.json()["hint"]


def test_a_read_waits_for_what_was_accepted_only_if_asked(
    local: httpx.Client, workspace: FakeWorkspace
) -> None:
    local.get("/api/events/count")
    assert workspace.waited == 0
    local.get("/api/events/count", params={"wait": "accepted"})
    assert workspace.waited == 1


def test_a_workspace_that_is_behind_says_so(local: httpx.Client, workspace: FakeWorkspace) -> None:
    workspace.failure = Unavailable("Not processed yet.")
    answer = local.get("/api/events/count", params={"wait": "accepted"})
    assert answer.status_code == 503


def test_instants_are_read_in_the_workspaces_zone_or_refused(
    local: httpx.Client, workspace: FakeWorkspace
) -> None:
    local.get(
        "/api/events/count",
        params={"event": "order_paid", "from": "2026-01-01", "to": "2026-01-02T00:00:00Z"},
    )
    ((_, given),) = workspace.asked
    assert str(given).count("2026") == 2

    answer = local.get("/api/events/count", params={"from": "yesterday"})
    assert (answer.status_code, answer.json()["path"]) == (422, "$.from")


def test_a_page_of_people_shows_profile_ids_as_text(local: httpx.Client) -> None:
    assert local.get("/api/segments/vip/people").json() == {
        "people": [
            {"profile_id": profile_text(1), "user_id": "p1"},
            {"profile_id": profile_text(2), "user_id": None},
        ],
        "next": "more",
    }


def test_a_bad_condition_is_refused_with_its_place_and_the_nearest_word(local: httpx.Client) -> None:
    answer = local.post("/api/people/count", json={"condition": {"did": "order_paid", "withing": "30d"}})

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["path"]) == (422, "invalid_document", "$.withing")
    assert "within" in problem["hint"]


def test_a_bad_file_is_refused_with_its_line(local: httpx.Client) -> None:
    problem = local.post("/api/segments", content=BAD_SEGMENT).json()
    assert [(one["path"], one["line"]) for one in problem["problems"]] == [("$.condition.withing", 5)]


def test_an_unknown_key_of_a_request_is_refused(local: httpx.Client) -> None:
    answer = local.post("/api/people/list", json={"limits": 3})
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "unknown_key")
    assert answer.json()["path"] == "$.limits"


def test_a_body_that_is_not_json_is_refused_as_a_problem(local: httpx.Client) -> None:
    answer = local.post("/api/people/count", content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert (answer.json()["code"], answer.json()["path"]) == ("unreadable", "$")


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"authorization": f"Bearer {API_TOKEN}"}, 403)])
def test_workspaces_are_made_from_the_servers_own_machine_only(
    client: httpx.Client, headers: dict[str, str], status: int
) -> None:
    assert client.post("/api/workspaces", json={"workspace": "shop"}, headers=headers).status_code == status


def test_what_is_not_possible_now_is_a_conflict(local: httpx.Client, workspace: FakeWorkspace) -> None:
    workspace.failure = Refused("It has ended.")
    assert local.post("/api/journeys/winback/resume").status_code == 409


def test_a_plan_is_read_before_anything_is_published(local: httpx.Client, workspace: FakeWorkspace) -> None:
    refused = local.post("/api/journeys?plan=%7B", content="id: winback")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_document")
    assert "publish_journey" not in str(workspace.asked)
    done = local.post(
        "/api/journeys", params={"plan": '{"a": "stay"}', "base_version": 2}, content="id: winback"
    )
    assert done.status_code == 200
    assert ("publish_journey", ("id: winback", False, {"a": "stay"}, 2)) in workspace.asked


def test_an_unknown_route_is_a_problem_too(local: httpx.Client) -> None:
    assert local.get("/api/nothing").json()["code"] == "no_such_route"


def test_a_consent_is_recorded(local: httpx.Client, workspace: FakeWorkspace) -> None:
    given = {"consent": "email/marketing", "state": "granted", "proof": "form 7"}
    assert local.post("/api/people/p%2F1/consent", json=given).status_code in (200, 404)
    assert local.post("/api/people/p1/consent", json=given).json() == {"user_id": "p1", **given}
    assert ("record_consent", ("p1", "email/marketing", "granted", "form 7")) in workspace.asked


def test_files_of_this_machine_are_imported_with_the_local_token_only(client: httpx.Client) -> None:
    answer = client.post(
        "/api/imports", json={"file": "/etc/passwd"}, headers={"authorization": f"Bearer {API_TOKEN}"}
    )
    assert answer.status_code == 403


def test_workspaces_are_made_with_the_local_token_only(client: httpx.Client, local: httpx.Client) -> None:
    order = {"workspace": "shop", "timezone": "Asia/Shanghai", "renew_token": True}
    headers = {"authorization": f"Bearer {API_TOKEN}"}
    assert client.post("/api/workspaces", json=order, headers=headers).status_code == 403
    assert local.post("/api/workspaces", json=order).json()["workspace"] == "shop"


def test_an_import_can_be_watched_and_cancelled(local: httpx.Client, workspace: FakeWorkspace) -> None:
    started, finish = threading.Event(), threading.Event()

    def slow(progress: Callable[[int, int | None], None], is_cancelled: Callable[[], bool]) -> ImportResult:
        progress(5, 10)
        started.set()
        assert finish.wait(10)
        return ImportResult(read=5, accepted=5) if is_cancelled() else ImportResult(read=10, accepted=10)

    workspace.importing = slow
    assert local.post("/api/imports", json={"file": "a.csv"}).status_code == 202
    assert started.wait(10)
    running = local.get("/api/imports/a.csv").json()
    assert (running["state"], running["read"], running["total"]) == ("running", 5, 10)
    again = local.post("/api/imports", json={"file": "a.csv"})
    assert (again.status_code, again.json()["code"]) == (409, "import_running")
    local.delete("/api/imports/a.csv")
    finish.set()
    assert str(_ended(local, "a.csv")["state"]) == "cancelled"


def test_a_failed_import_tells_its_problem(local: httpx.Client, workspace: FakeWorkspace) -> None:
    def fail(progress: Callable[[int, int | None], None], is_cancelled: Callable[[], bool]) -> ImportResult:
        raise Refused("The file has no rows.")

    workspace.importing = fail
    local.post("/api/imports", json={"file": "b.csv"})
    job = _ended(local, "b.csv")
    assert job["problem"]["message"] == "The file has no rows."


def test_an_import_that_never_was_is_not_found(local: httpx.Client) -> None:
    assert local.get("/api/imports/none").status_code == 404


def _ended(local: httpx.Client, name: str) -> dict[str, dict[str, object]]:
    while (job := local.get(f"/api/imports/{name}").json())["state"] == "running":
        pass
    return job


def test_two_installations_in_one_process_answer_each_for_itself(installation: FakeInstallation) -> None:
    other = FakeInstallation()
    other.workspaces["shop"] = other.workspaces.pop("default")
    apis = [create_app(one, local_token="local_test") for one in (installation, other)]
    found: list[int] = []
    for api in apis:
        with httpx.Client(transport=LocalTransport(api), base_url="http://perennial") as client:
            client.headers["authorization"] = "Bearer local_test"
            client.headers["x-perennial-workspace"] = "shop"
            found.append(client.get("/api/segments").status_code)
    assert found == [404, 200]


def test_who_has_no_token_cannot_have_a_large_body_read(client: httpx.Client) -> None:
    answer = client.post("/api/imports", content=b'{"file": "' + b"x" * 2_000_000)

    assert (answer.status_code, answer.json()["code"]) == (400, "too_large")


def test_a_wrong_method_is_told_which_there_are(local: httpx.Client) -> None:
    answer = local.delete("/api/health")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"


def test_a_name_that_no_file_can_have_is_refused(local: httpx.Client) -> None:
    answer = local.post(
        "/api/imports", content=rb'{"file": "a\ud800.csv"}', headers={"content-type": "application/json"}
    )

    assert answer.status_code == 422
