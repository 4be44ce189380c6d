"""What the way in answers to good calls, bad calls and bad days."""

import base64
import gzip
import json

import httpx
import pytest

from perennial.collect.events import Overloaded, Stopping
from perennial.kernel.errors import PerennialError, Unavailable
from perennial.testing.installation import WRITE_KEY, FakeInstallation, FakeWorkspace

TRACK = {"userId": "p1", "event": "order_paid", "messageId": "m1", "properties": {"amount": 12.5}}


def basic(user: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(user.encode()).decode()}


KEY = basic(f"{WRITE_KEY}:")


@pytest.mark.parametrize("path", ["/v1/track", "/v1/track/"])
def test_a_track_call_is_stored_and_answered(
    client: httpx.Client, workspace: FakeWorkspace, path: str
) -> None:
    answer = client.post(path, json=TRACK, headers=KEY)

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [(call.kind, call.name, call.user_id, call.source) for call in workspace.calls] == [
        ("track", "order_paid", "p1", "web")
    ]


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        ("identify", {"userId": "p1", "traits": {"city": "上海"}}),
        ("page", {"anonymousId": "a1", "name": "Home"}),
        ("screen", {"anonymousId": "a1", "name": "Cart"}),
        ("group", {"userId": "p1", "groupId": "g1"}),
        ("alias", {"previousId": "a1", "userId": "p1"}),
    ],
)
def test_every_kind_of_call_has_its_address(
    client: httpx.Client, workspace: FakeWorkspace, kind: str, call: dict[str, object]
) -> None:
    assert client.post(f"/v1/{kind}", json=call, headers=KEY).status_code == 200
    assert [call.kind for call in workspace.calls] == [kind]


@pytest.mark.parametrize(
    "headers",
    [KEY, basic(WRITE_KEY), {"authorization": f"Bearer {WRITE_KEY}"}],
    ids=["basic with colon", "basic without", "bearer"],
)
def test_a_key_is_taken_from_the_header(client: httpx.Client, headers: dict[str, str]) -> None:
    assert client.post("/v1/track", json=TRACK, headers=headers).status_code == 200


def test_a_key_is_taken_from_the_body(client: httpx.Client) -> None:
    assert client.post("/v1/track", json={**TRACK, "writeKey": WRITE_KEY}).status_code == 200


def test_a_bearer_token_of_another_system_leaves_the_key_in_the_body(client: httpx.Client) -> None:
    body = {**TRACK, "writeKey": WRITE_KEY}
    assert client.post("/v1/track", json=body, headers={"authorization": "Bearer oauth"}).status_code == 200


@pytest.mark.parametrize("headers", [{}, basic("wrong:"), {"authorization": "Basic !!!"}])
def test_a_wrong_key_stores_nothing(
    client: httpx.Client, workspace: FakeWorkspace, headers: dict[str, str]
) -> None:
    answer = client.post("/v1/track", json=TRACK, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert (workspace.calls, workspace.rejects) == ([], [])


def test_the_key_in_the_header_wins_over_the_one_in_the_body(client: httpx.Client) -> None:
    body = {**TRACK, "writeKey": WRITE_KEY}
    assert client.post("/v1/track", json=body, headers=basic("wrong:")).status_code == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"not json", "unreadable"),
        (b"\xff\xfe", "unreadable"),
        (b"[1]", "unreadable"),
        (b"[" * 5_000, "unreadable"),
        (b'{"userId": "p1", "event": "e", "properties": {"x": "' + b"x" * 33_000 + b'"}}', "too_large"),
        (b"\x1f\x8bnot gzip", "unreadable"),
        (gzip.compress(json.dumps(TRACK).encode())[:-9], "unreadable"),
        (gzip.compress(b"0" * 50_000_000), "too_large"),
    ],
    ids=["text", "bytes", "list", "deep", "large", "bad gzip", "cut gzip", "bomb"],
)
def test_a_body_that_cannot_be_read_is_refused_whole(
    client: httpx.Client, workspace: FakeWorkspace, body: bytes, code: str
) -> None:
    answer = client.post("/v1/track", content=body, headers=KEY)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (workspace.calls, workspace.rejects) == ([], [])


def test_gzip_is_known_by_its_bytes_and_not_by_its_headers(
    client: httpx.Client, workspace: FakeWorkspace
) -> None:
    body = gzip.compress(json.dumps({"batch": [{"type": "track", **TRACK}]}).encode())
    form = {**KEY, "content-type": "application/x-www-form-urlencoded"}

    assert client.post("/v1/batch", content=body, headers=form).status_code == 200
    assert len(workspace.calls) == 1


