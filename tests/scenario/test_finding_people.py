"""Looking somebody up by the front door: search, the person's page, their history."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.collect.events import Reception
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.wiring import App, Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Row = Mapping[str, object]


class Desk:
    """A workspace behind its API, as support sees it."""

    def __init__(self, client: httpx.Client, app: App) -> None:
        self.client = client
        self.workspace: Workspace = app.workspace()
        self._sent = 0

    def hears(self, user: str, ago: timedelta, source: str = "web", **call: Json) -> None:
        self._sent += 1
        sent: dict[str, Json] = {"messageId": f"m{self._sent}", "timestamp": (NOON - ago).isoformat(), **call}
        if user:
            sent["userId"] = user
        reception = Reception(source=source, received_at=NOON, is_trusted=True)
        assert self.workspace.submit_calls([sent], reception).result().accepted == 1

    def get(self, path: str, **asked: str) -> Row:
        return self._read(self.client.get(path, params={"wait": "accepted", **asked}))

    def search(self, **asked: Json) -> list[object]:
        """Who is found, through all pages."""
        found: list[object] = []
        while True:
            answer = self._read(
                self.client.post("/api/people/search", json=asked, params={"wait": "accepted"})
            )
            found += [row["user_id"] for row in cast("Sequence[Row]", answer["people"])]
            if answer["next"] is None:
                return found
            asked = {**asked, "after": cast("str", answer["next"])}

    def _read(self, answer: httpx.Response) -> Row:
        assert answer.status_code == 200, answer.text
        return cast("Row", answer.json())


@pytest.fixture
def desk(tmp_path: Path, state_url: str) -> Iterator[Desk]:
    with open_app(tmp_path / "home", clock=VirtualClock(NOON), state=state_url) as app:
        token = {"authorization": f"Bearer {app.init().api_token}"}
        transport = LocalTransport(create_app(app))
        with httpx.Client(transport=transport, base_url="http://perennial", headers=token) as client:
            desk = Desk(client, app)
            for number, (user, mail, city) in enumerate(
                [
                    ("anna", "Anna@Example.com", "上海"),
                    ("annabel", "bel@example.com", "上海"),
                    ("bob", "annas-friend@example.com", "北京"),
                    ("shop/7", "team@example.com", "上海"),
                ]
            ):
                desk.hears(user, HOUR, source="crm", type="identify", traits={"email": mail, "city": city})
                for _ in range(number + 1):
                    desk.hears(user, HOUR / 2, type="track", event="order_paid")
            yield desk


def test_people_are_found_by_any_name_and_address_each_once(desk: Desk) -> None:
    assert sorted(map(str, desk.search(text="anna"))) == ["anna", "annabel", "bob"]
    assert desk.search(text="ANNA@example") == ["anna"]
    assert desk.search(text="shop/") == ["shop/7"]
    assert desk.search(text="nobody") == []
    assert desk.search(text="ann", limit=1) == desk.search(text="ann")


def test_a_trait_is_searched_by_its_beginning_its_value_and_a_condition_besides(desk: Desk) -> None:
    assert sorted(map(str, desk.search(trait="city", equals="上海"))) == ["anna", "annabel", "shop/7"]
    assert desk.search(trait="city", starts_with="北") == ["bob"]
    often: Json = {"did": "order_paid", "times": ">= 2"}
    for limit in (1, 2, 100):
        found = desk.search(trait="city", equals="上海", condition=often, limit=limit)
        assert sorted(map(str, found)) == ["annabel", "shop/7"], limit


def test_the_page_of_a_person_says_who_told_what_and_when(desk: Desk) -> None:
    desk.hears("anna", HOUR / 4, source="app", type="identify", traits={"city": "苏州"})
    desk.hears("anna", 2 * HOUR, source="old", type="identify", traits={"city": "无锡", "age": 5})
    desk.workspace.save_segment("{id: buyers, condition: {did: order_paid}}")
    desk.workspace.save_tag("{id: orders, measure: count, of: order_paid}")
    desk.workspace.wait_accepted()
    desk.workspace.refresh_segments()
    desk.workspace.refresh_tags()
    desk.workspace.record_consent("anna", consent="email/news", state="granted", proof="form")
    person = desk.get("/api/people/anna")
    told = {one["name"]: (one["value"], one["source"]) for one in cast("Sequence[Row]", person["traits"])}
    assert told == {"age": (5, "old"), "city": ("苏州", "app"), "email": ("Anna@Example.com", "crm")}
    assert person["names"] == [{"kind": "user", "value": "anna"}]
    assert person["consents"] == [
        {"consent": "email/news", "state": "granted", "said_at": "2026-03-02T12:00:00Z"}
    ]
    assert person["tags"] == {"orders": 1.0}
    assert [one["segment"] for one in cast("Sequence[Row]", person["segments"])] == ["buyers"]
    assert (person["first_seen_at"], person["last_seen_at"]) == (
        "2026-03-02T11:30:00Z",
        "2026-03-02T11:30:00Z",
    )
    assert desk.get("/api/people/shop/7")["user_id"] == "shop/7"


def test_hashed_values_are_found_by_what_they_were(desk: Desk) -> None:
    desk.workspace.publish_cleaning("rules: [{id: form, email: [email]}, {id: hide, hash: [email, card]}]")
    desk.hears("chen", HOUR, type="identify", traits={"email": "Chen@Example.com", "card": 1234})
    assert desk.search(text=" Chen@example.com") == ["chen"]
    assert desk.search(trait="email", equals="chen@example.com") == ["chen"]
    assert desk.search(trait="card", equals=1234) == ["chen"]
    assert desk.search(trait="card", equals=123) == []
    kept = cast("Sequence[Row]", desk.get("/api/people/chen")["traits"])[1]["value"]
    assert str(kept).startswith("h_")
    assert desk.search(text=cast("str", kept)) == ["chen"]  # each once, though found in two ways


def test_a_history_is_read_back_page_by_page_and_by_what_is_wanted(desk: Desk) -> None:
    for minutes in range(5):
        desk.hears("bob", timedelta(minutes=minutes), type="track", event="app_open")
    names: list[object] = []
    asked: dict[str, str] = {"limit": "2"}
    while True:
        page = desk.get("/api/people/bob/events", **asked)
        names += [one["name"] for one in cast("Sequence[Row]", page["events"])]
        if page["next"] is None:
            break
        asked["after"] = cast("str", page["next"])
    assert names == ["app_open"] * 5 + ["order_paid"] * 3 + ["identify"]
    since = (NOON - timedelta(minutes=3)).isoformat()
    until = NOON.isoformat()
    span = desk.get("/api/people/bob/events", **{"from": since, "to": until, "event": "app_open"})
    assert len(cast("Sequence[Row]", span["events"])) == 3
    (one,) = cast("Sequence[Row]", desk.get("/api/people/bob/events", kind="identify")["events"])
    assert (one["source"], one["properties"]) == (
        "crm",
        {"email": "annas-friend@example.com", "city": "北京"},
    )


def test_merged_people_are_found_as_the_one_they_are(desk: Desk) -> None:
    desk.hears("", HOUR, type="identify", anonymousId="device-9", traits={"name": "Annika"})
    assert desk.search(text="annika") == [None]
    desk.hears("bob", HOUR / 3, type="identify", anonymousId="device-9", traits={})
    assert desk.search(text="annika") == ["bob"]
    assert desk.search(text="device-") == ["bob"]
    assert desk.workspace.erase_person("bob")["state"] == "done"
    assert (
        desk.search(text="annika")
        == desk.search(text="device-")
        == desk.search(trait="city", equals="北京")
        == []
    )


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "nothing_looked_for"),
        ({"trait": "city"}, "one_of"),
        ({"trait": "city", "starts_with": "a", "equals": "b"}, "one_of"),
    ],
)
def test_a_search_for_nothing_is_refused(desk: Desk, asked: Mapping[str, Json], code: str) -> None:
    answer = desk.client.post("/api/people/search", json=asked)
    assert (answer.status_code, [one["code"] for one in answer.json()["problems"]]) == (422, [code])


def test_a_text_that_is_no_cursor_and_nobody_are_refused(desk: Desk) -> None:
    answer = desk.client.post("/api/people/search", json={"text": "anna", "after": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
    assert desk.client.get("/api/people/nobody", params={"wait": "accepted"}).status_code == 404
