"""The console's way in: links, sessions, files, and everybody who is turned away."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from tests.unit.api.conftest import LOCAL_TOKEN

from perennial.access.roles import PERMISSIONS
from perennial.api import create_app
from perennial.api.app import edge_behind
from perennial.api.console import LINK_LASTS, SESSION_LASTS, Console, is_loopback
from perennial.api.console_files import ConsoleFiles
from perennial.cli.local_transport import LocalTransport
from perennial.testing.installation import FakeInstallation

HERE = "http://127.0.0.1:8420"
TOKEN = {"authorization": f"Bearer {LOCAL_TOKEN}"}
OWN = {"origin": HERE}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A console as `make web` builds it, beside something that is nobody's business."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Perennial</title>", encoding="utf-8")
    (folder / "assets" / "main-abc123.js").write_text("let a = 1", encoding="utf-8")
    (folder / "favicon.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return folder


@pytest.fixture
def api(installation: FakeInstallation, built: Path) -> FastAPI:
    api = create_app(installation, local_token=LOCAL_TOKEN)
    console = edge_behind(api).console
    console.open_at(HERE)
    api.router.default = ConsoleFiles(console, built)
    return api


def browser(api: FastAPI, address: str = HERE) -> httpx.Client:
    return httpx.Client(transport=LocalTransport(api), base_url=address)


def link(api: FastAPI) -> str:
    return edge_behind(api).console.make_link()


@pytest.fixture
def entered(api: FastAPI) -> httpx.Client:
    """A browser that came in by a link."""
    client = browser(api)
    client.get(link(api))
    return client


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_link_opens_the_console_and_all_its_workspaces(api: FastAPI) -> None:
    client = browser(api)
    assert code_of(client.get("/api/console/session")) == (401, "session_missing")
    answer = client.get(link(api))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/"))
    assert "domain" not in cookie
    told = client.get("/api/console/session").json()
    assert [workspace["name"] for workspace in told["workspaces"]] == ["default", "other"]
    assert told["workspaces"][0] == {
        "name": "default",
        "timezone": "UTC",
        "is_rehearsal": False,
        "permissions": sorted(PERMISSIONS),
    }
    assert told["member"] is None
    for name in ("default", "other"):
        opened = client.get("/api/today", headers={"x-perennial-workspace": name})
        assert (opened.status_code, opened.json()["timezone"]) == (200, "UTC")
    assert client.get("/api/today", headers={"x-perennial-workspace": "othr"}).status_code == 404


def test_a_link_works_once(api: FastAPI) -> None:
    address = link(api)
    assert browser(api).get(address).status_code == 303
    second = browser(api).get(address)
    assert (second.status_code, "set-cookie" in second.headers) == (403, False)
    assert "perennial console" in second.text
    assert "链接" in second.text


def test_a_link_expires(api: FastAPI, installation: FakeInstallation) -> None:
    address = link(api)
    installation.clock.advance(LINK_LASTS)
    assert browser(api).get(address).status_code == 403


@pytest.mark.parametrize("key", ["", "?key=", "?key=enter_guess", "?other=1"])
def test_a_guessed_key_opens_nothing(api: FastAPI, key: str) -> None:
    answer = browser(api).get("/enter" + key)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_a_session_ends_after_half_a_day(entered: httpx.Client, installation: FakeInstallation) -> None:
    installation.clock.advance(SESSION_LASTS - timedelta(seconds=1))
    assert entered.get("/api/console/session").status_code == 200
    installation.clock.advance(timedelta(seconds=1))
    assert code_of(entered.get("/api/console/session")) == (401, "session_missing")


def test_logging_out_ends_the_session_for_every_copy_of_its_cookie(api: FastAPI) -> None:
    client = browser(api)
    client.get(link(api))
    kept = dict(client.cookies)
    assert client.delete("/api/console/session", headers=OWN).status_code == 204
    assert dict(client.cookies) == {}
    copy = httpx.Client(transport=LocalTransport(api), base_url=HERE, cookies=kept)
    assert code_of(copy.get("/api/today")) == (401, "session_missing")


def test_a_session_of_another_server_opens_nothing(entered: httpx.Client) -> None:
    other = create_app(FakeInstallation(), local_token="another")
    edge_behind(other).console.open_at(HERE)
    stranger = httpx.Client(transport=LocalTransport(other), base_url=HERE, cookies=dict(entered.cookies))
    assert code_of(stranger.get("/api/today")) == (401, "session_missing")


@pytest.mark.parametrize(
    "host", ["evil.example:8420", "127.0.0.1:9999", "127.0.0.1", "", "127.0.0.1:8420.evil"]
)
@pytest.mark.parametrize("path", ["/", "/enter?key=x", "/favicon.svg", "/api/today", "/api/console/session"])
def test_another_hosts_name_is_refused_everywhere(entered: httpx.Client, host: str, path: str) -> None:
    assert code_of(entered.get(path, headers={"host": host})) == (403, "foreign_request")


@pytest.mark.parametrize("host", ["127.0.0.1:8420", "localhost:8420", "LocalHost:8420", "[::1]:8420"])
def test_every_name_of_this_machine_will_do(entered: httpx.Client, host: str) -> None:
    headers = {"host": host, "origin": f"http://{host.lower()}"}
    assert entered.get("/api/today", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:3000"},
        {"origin": "https://127.0.0.1:8420"},
        {**OWN, "sec-fetch-site": "same-site"},
        {**OWN, "sec-fetch-site": "cross-site"},
    ],
)
def test_a_change_asked_by_another_page_is_refused(
    entered: httpx.Client, installation: FakeInstallation, headers: Mapping[str, str]
) -> None:
    answer = entered.post("/api/journeys/winback/end", headers=headers)
    assert code_of(answer) == (403, "foreign_request")
    assert code_of(entered.delete("/api/console/session", headers=headers)) == (403, "foreign_request")
    assert installation.workspaces["default"].asked == []


def test_a_change_asked_by_our_own_page_is_made(
    entered: httpx.Client, installation: FakeInstallation
) -> None:
    answer = entered.post("/api/journeys/winback/pause", headers={**OWN, "sec-fetch-site": "same-origin"})
    assert answer.status_code == 200
    assert ("pause_journey", "winback") in installation.workspaces["default"].asked


@pytest.mark.parametrize("headers", [{"origin": "http://127.0.0.1:3000"}, {"sec-fetch-site": "same-site"}])
def test_another_page_may_not_even_read(entered: httpx.Client, headers: Mapping[str, str]) -> None:
    assert code_of(entered.get("/api/today", headers=headers)) == (403, "foreign_request")


def test_a_session_neither_tells_keys_nor_reads_files_nor_makes_links(entered: httpx.Client) -> None:
    orders = {
        "/api/workspaces": {"workspace": "default"},
        "/api/imports": {"file": "/etc/hosts"},
        "/api/console/links": {},
    }
    for path, order in orders.items():
        refused = code_of(entered.post(path, json=order, headers=OWN))
        assert refused in ((401, "unauthorized"), (403, "forbidden")), path


def test_a_token_needs_no_origin(api: FastAPI) -> None:
    client = browser(api, "http://anything.example")
    assert client.get("/api/today", headers=TOKEN).status_code == 200
    assert client.get("/api/console/session", headers=TOKEN).status_code == 200
    made = client.post("/api/console/links", headers=TOKEN).json()["url"]
    assert made.startswith(f"{HERE}/enter?key=")
    assert browser(api).get(made).status_code == 303


def test_without_the_local_token_no_link_is_made(api: FastAPI) -> None:
    assert code_of(browser(api).post("/api/console/links")) == (401, "unauthorized")
    foreign = {"authorization": "Bearer tok_test"}
    assert code_of(browser(api).post("/api/console/links", headers=foreign)) == (403, "forbidden")


def test_where_others_could_reach_it_there_is_no_console(installation: FakeInstallation) -> None:
    client = browser(create_app(installation, local_token=LOCAL_TOKEN), "http://shop.example")
    for path in ("/", "/enter?key=x", "/w/default/today", "/index.html"):
        answer = client.get(path)
        assert code_of(answer) == (404, "console_closed"), path
        assert "127.0.0.1" in answer.json()["hint"]
    assert code_of(client.post("/api/console/links", headers=TOKEN)) == (404, "console_closed")
    cookies = {Console(installation.clock).cookie: "anything"}
    client.cookies.update(cookies)
    assert code_of(client.get("/api/today")) == (401, "session_missing")
    assert client.get("/api/health").status_code == 200


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104  compared, not bound
        ("::", False),
        ("192.168.1.5", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_only_this_machines_own_addresses_are_loopback(host: str, is_local: bool) -> None:
    assert is_loopback(host) is is_local


@pytest.mark.parametrize("path", ["/", "/w/default/today", "/w/default/journeys/winback", "/index.html"])
def test_every_page_of_the_console_is_its_one_document(api: FastAPI, path: str) -> None:
    answer = browser(api).get(path)
    assert (answer.status_code, answer.text) == (200, "<title>Perennial</title>")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_files_with_a_hash_in_their_name_are_kept_and_others_asked_again(api: FastAPI) -> None:
    script = browser(api).get("/assets/main-abc123.js")
    assert (script.status_code, script.text) == (200, "let a = 1")
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-type"].startswith("text/javascript")
    assert browser(api).get("/favicon.svg").headers["cache-control"] == "no-cache"
    assert browser(api).head("/favicon.svg").status_code == 200


def test_a_console_that_is_built_anew_under_a_running_server_is_served(api: FastAPI, built: Path) -> None:
    (built / "assets" / "main-abc123.js").unlink()
    (built / "assets" / "main-def456.js").write_text("let a = 2", encoding="utf-8")
    (built / "index.html").write_text("<title>Newer</title>", encoding="utf-8")
    assert browser(api).get("/").text == "<title>Newer</title>"
    assert browser(api).get("/assets/main-def456.js").text == "let a = 2"
    assert code_of(browser(api).get("/assets/main-abc123.js")) == (404, "no_such_route")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "//etc/hosts.txt",
        "/assets/main-zzz.js",
        "/.env",
    ],
)
def test_no_path_leads_out_of_the_folder(api: FastAPI, path: str) -> None:
    answer = browser(api).get(httpx.URL(HERE).copy_with(raw_path=path.encode()))
    assert code_of(answer) == (404, "no_such_route")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nothing"), ("GET", "/v1/nothing"), ("POST", "/w/default/today")]
)
def test_what_is_no_page_stays_a_problem(api: FastAPI, method: str, path: str) -> None:
    answer = browser(api).request(method, path)
    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_console_that_was_not_built_says_how(installation: FakeInstallation, tmp_path: Path) -> None:
    api = create_app(installation, local_token=LOCAL_TOKEN)
    console = edge_behind(api).console
    console.open_at(HERE)
    api.router.default = ConsoleFiles(console, tmp_path / "nothing")
    answer = browser(api).get("/")
    assert answer.status_code == 404
    assert "make web" in answer.text
    assert "尚未构建" in answer.text


def test_the_way_in_leaves_no_trace(api: FastAPI) -> None:
    answer = browser(api).get(link(api))
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_a_server_told_to_listen_on_another_loopback_address_answers_to_it(
    installation: FakeInstallation,
) -> None:
    api = create_app(installation, local_token=LOCAL_TOKEN)
    edge_behind(api).console.open_at("http://127.0.0.2:8420")
    client = browser(api, "http://127.0.0.2:8420")
    assert client.get(link(api)).status_code == 303
    assert client.get("/api/today").status_code == 200
    stranger = browser(api, "http://127.0.0.3:8420")
    assert code_of(stranger.get("/enter?key=x")) == (403, "foreign_request")


def test_what_is_told_about_people_is_kept_by_no_browser(entered: httpx.Client) -> None:
    answer = entered.get("/api/today")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_list_of_calls_runs_no_script_under_the_consoles_name(entered: httpx.Client) -> None:
    answer = entered.get("/api")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "GET /api/journeys/{journey_id}/read" in answer.text
    assert "<script" not in answer.text
    assert "://" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_two_servers_of_one_machine_do_not_share_a_cookie(installation: FakeInstallation) -> None:
    first, second = Console(installation.clock), Console(installation.clock)
    first.open_at("http://127.0.0.1:8420")
    second.open_at("http://127.0.0.1:8421")
    assert first.cookie != second.cookie