def test_a_malformed_call_is_kept_as_a_reject_and_told_why(
    client: httpx.Client, workspace: FakeWorkspace
) -> None:
    answer = client.post("/v1/track", json={"event": "order_paid"}, headers=KEY)

    problem = answer.json()
    assert answer.status_code == 400
    assert problem["path"].startswith("$")
    assert problem["hint"]
    assert len(workspace.rejects) == 1


def test_a_batch_keeps_the_good_and_names_the_bad(client: httpx.Client, workspace: FakeWorkspace) -> None:
    items = [{"type": "track", **TRACK}, {"type": "track", "event": "order_paid"}, "nonsense"]

    answer = client.post("/v1/batch", json={"batch": items}, headers=KEY)

    assert answer.status_code == 200
    document = answer.json()
    assert document["success"] is True
    assert [bad["index"] for bad in document["rejected"]] == [1, 2]
    assert all({"path", "code", "hint"} <= bad.keys() for bad in document["rejected"])
    assert (len(workspace.calls), len(workspace.rejects)) == (1, 2)


def test_unknown_fields_are_never_an_error(client: httpx.Client) -> None:
    call = {**TRACK, "_metadata": {"nodeVersion": "22"}, "channel": "server", "rudderId": "r"}
    assert client.post("/v1/track", json=call, headers=KEY).json() == {"success": True}


def test_a_batch_of_4_megabytes_is_accepted_and_a_larger_one_is_not(client: httpx.Client) -> None:
    item = {"type": "track", **TRACK, "properties": {"x": "x" * 20_000}}
    for count, status in ((208, 200), (209, 400)):
        assert client.post("/v1/batch", json={"batch": [item] * count}, headers=KEY).status_code == status


@pytest.mark.parametrize("document", [{}, {"batch": {}}, {"batch": None}])
def test_a_batch_without_a_list_is_refused(client: httpx.Client, document: dict[str, object]) -> None:
    answer = client.post("/v1/batch", json=document, headers=KEY)
    assert (answer.status_code, answer.json()["path"]) == (400, "$.batch")


@pytest.mark.parametrize(
    ("failure", "status"), [(Overloaded(), 429), (Stopping(), 503), (Unavailable("The disk is full."), 503)]
)
def test_what_may_work_later_is_never_refused_for_good(
    client: httpx.Client, workspace: FakeWorkspace, failure: PerennialError, status: int
) -> None:
    workspace.failure = failure

    answer = client.post("/v1/track", json=TRACK, headers=KEY)

    assert answer.status_code == status
    assert int(answer.headers["retry-after"]) > 0
    # Without this a page of another origin cannot read it.
    assert answer.headers["access-control-expose-headers"] == "retry-after, x-ratelimit-reset"


def test_a_key_store_that_cannot_be_read_is_not_a_wrong_key(
    client: httpx.Client, installation: FakeInstallation
) -> None:
    installation.key_failure = Unavailable("The key store cannot be read.")
    assert client.post("/v1/track", json=TRACK, headers=KEY).status_code == 503


def test_an_unknown_call_names_those_there_are(client: httpx.Client) -> None:
    answer = client.post("/v1/trakc", json=TRACK, headers=KEY)
    assert answer.status_code == 404
    assert "/v1/track" in answer.json()["hint"]


def test_calls_are_not_read_with_get(client: httpx.Client) -> None:
    assert client.get("/v1/track").status_code == 405


def test_a_context_that_every_call_would_have_is_bounded(
    client: httpx.Client, workspace: FakeWorkspace
) -> None:
    items = [{"type": "track", "userId": "p1", "event": "e"}] * 4_000
    body = gzip.compress(json.dumps({"context": {"a": "x" * 30_000}, "batch": items}).encode())
    answer = client.post("/v1/batch", content=body, headers=KEY)

    assert len(body) < 10_000
    assert (answer.status_code, answer.json()["code"], answer.json()["path"]) == (
        400,
        "too_large",
        "$.context",
    )
    assert not workspace.calls


@pytest.mark.parametrize("field", ["context", "properties"])
@pytest.mark.parametrize("bracket", ["[]", "{}"])
def test_a_call_that_is_nested_too_deeply_is_a_reject(
    client: httpx.Client, workspace: FakeWorkspace, field: str, bracket: str
) -> None:
    opening, closing = ("[", "]") if bracket == "[]" else ('{"a":', "}")
    fine, deep = (opening * levels + "1" + closing * levels for levels in (60, 900))
    items = [
        f'{{"type": "track", "userId": "p1", "event": "e", "{field}": {{"p": {one}}}}}'
        for one in (fine, deep)
    ]
    answer = client.post("/v1/batch", content='{"batch": [' + ", ".join(items) + "]}", headers=KEY)

    assert answer.status_code == 200
    assert [(one["index"], one["code"]) for one in answer.json()["rejected"]] == [(1, "too_deep")]
    assert len(workspace.calls) == 1
