"""The addresses of other platforms' clients, and pages of every origin."""

import base64
import gzip
import json
from urllib.parse import quote

import httpx
import pytest

from perennial.api.protocols.snippet import packed_snippet, snippet
from perennial.collect.events import Overloaded
from perennial.kernel.values import Json
from perennial.testing.installation import WRITE_KEY, FakeInstallation, FakeWorkspace

TRACK = {"userId": "p1", "event": "order_paid", "messageId": "m1"}
RECORD: dict[str, Json] = {
    "type": "track",
    "time": 1_772_452_800_000,
    "distinct_id": "u1",
    "event": "买",
    "properties": {"$is_login_id": True, "价格": 2},
}
AUTH = (WRITE_KEY, "")


def packed(document: Json, *, with_gzip: bool) -> str:
    plain = json.dumps(document, ensure_ascii=False).encode()
    return base64.b64encode(gzip.compress(plain, mtime=0) if with_gzip else plain).decode()


@pytest.mark.parametrize(
    ("letter", "kind"),
    [("t", "track"), ("i", "identify"), ("p", "page"), ("s", "screen"), ("g", "group"), ("a", "alias")],
)
def test_a_browser_library_writes_one_letter(
    client: httpx.Client, workspace: FakeWorkspace, letter: str, kind: str
) -> None:
    call = {**TRACK, "groupId": "g", "previousId": "v", "writeKey": WRITE_KEY}
    answer = client.post(f"/v1/{letter}", content=json.dumps(call), headers={"content-type": "text/plain"})

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert [call.kind for call in workspace.calls] == [kind]


@pytest.mark.parametrize("path", ["/v1/b", "/v1/import", "/beacon/v1/batch"])
def test_a_batch_has_other_names(client: httpx.Client, workspace: FakeWorkspace, path: str) -> None:
    body = {"batch": [{"type": "track", **TRACK}]}

    assert client.post(path, params={"writeKey": WRITE_KEY}, json=body).status_code == 200
    assert [call.name for call in workspace.calls] == ["order_paid"]


def test_traits_stand_in_the_context_where_a_client_has_them_only_there(
    client: httpx.Client, workspace: FakeWorkspace
) -> None:
    context: Json = {"traits": {"city": "上海"}}
    told: list[Json] = [None, {}, {"city": "北京"}]
    for traits in told:
        call: Json = {"userId": "p1", "context": context, "traits": traits}
        client.post("/v1/identify", json=call, auth=AUTH)

    assert [call.properties["city"] for call in workspace.calls] == ["上海", "上海", "北京"]


def test_what_a_library_tells_of_itself_is_answered_and_not_kept(
    client: httpx.Client, workspace: FakeWorkspace
) -> None:
    assert client.post("/v1/m", json={"series": []}).status_code == 200
    assert workspace.calls == []


def test_a_batchs_own_time_stands_for_items_that_say_none(
    client: httpx.Client, workspace: FakeWorkspace
) -> None:
    said = {"type": "track", **TRACK, "timestamp": "2026-03-01T00:00:00Z"}
    body = {"batch": [{"type": "track", **TRACK}, said], "timestamp": "2026-02-01T00:00:00Z"}
    client.post("/v1/batch", json=body, auth=AUTH)

    assert [call.occurred_at.month for call in workspace.calls] == [2, 3]


def test_a_batch_holds_so_many_calls_and_no_more(client: httpx.Client, workspace: FakeWorkspace) -> None:
    for count, status in ((20_000, 200), (20_001, 400)):
        body = b'{"batch":[' + b",".join([b"0"] * count) + b"]}"
        assert client.post("/v1/batch", content=body, auth=AUTH).status_code == status
    assert len(workspace.rejects) == 20_000


def test_a_call_comes_as_an_address_of_an_image(client: httpx.Client, workspace: FakeWorkspace) -> None:
    sent = packed({**TRACK, "writeKey": WRITE_KEY}, with_gzip=False)
    answer = client.get("/v1/pixel/track", params={"data": sent})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert [call.name for call in workspace.calls] == ["order_paid"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/pixel/track", 400),
        ("/v1/pixel/track?data=%25", 400),
        ("/v1/pixel/track?data=e30=", 401),
        ("/v1/pixel/batch?data=e30=", 404),
        ("/v1/pixel/nothing", 404),
        ("/v1/track", 405),
        ("/v1/projects", 404),
        (f"/v1/pixel/track?writeKey={WRITE_KEY}&data=e30=", 400),
    ],
)
def test_a_wrong_address_stores_nothing(
    client: httpx.Client, workspace: FakeWorkspace, path: str, status: int
) -> None:
    assert client.get(path).status_code == status
    assert workspace.calls == []


