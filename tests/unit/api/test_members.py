"""Members at the HTTP edge: pages and cookies, and everybody who is turned away."""

import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from tests.unit.api.conftest import LOCAL_TOKEN

from perennial.access.members.rules import PAIR_FREE, SESSION_LASTS
from perennial.access.roles import MACHINE
from perennial.api import create_app
from perennial.api.access import address_of
from perennial.api.app import edge_behind
from perennial.cli.local_transport import LocalTransport
from perennial.testing.installation import FakeInstallation

HERE = "http://127.0.0.1:8420"
PUBLIC = "https://crm.example.com"
PASSWORD = "four words of mei"
TOKEN = {"authorization": f"Bearer {LOCAL_TOKEN}"}
ORDER = {"email": "mei@example.com", "password": PASSWORD}


@pytest.fixture
def installation() -> FakeInstallation:
    found = FakeInstallation()
    found.public_url = PUBLIC
    return found


@pytest.fixture
def api(installation: FakeInstallation) -> FastAPI:
    api = create_app(installation, local_token=LOCAL_TOKEN)
    edge_behind(api).console.open_at(HERE)
    return api


def browser(api: FastAPI, address: str = HERE) -> httpx.Client:
    return httpx.Client(transport=LocalTransport(api), base_url=address, headers={"origin": address})


@pytest.fixture
def owned(installation: FakeInstallation) -> FakeInstallation:
    """Mei owns everything."""
    link = installation.members.make_set_up_link()
    installation.members.redeem_link(link.url.partition("key=")[2], PASSWORD, email="mei@example.com")
    return installation


def signed_in(api: FastAPI, address: str = HERE) -> httpx.Client:
    client = browser(api, address)
    assert client.post("/api/console/session", json=ORDER).status_code == 204
    return client


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_first_owner_comes_in_by_pages_without_scripts(
    api: FastAPI, installation: FakeInstallation
) -> None:
    made = browser(api).post("/api/members/set-up", headers=TOKEN).json()
    client = browser(api)
    page = client.get(made["url"])
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    key = re.findall(r'name="key" value="([^"]+)"', page.text)[0]
    # Looking did not use it up; a password that will not do neither.
    form = {"key": key, "email": "mei@example.com", "password": "short"}
    assert client.post("/set-up", data=form).status_code == 422
    entered = client.post("/set-up", data={**form, "password": PASSWORD})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert client.get("/api/console/session").json()["member"] == "mei@example.com"
    assert installation.members.has_owner()
    again = browser(api).post("/set-up", data={**form, "email": "eve@example.com", "password": PASSWORD})
    assert again.status_code == 409
    assert "此链接已使用" in again.text


@pytest.mark.parametrize(
    ("address", "words", "name"),
    [
        (HERE, {"httponly", "samesite=lax", "path=/"}, "perennial_member_8420"),
        (PUBLIC, {"httponly", "samesite=lax", "path=/", "secure"}, "__Host-perennial_member"),
    ],
)
@pytest.mark.usefixtures("owned")
def test_a_session_is_kept_out_of_reach(api: FastAPI, address: str, words: set[str], name: str) -> None:
    cookie = browser(api, address).post("/api/console/session", json=ORDER).headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")}
    assert cookie.startswith(f"{name}=member_")
    assert words <= parts
    assert ("secure" in parts) == (address == PUBLIC)
    assert not any(part.startswith("domain") for part in parts)


@pytest.mark.usefixtures("owned")
def test_signing_in_ends_the_session_that_the_browser_had(api: FastAPI) -> None:
    client = signed_in(api)
    (planted,) = client.cookies.values()
    assert client.post("/api/console/session", json=ORDER).status_code == 204
    assert client.cookies.values() != [planted]
    thief = browser(api)
    thief.cookies.set("perennial_member_8420", planted)
    assert code_of(thief.get("/api/today")) == (401, "session_missing")
    assert client.get("/api/today").status_code == 200


