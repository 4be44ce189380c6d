"""Route by role: what the one table says is what the application does, and no route is left out of it."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import cast

import httpx
import pytest
from fastapi.routing import APIRoute
from tests.unit.api.conftest import LOCAL_TOKEN

from perennial.access.roles import MACHINE, PERMISSIONS_OF, ROLES, TOKEN_SCOPES, Role
from perennial.api import create_app
from perennial.api.app import edge_behind
from perennial.api.permissions import NEEDS
from perennial.cli.local_transport import LocalTransport
from perennial.kernel.errors import NotFound
from perennial.testing.installation import API_TOKEN, FakeInstallation, FakeWorkspace

HERE = "http://127.0.0.1:8420"
PASSWORD = "four words of mei"
PAGES = {
    "enter_console",
    "show_sign_in",
    "sign_in_by_form",
    "show_set_up",
    "show_join",
    "show_reset",
    "redeem_by_form",
}
"""Outside `/api`: what lets people in, without a session by nature."""
_PATH_VALUES = "abc"


def walked(routes: Iterable[object]) -> Iterator[APIRoute]:
    """Every route, also those of routers within."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from walked(inner.routes)


@cache
def calls() -> dict[str, tuple[str, str]]:
    """Method and path of each operation, its parameters filled in."""
    paths = cast(
        "Mapping[str, Mapping[str, Mapping[str, str]]]", create_app(FakeInstallation()).openapi()["paths"]
    )
    found: dict[str, tuple[str, str]] = {}
    for path, verbs in paths.items():
        if path.startswith("/api/"):
            filled = "/".join(_PATH_VALUES if "{" in step else step for step in path.split("/"))
            found |= {verb["operationId"]: (method.upper(), filled) for method, verb in verbs.items()}
    return found


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    names = {route.name for route in walked(create_app(FakeInstallation()).routes)}
    assert len(names) > 100
    assert sorted(names - PAGES - NEEDS.keys()) == []
    assert sorted(NEEDS.keys() - names) == []
    assert NEEDS.keys() == calls().keys()


class Closed(FakeInstallation):
    """An installation whose workspaces do not open: whoever is let in comes no further than their door."""

    def workspace(self, name: str) -> FakeWorkspace:
        """None."""
        raise NotFound(f"{name} is closed.")


@pytest.fixture
def installation() -> FakeInstallation:
    return Closed()


@pytest.fixture
def browser(installation: FakeInstallation) -> httpx.Client:
    """A browser at the console, without a session."""
    api = create_app(installation, local_token=LOCAL_TOKEN)
    edge_behind(api).console.open_at(HERE)
    return httpx.Client(transport=LocalTransport(api), base_url=HERE, headers={"origin": HERE})


def sign_in(browser: httpx.Client) -> None:
    order = {"email": "mei@example.com", "password": PASSWORD}
    assert browser.post("/api/console/session", json=order).status_code == 204


def is_let_in(answer: httpx.Response) -> bool:
    """Whether a call got as far as the workspace's door, or what it says itself was looked at."""
    return answer.status_code not in (401, 403)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_the_routes_of_the_table_and_no_other(
    installation: FakeInstallation, browser: httpx.Client, role: Role
) -> None:
    link = installation.members.invite_member("mei@example.com", role, "default", by=MACHINE).link
    assert link is not None
    installation.members.redeem_link(link.url.partition("key=")[2], PASSWORD)
    sign_in(browser)
    let_in: set[str] = set()
    for operation, (method, path) in calls().items():
        if is_let_in(browser.request(method, path)):
            let_in.add(operation)
        if operation in ("end_session", "end_all_sessions", "change_password", "sign_in"):
            sign_in(browser)
    expected = {
        operation
        for operation, need in NEEDS.items()
        if need in ("anybody", "signed in") or need in PERMISSIONS_OF[role]
    }
    assert let_in == expected


@pytest.mark.parametrize("role", ROLES)
def test_a_role_in_one_workspace_is_none_in_another(
    installation: FakeInstallation, browser: httpx.Client, role: Role
) -> None:
    link = installation.members.invite_member("mei@example.com", role, "default", by=MACHINE).link
    assert link is not None
    installation.members.redeem_link(link.url.partition("key=")[2], PASSWORD)
    sign_in(browser)
    for name in ("other", "none-such"):
        answer = browser.get("/api/today", headers={"x-perennial-workspace": name})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    told = browser.get("/api/console/session").json()
    assert [one["name"] for one in told["workspaces"]] == ["default"]
    assert told["workspaces"][0]["permissions"] == sorted(PERMISSIONS_OF[role])


def test_without_a_session_or_token_only_open_routes_answer(client: httpx.Client) -> None:
    refused = {
        operation
        for operation, (method, path) in calls().items()
        if client.request(method, path).status_code == 401
    }
    assert NEEDS.keys() - refused == {operation for operation, need in NEEDS.items() if need == "anybody"}


def test_a_token_made_before_there_were_scopes_opens_all_that_a_token_can(client: httpx.Client) -> None:
    client.headers["authorization"] = f"Bearer {API_TOKEN}"
    let_in = {
        operation for operation, (method, path) in calls().items() if is_let_in(client.request(method, path))
    }
    assert let_in == {
        operation for operation, need in NEEDS.items() if need == "anybody" or need in TOKEN_SCOPES
    }


@pytest.mark.parametrize("scope", sorted(TOKEN_SCOPES))
def test_a_scope_opens_its_own_routes_only(
    installation: FakeInstallation, client: httpx.Client, scope: str
) -> None:
    made = installation.tokens.create_token("default", "one", scopes=[scope], days=None, by=MACHINE)
    client.headers["authorization"] = f"Bearer {made.token}"
    # One route of each need: all of them are tried with every role above.
    firsts = {need: operation for operation, need in reversed(list(NEEDS.items()))}
    let_in = {need for need, operation in firsts.items() if is_let_in(client.request(*calls()[operation]))}
    assert let_in == ({"anybody", scope} & firsts.keys())
