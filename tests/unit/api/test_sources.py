"""Sources, their limits, and what their clients are answered when they send too much."""

import base64
import json

import httpx
import pytest
from structlog.testing import capture_logs

from perennial.collect.events import Overloaded, Stopping
from perennial.kernel.errors import DiskFull, PerennialError, Unavailable
from perennial.testing.installation import WRITE_KEY, FakeInstallation, FakeWorkspace

TRACK = {"userId": "p1", "event": "order_paid"}
RECORD = {"type": "track", "event": "order_paid", "distinct_id": "p1", "time": 1774958400000}


def encoded(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()


def basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def ask(client: httpx.Client, way: str) -> httpx.Response:
    """The same event by each way in."""
    match way:
        case "segment":
            return client.post("/v1/track", json=TRACK, headers=basic(WRITE_KEY))
        case "rudderstack":
            body = json.dumps({"batch": [{**TRACK, "type": "track"}]}).encode()
            headers = {**basic(WRITE_KEY), "content-type": "application/x-www-form-urlencoded"}
            return client.post("/v1/batch", content=body, headers=headers)
        case "sensors":
            return client.post(f"/sa?project={WRITE_KEY}", data={"data": encoded(RECORD)})
        case "sensors pixel":
            return client.get("/sa.gif", params={"project": WRITE_KEY, "data": encoded(RECORD)})
        case _:
            params = {"data": encoded({**TRACK, "writeKey": WRITE_KEY})}
            return client.get("/v1/pixel/track", params=params)


WAYS = ("segment", "rudderstack", "sensors", "sensors pixel", "pixel")


@pytest.fixture
def limited(installation: FakeInstallation) -> FakeInstallation:
    """The source of `WRITE_KEY` may send one event in a hundred seconds, as it were: one, and then none."""
    installation.sources.create_source("default", "web", events_per_second=1, burst=1)
    return installation


@pytest.mark.parametrize("way", WAYS)
def test_a_source_that_sends_more_than_it_may_is_told_when_to_come_again(
    client: httpx.Client, limited: FakeInstallation, workspace: FakeWorkspace, way: str
) -> None:
    batch = [{**TRACK, "type": "track", "messageId": f"m{number}"} for number in range(500)]
    first = client.post("/v1/batch", json={"batch": batch}, headers=basic(WRITE_KEY))
    second = ask(client, way)

    assert (first.status_code, second.status_code) == (200, 429)
    assert second.json()["code"] == "rate_limited"
    assert 490 <= int(second.headers["retry-after"]) <= 501
    assert second.headers["x-ratelimit-reset"] == second.headers["retry-after"]
    assert len(workspace.calls) == 500


def test_a_request_that_is_too_much_is_refused_whole(
    client: httpx.Client, limited: FakeInstallation, workspace: FakeWorkspace
) -> None:
    limited.sources.limit_source("default", "web", events_per_second=5)
    good = [{**TRACK, "type": "track"}] * 4
    client.post("/v1/batch", json={"batch": good}, headers=basic(WRITE_KEY))

    answer = client.post("/v1/batch", json={"batch": [*good, {"type": "?"}]}, headers=basic(WRITE_KEY))

    assert (answer.status_code, len(workspace.calls), workspace.rejects) == (429, 4, [])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("failure", "status"), [(Overloaded(), 429), (Stopping(), 503), (DiskFull(), 503)])
def test_whatever_may_work_later_is_asked_for_again_in_every_protocol(
    client: httpx.Client, workspace: FakeWorkspace, way: str, failure: PerennialError, status: int
) -> None:
    workspace.failure = failure

    answer = ask(client, way)

    assert answer.status_code == status
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("way", WAYS)
def test_a_key_store_that_cannot_be_read_makes_no_key_wrong(
    client: httpx.Client, installation: FakeInstallation, way: str
) -> None:
    installation.key_failure = Unavailable()

    answer = ask(client, way)

    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


def test_the_key_of_the_header_wins_and_the_difference_is_told_without_either_key(
    client: httpx.Client, workspace: FakeWorkspace
) -> None:
    body = {**TRACK, "writeKey": "wk_of_somebody_else"}
    with capture_logs() as logged:
        answers = [client.post("/v1/track", json=body, headers=basic(WRITE_KEY)) for _ in range(5)]

    told = [line for line in logged if line["event"] == "write_keys_differ"]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert [line["requests"] for line in told] == [1, 2, 4]
    assert not any(key in str(logged) for key in (WRITE_KEY, "wk_of_somebody_else"))
    assert {call.source for call in workspace.calls} == {"web"}


def test_a_source_is_made_limited_rotated_and_revoked(local: httpx.Client) -> None:
    made = local.post("/api/sources", json={"name": "shop"}).json()
    limited = local.put("/api/sources/shop/limit", json={"events_per_second": 50}).json()
    rotated = local.post("/api/sources/shop/rotate").json()
    old = made["keys"][0]["write_key"]

    assert (limited["events_per_second"], limited["burst"]) == (50, 50)
    assert [key["write_key"] == old for key in rotated["keys"]] == [True, False]
    assert local.delete("/api/sources/shop", params={"write_key": old}).json() == {"revoked": 1}
    assert [len(each["keys"]) for each in local.get("/api/sources").json()["sources"]] == [1]
    assert local.delete("/api/sources/shop").json() == {"revoked": 1}
    assert local.delete("/api/sources/shop").status_code == 404


@pytest.mark.parametrize(
    ("order", "path"),
    [
        ({"name": "API"}, "$.name"),
        ({"name": "api"}, "$.name"),
        ({"name": "shop", "events_per_second": 0}, "$.events_per_second"),
        ({"name": "shop", "events_per_second": 5, "burst": 0}, "$.burst"),
        ({"name": "shop", "burst": 5}, "$.events_per_second"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused_with_the_place(
    local: httpx.Client, order: dict[str, object], path: str
) -> None:
    answer = local.post("/api/sources", json=order)

    assert (answer.status_code, answer.json()["path"]) == (422, path)
    assert local.get("/api/sources").json()["sources"] == []
