"""Several worlds in one installation: nothing of one is seen in another, and one can be taken away."""

from pathlib import Path

import httpx
import pytest

from perennial.access import Access, WorkspaceNotFound
from perennial.api import create_app
from perennial.backends.sql.stores import open_stores
from perennial.backends.sql.workspaces import SqlRegistry
from perennial.cli.local_transport import LocalTransport
from perennial.kernel.clock import SystemClock
from perennial.kernel.errors import Unavailable
from perennial.kernel.values import Json
from perennial.wiring import App, open_app

LOCAL = "local_secret"
CITY: Json = {"trait": "city", "=": "上海"}


def calling(app: App) -> httpx.Client:
    """A caller of the API over these workspaces."""
    transport = LocalTransport(create_app(app, local_token=LOCAL))
    return httpx.Client(transport=transport, base_url="http://perennial")


def hear(app: App, name: str, user: str) -> None:
    """A person does something in a workspace and says where they live."""
    workspace = app.workspace(name)
    workspace.send(
        [
            {"type": "track", "userId": user, "event": "app_open"},
            {"type": "identify", "userId": user, "traits": {"city": "上海"}},
        ]
    )
    workspace.wait_accepted()


def users(app: App, name: str) -> list[object]:
    with calling(app) as client:
        headers = {"authorization": f"Bearer {LOCAL}", "x-perennial-workspace": name}
        question: Json = {"condition": CITY}
        page = client.post("/api/people/list?wait=accepted", json=question, headers=headers).json()
    return [row["user_id"] for row in page["people"]]


def files_of(home: Path, name: str) -> list[Path]:
    return list((home / "workspaces" / name).rglob("*"))


def test_a_person_of_the_same_name_is_another_one_in_another_workspace(tmp_path: Path) -> None:
    with open_app(tmp_path / "home") as app:
        for name in ("north", "south"):
            app.init(name)
        hear(app, "north", "li")
        hear(app, "north", "wang")
        hear(app, "south", "li")
        assert (users(app, "north"), users(app, "south")) == (["li", "wang"], ["li"])
        assert [app.workspace(name).count_events() for name in ("north", "south")] == [2, 1]


def test_a_key_or_token_of_one_workspace_opens_no_other(tmp_path: Path) -> None:
    with open_app(tmp_path / "home") as app, calling(app) as client:
        north, south = app.init("north"), app.init("south")
        bearer = {"authorization": f"Bearer {north.api_token}"}
        call = {"type": "track", "userId": "li", "event": "app_open", "writeKey": north.write_key}
        assert client.post("/v1/track", json=call).status_code == 200
        assert client.get("/api/events/count?wait=accepted", headers=bearer).json() == {"events": 1}
        other = {"authorization": f"Bearer {south.api_token}"}
        assert client.get("/api/events/count?wait=accepted", headers=other).json() == {"events": 0}
        elsewhere = {**bearer, "x-perennial-workspace": "south"}
        assert client.get("/api/events/count", headers=elsewhere).status_code == 403
        assert client.get("/api/workspaces", headers=bearer).status_code == 403
        assert client.delete("/api/workspaces/north?confirm=north", headers=bearer).status_code == 403
        assert client.get("/api/workspace", headers=bearer).json()["name"] == "north"


def test_what_a_workspace_counts_in_is_said_and_kept(tmp_path: Path) -> None:
    with open_app(tmp_path / "home") as app, calling(app) as client:
        local = {"authorization": f"Bearer {LOCAL}"}
        order = {"workspace": "shop", "timezone": "Asia/Shanghai", "week_start": "sunday"}
        assert client.post("/api/workspaces", json=order, headers=local).status_code == 200
        changed = client.patch("/api/workspaces/shop", json={"currency": "CNY"}, headers=local).json()
        assert (changed["currency"], changed["title"]) == ("CNY", "shop")
        refused = client.patch("/api/workspaces/shop", json={"currency": "RMB"}, headers=local)
        assert (refused.status_code, refused.json()["path"]) == (422, "$.currency")
        app.init("archive")
        first = client.get("/api/workspaces?limit=1", headers=local).json()
        assert ([one["name"] for one in first["workspaces"]], first["next"]) == (["archive"], "archive")
        second = client.get("/api/workspaces?limit=1&after=archive", headers=local).json()
        assert second["next"] is None
        (shop,) = second["workspaces"]
        assert (shop["timezone"], shop["week_start"], shop["currency"]) == ("Asia/Shanghai", "sunday", "CNY")


def test_a_removed_workspace_leaves_nothing_behind_and_the_others_stand(
    tmp_path: Path, state_url: str
) -> None:
    home = tmp_path / "home"
    with open_app(home, state=state_url) as app:
        for name in ("north", "south"):
            app.init(name)
        app.start()
        hear(app, "north", "li")
        hear(app, "south", "wang")
        north = app.workspace("north")
        app.remove_workspace("north")
        assert app.workspaces() == ["south"]
        assert files_of(home, "north") == []
        with pytest.raises(WorkspaceNotFound):
            app.workspace("north")
        with pytest.raises(Unavailable):
            north.send([{"type": "track", "userId": "li", "event": "app_open"}])
        assert users(app, "south") == ["wang"]
        # A new one of that name begins with nothing.
        app.init("north")
        assert users(app, "north") == []
        hear(app, "north", "zhao")
        assert users(app, "north") == ["zhao"]


def test_a_removal_that_was_broken_off_is_ended_at_the_next_start(tmp_path: Path, state_url: str) -> None:
    home = tmp_path / "home"
    with open_app(home, state=state_url) as app:
        for name in ("north", "south"):
            app.init(name)
            hear(app, name, "li")
    stores = open_stores(state_url, home)
    Access(SqlRegistry(stores.root()), SystemClock()).begin_removal("north")
    stores.close()
    assert files_of(home, "north") != []
    with open_app(home, state=state_url) as app:
        app.start()
        assert files_of(home, "north") == []
        app.init("north")
        assert (users(app, "north"), users(app, "south")) == ([], ["li"])


def test_whoever_does_not_say_the_name_twice_removes_nothing(tmp_path: Path) -> None:
    with open_app(tmp_path / "home") as app, calling(app) as client:
        app.init("north")
        local = {"authorization": f"Bearer {LOCAL}"}
        for wrong in ("", "?confirm=south"):
            refused = client.delete(f"/api/workspaces/north{wrong}", headers=local)
            assert (refused.status_code, refused.json()["code"]) == (409, "not_confirmed")
        assert app.workspaces() == ["north"]
        assert client.delete("/api/workspaces/north?confirm=north", headers=local).json() == {
            "removed": "north"
        }
        assert app.workspaces() == []