@pytest.mark.usefixtures("owned")
def test_a_session_id_that_somebody_planted_is_never_taken(api: FastAPI) -> None:
    client = browser(api)
    client.cookies.set("perennial_member_8420", "member_planted", domain="127.0.0.1", path="/")
    answer = client.post("/api/console/session", json=ORDER)
    assert "member_planted" not in answer.headers["set-cookie"]


@pytest.mark.parametrize("address", [HERE, PUBLIC])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:3000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.usefixtures("owned")
def test_a_change_that_another_page_asks_is_refused(
    api: FastAPI, address: str, headers: dict[str, str]
) -> None:
    client = signed_in(api, address)
    for method, path in (
        ("POST", "/api/journeys/winback/pause"),
        ("POST", "/api/members"),
        ("DELETE", "/api/console/session"),
        ("POST", "/api/console/session"),
        ("POST", "/api/console/session/password"),
    ):
        answer = client.request(method, path, headers=headers, json=ORDER)
        assert code_of(answer) == (403, "foreign_request"), path
    assert client.post("/sign-in", data=ORDER, headers=headers).status_code == 403


@pytest.mark.usefixtures("owned")
def test_a_change_without_an_origin_is_refused(api: FastAPI) -> None:
    client = signed_in(api)
    del client.headers["origin"]
    assert code_of(client.post("/api/journeys/winback/pause")) == (403, "foreign_request")
    assert client.get("/api/today").status_code == 200


@pytest.mark.usefixtures("owned")
def test_another_hosts_name_opens_nothing(api: FastAPI) -> None:
    for address in (
        "https://evil.example",
        "https://crm.example.com.evil.example",
        "http://evil.example:8420",
    ):
        client = browser(api, address)
        assert code_of(client.post("/api/console/session", json=ORDER)) == (403, "foreign_request")
        assert client.get("/sign-in").status_code == 403


@pytest.mark.usefixtures("owned")
def test_a_link_of_the_machine_opens_nothing_at_the_public_address(api: FastAPI) -> None:
    link = edge_behind(api).console.make_link()
    public = browser(api, PUBLIC)
    assert code_of(public.get(link.replace(HERE, PUBLIC))) == (403, "foreign_request")
    near = browser(api)
    assert near.get(link).status_code == 303
    (session,) = near.cookies.values()
    public.cookies.set("perennial_session_8420", session)
    assert code_of(public.get("/api/today")) == (401, "session_missing")


@pytest.mark.usefixtures("owned")
def test_who_guesses_is_told_when_to_come_again(api: FastAPI) -> None:
    client = browser(api)
    wrong = {**ORDER, "password": "wrong"}
    for _ in range(PAIR_FREE):
        assert code_of(client.post("/api/console/session", json=wrong)) == (401, "sign_in_refused")
    answer = client.post("/api/console/session", json=ORDER)
    assert code_of(answer) == (429, "too_many_sign_ins")
    assert answer.headers["retry-after"] == "15"
    assert client.post("/sign-in", data=ORDER).status_code == 429


@pytest.mark.parametrize(
    ("peer", "host", "address"),
    [
        ("127.0.0.1", "crm.example.com", "198.51.100.7"),
        ("127.0.0.1", "127.0.0.1:8420", "127.0.0.1"),
        ("203.0.113.9", "crm.example.com", "203.0.113.9"),
    ],
)
def test_only_our_own_neighbour_says_where_a_request_came_from(
    api: FastAPI, peer: str, host: str, address: str
) -> None:
    # What stands before the last address is hearsay: the caller may have written it.
    headers = [(b"host", host.encode()), (b"x-forwarded-for", b"192.0.2.1, 198.51.100.7")]
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})
    assert address_of(request, edge_behind(api)) == address


@pytest.mark.usefixtures("owned")
def test_a_password_is_changed_by_whoever_knows_it_and_every_session_ends(api: FastAPI) -> None:
    client, elsewhere = signed_in(api), signed_in(api)
    change = {"present": "wrong", "wanted": "another four words"}
    assert code_of(client.post("/api/console/session/password", json=change)) == (401, "sign_in_refused")
    changed = client.post("/api/console/session/password", json={**change, "present": PASSWORD})
    assert changed.status_code == 204
    assert [code_of(one.get("/api/today"))[0] for one in (client, elsewhere)] == [401, 401]
    assert client.post("/api/console/session", json=ORDER).status_code == 401