def test_a_browser_library_is_told_to_send_here(client: httpx.Client) -> None:
    settings = client.get(f"/v1/projects/{WRITE_KEY}/settings").json()
    assert settings["integrations"]["Segment.io"] == {
        "apiKey": WRITE_KEY,
        "apiHost": "perennial/v1",
        "protocol": "http",
        "unbundledIntegrations": [],
        "addBundledMetadata": True,
        "maybeBundledConfigIds": {},
    }


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/t", "/sa", "/sa.gif"])
def test_a_page_of_any_origin_may_send_and_no_cookie_goes_along(client: httpx.Client, path: str) -> None:
    asked = {
        "origin": "http://shop.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    answer = client.options(path, headers=asked)

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "access-control-allow-credentials" not in answer.headers


def test_a_page_hears_why_it_was_refused(client: httpx.Client) -> None:
    answer = client.post("/v1/track", json=TRACK)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, "*")


# --- 神策 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_gzip", [True, False])
@pytest.mark.parametrize("field", ["data", "data_list"])
def test_records_are_taken_from_a_form(
    client: httpx.Client, workspace: FakeWorkspace, field: str, *, with_gzip: bool
) -> None:
    document: Json = RECORD if field == "data" else [RECORD, RECORD]
    form = {field: packed(document, with_gzip=with_gzip), "gzip": str(int(with_gzip)), "crc": "-7"}
    answer = client.post("/sa", params={"project": "default", "token": WRITE_KEY}, data=form)

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [(call.name, call.user_id) for call in workspace.calls] == [("买", "u1")] * len(workspace.calls)
    assert len({call.message_id for call in workspace.calls}) == (1 if field == "data" else 2)


@pytest.mark.parametrize("path", ["/sa", "/sa.gif"])
def test_a_record_is_taken_from_an_address(client: httpx.Client, workspace: FakeWorkspace, path: str) -> None:
    sent = packed(RECORD, with_gzip=False)
    answer = client.get(f"{path}?project={WRITE_KEY}&data={quote(sent)}&ext=crc%3D1")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert len(workspace.calls) == 1


def test_a_plus_that_was_read_as_a_space_is_a_plus(client: httpx.Client, workspace: FakeWorkspace) -> None:
    sent = packed({**RECORD, "event": "~~~>>>???"}, with_gzip=False)
    assert "+" in sent or "/" in sent
    client.post(f"/sa?token={WRITE_KEY}", content=f"data={sent}".encode())
    assert [call.name for call in workspace.calls] == ["~~~>>>???"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("", "unreadable"),
        ("data=%ff", "unreadable"),
        ("data=***", "unreadable"),
        ("data=" + base64.b64encode(b"\x1f\x8bno").decode(), "unreadable"),
        ("data=" + base64.b64encode(b"no json").decode(), "unreadable"),
        ("data_list=" + base64.b64encode(b"{}").decode(), "unreadable"),
        ("data=" + quote(base64.b64encode(gzip.compress(b"0" * 50_000_000))), "too_large"),
        ("data_list=" + base64.b64encode(b"[" + b"0," * 20_000 + b"0]").decode(), "too_large"),
        ("&".join(f"f{number}=1" for number in range(200)), "unreadable"),
        ("data=é", "unreadable"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_whole(
    client: httpx.Client, workspace: FakeWorkspace, form: str, code: str
) -> None:
    answer = client.post(f"/sa?token={WRITE_KEY}", content=form.encode())

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert (workspace.calls, workspace.rejects) == ([], [])


def test_records_that_make_no_sense_are_kept_and_named(
    client: httpx.Client, workspace: FakeWorkspace
) -> None:
    form = {"data_list": packed([RECORD, {"type": "item_set", "item_id": "i"}], with_gzip=True)}
    answer = client.post(f"/sa?token={WRITE_KEY}", data=form)

    assert [refused["code"] for refused in answer.json()["rejected"]] == ["unknown_type"]
    assert (len(workspace.calls), len(workspace.rejects)) == (1, 1)


def test_records_need_a_key_that_is_known(client: httpx.Client, workspace: FakeWorkspace) -> None:
    form = {"data": packed(RECORD, with_gzip=True)}
    assert client.post("/sa?project=default&token=wrong", data=form).status_code == 401
    assert client.post("/sa", data=form, auth=AUTH).status_code == 200
    assert len(workspace.calls) == 1


def test_a_full_house_asks_for_the_same_again(client: httpx.Client, installation: FakeInstallation) -> None:
    installation.workspaces["default"].failure = Overloaded()
    answer = client.post(f"/sa?token={WRITE_KEY}", data={"data": packed(RECORD, with_gzip=True)})

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")


def test_other_methods_are_refused(client: httpx.Client) -> None:
    assert client.put("/sa").status_code == 405
    assert client.put("/v1/track").status_code == 405
    assert client.post("/p.js").status_code == 405


# --- the snippet ----------------------------------------------------------------------------------


def test_the_snippet_is_served_small_and_readable(client: httpx.Client) -> None:
    answer = client.get("/p.js", headers={"accept-encoding": "gzip"})

    assert (answer.content, answer.headers["content-encoding"]) == (snippet(), "gzip")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert len(packed_snippet()) <= 3 * 1024
    plain = client.get("/p.js", headers={"accept-encoding": "identity"})
    assert (plain.content, "content-encoding" in plain.headers) == (snippet(), False)