@pytest.mark.usefixtures("owned")
def test_signing_out_everywhere_ends_every_browser(api: FastAPI) -> None:
    client, elsewhere = signed_in(api), signed_in(api)
    assert client.delete("/api/console/sessions").json() == {"ended": 2}
    assert elsewhere.get("/api/today").status_code == 401


def test_a_session_ends_by_itself(api: FastAPI, owned: FakeInstallation) -> None:
    client = signed_in(api)
    owned.clock.advance(SESSION_LASTS + timedelta(seconds=1))
    assert client.get("/api/today").status_code == 401


@pytest.mark.usefixtures("owned")
def test_an_owner_invites_and_the_invited_comes_in_with_the_role(api: FastAPI) -> None:
    owner = signed_in(api)
    made = owner.post("/api/members", json={"email": "li@example.com", "role": "support"}).json()
    assert made["roles"] == {"default": "support"}
    li = browser(api)
    form = {"key": made["link"]["url"].partition("key=")[2], "password": "the words of li"}
    assert li.post("/join", data=form).status_code == 303
    assert li.get("/api/people/list").status_code != 403
    refused = li.post("/api/journeys/winback/pause")
    assert code_of(refused) == (403, "forbidden")
    assert "'publish'" in refused.json()["message"]
    assert code_of(li.post("/api/members", json={"email": "x@example.com", "role": "viewer"}))[0] == 403

    assert owner.put("/api/members/li@example.com/role", json={"role": "operator"}).status_code == 200
    assert li.post("/api/journeys/winback/pause").status_code == 200
    listed = owner.get("/api/members").json()["members"]
    assert [one["email"] for one in listed] == ["li@example.com", "mei@example.com"]
    assert owner.delete("/api/members/li@example.com").status_code == 200
    assert code_of(li.get("/api/today")) == (401, "session_missing")


def test_no_answer_tells_a_password_or_a_hash(api: FastAPI, owned: FakeInstallation) -> None:
    owner = signed_in(api)
    texts = [owner.get(path).text for path in ("/api/members", "/api/tokens", "/api/console/session")]
    texts.append(owner.post("/api/console/session", json={**ORDER, "password": 7}).text)
    texts.append(owner.post("/api/console/session", json={**ORDER, "password": "x" * 2000}).text)
    kept = [PASSWORD, "x" * 2000, *owned.entered.passwords.values(), *owned.entered.sessions]
    assert [secret for secret in kept if any(secret in text for text in texts)] == []


def test_a_token_with_scopes_and_an_end(api: FastAPI, owned: FakeInstallation) -> None:
    owner = signed_in(api)
    order = {"name": "dashboard", "scopes": ["look"], "days": 30}
    made = owner.post("/api/tokens", json=order).json()
    assert made["record"]["scopes"] == ["look"]
    script = httpx.Client(
        transport=LocalTransport(api), base_url=HERE, headers={"authorization": f"Bearer {made['token']}"}
    )
    assert script.get("/api/today").status_code == 200
    assert code_of(script.post("/api/journeys/winback/pause")) == (403, "forbidden")
    owned.clock.advance(timedelta(days=30))
    assert code_of(script.get("/api/today")) == (401, "unauthorized")

    bad = {"name": "", "scopes": ["loook", "members"], "days": 0}
    codes = [
        one["code"] for one in browser(api).post("/api/tokens", json=bad, headers=TOKEN).json()["problems"]
    ]
    assert codes == ["unknown_scope", "unknown_scope", "bad_name", "bad_days"]


def test_nobody_gives_a_token_more_than_they_have(installation: FakeInstallation) -> None:
    admin = installation.members.invite_member("a@example.com", "admin", "default", by=MACHINE).member
    made = installation.tokens.create_token("default", "all", scopes=[], days=None, by=admin.acting())
    assert made.record.made_by == admin.member_id
    installation.tokens.revoke_token(
        "default", installation.tokens.list_tokens("default")[-1].token_hash[:16]
    )
    assert installation.authenticate_token(made.token) is None
