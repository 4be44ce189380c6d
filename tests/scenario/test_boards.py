"""Boards by the front door: kept, filtered, written to files, and shared without naming anybody."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.evaluate.boards import TEMPLATES
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.wiring import open_app

NOW = datetime(2026, 3, 20, tzinfo=UTC)
SALES: Json = {"kind": "trend", "series": [{"event": "order_paid", "count": "sum(amount)"}]}
VISITS: dict[str, Json] = {"kind": "trend", "series": [{"event": "visit", "count": "people"}]}
BY_CITY: Json = {**VISITS, "breakdown": {"trait": "city"}}
RANGE: Json = {"from": "2026-03-02", "to": "2026-03-03"}


Seen = dict[str, Any]
"""A tile as the API shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A small shop and a caller of its API."""

    client: httpx.Client
    clock: VirtualClock

    def save(self, board: Json, **parameters: int) -> httpx.Response:
        return self.client.post("/api/boards", json=board, params=parameters)

    def run(self, board_id: str, **asked: Json) -> dict[str, Seen]:
        found = self.client.post(f"/api/boards/{board_id}/run", json=asked)
        assert found.status_code == 200, found.text
        return {one["id"]: one for one in found.json()["tiles"]}

    def look(self, url: str) -> httpx.Response:
        token = url.partition("#")[2]
        headers = {"X-Perennial-Share": token, "Authorization": ""}
        return self.client.get("/api/shared/default", headers=headers)


def tile(name: str, spec: Json, x: int = 0, y: int = 0, **more: Json) -> dict[str, Json]:
    return {"id": name, "title": name, "spec": spec, "layout": {"x": x, "y": y, "w": 6, "h": 4}, **more}


def board(*tiles: Json, **more: Json) -> dict[str, Json]:
    return {"id": "shop", "name": "Shop", "filters": {"range": RANGE}, "tiles": list(tiles), **more}


@pytest.fixture(scope="module")
def app_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    clock = VirtualClock(NOW)
    with open_app(tmp_path_factory.mktemp("home"), clock=clock) as app:
        token = app.init().api_token
        workspace = app.workspace()
        calls: list[Json] = [
            call("anna", "visit", "2026-03-02T09:00:00Z", {}),
            call("anna", "order_paid", "2026-03-02T09:05:00Z", {"amount": 40}),
            call("bob", "visit", "2026-03-02T12:00:00Z", {"from": "bob@example.com"}),
            call("bob", "visit", "2026-03-03T12:00:00Z", {}),
            {"type": "identify", "userId": "anna", "messageId": "i1", "traits": {"city": "Lima"}},
        ]
        workspace.send(calls)
        workspace.turn()
        workspace.save_segment("{id: buyers, condition: {did: order_paid}}")
        transport = LocalTransport(create_app(app, local_token=None))
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(transport=transport, base_url="http://here", headers=headers) as client:
            yield Shop(client=client, clock=clock)


@pytest.fixture
def shop(app_shop: Shop) -> Iterator[Shop]:
    yield app_shop
    for one in app_shop.client.get("/api/boards").json()["boards"]:
        app_shop.client.delete(f"/api/boards/{one['id']}")
    for one in app_shop.client.get("/api/insights/saved").json()["insights"]:
        app_shop.client.delete(f"/api/insights/saved/{one['id']}")


def call(user: str, event: str, at: str, properties: dict[str, Json]) -> dict[str, Json]:
    message = f"{user} {event} {at}"
    told: dict[str, Json] = {"event": event, "properties": properties, "timestamp": at}
    return {"type": "track", "userId": user, "messageId": message, **told}


def values(found: Seen) -> list[float]:
    return [point["value"] for point in found["answer"]["series"][0]["points"]]


def test_filters_hold_for_every_tile(shop: Shop) -> None:
    own = {**VISITS, "among": {"trait": "city", "is": "Lima"}, "range": {"last": "90d"}}
    assert shop.save(board(tile("a", VISITS), tile("b", own, x=6))).status_code == 200
    plain = shop.run("shop")
    assert values(plain["a"]) == [2, 1]
    assert values(plain["b"]) == [1, 0]
    narrowed = shop.run(
        "shop", filters={"among": "buyers", "range": {"from": "2026-03-02", "to": "2026-03-02"}}
    )
    assert values(narrowed["a"]) == [1]
    asked = narrowed["b"]["spec"]
    # What a tile shows can be asked by anybody: its numbers are those of its specification.
    assert (
        shop.client.post("/api/insights/run", json=asked).json()["series"]
        == narrowed["b"]["answer"]["series"]
    )


def test_a_tile_says_what_nobody_ever_sent_and_shows_no_number(shop: Shop) -> None:
    refunds: Json = {"kind": "trend", "series": [{"event": "refunded", "count": "total"}]}
    margin: Json = {"kind": "trend", "series": [{"event": "order_paid", "count": "sum(margin)"}]}
    shop.save(board(tile("refunds", refunds), tile("margin", margin, x=6), tile("sales", SALES, y=4)))
    found = shop.run("shop")
    assert (found["refunds"]["state"], found["refunds"]["missing_events"]) == ("missing", ["refunded"])
    assert (found["margin"]["state"], found["margin"]["missing_properties"]) == (
        "missing",
        ["order_paid.margin"],
    )
    assert found["refunds"]["answer"] is None
    assert values(found["sales"]) == [40, 0]


def test_the_second_of_two_who_save_is_told(shop: Shop) -> None:
    first = shop.save(board(), replaces=0).json()
    mine = shop.save(board(tile("a", VISITS)), replaces=first["version"])
    theirs = shop.save(board(tile("b", SALES)), replaces=first["version"])
    assert mine.json()["version"] == first["version"] + 1
    assert (theirs.status_code, theirs.json()["code"]) == (409, "saved_meanwhile")
    kept = shop.client.get("/api/boards/shop").json()["document"]
    assert [one["id"] for one in kept["tiles"]] == ["a"]


def test_mistakes_are_told_with_their_places(shop: Shop) -> None:
    wrong = board(
        tile("a", {"kind": "trnd"}),
        tile("a", VISITS, x=3),
        tile("c", VISITS, x=8),
        {"id": "d", "insight": "x"},
    )
    found = shop.save(wrong)
    assert found.status_code == 422
    told = {one["path"]: one["code"] for one in found.json()["problems"]}
    assert told == {
        "$.tiles[0].spec.kind": "unknown_kind",
        "$.tiles[1].id": "taken_twice",
        "$.tiles[1].layout": "tiles_overlap",
        "$.tiles[2].layout": "off_the_board",
        "$.tiles[3].layout": "wrong_type",
        "$.tiles[3].insight": "unknown_insight",
    }


def test_a_kept_insight_stays_while_a_board_shows_it(shop: Shop) -> None:
    kept = {"id": "visits", "name": "Visits", "spec": VISITS}
    assert shop.client.post("/api/insights/saved", json=kept).status_code == 200
    shop.save(board({"id": "v", "insight": "visits", "layout": {"x": 0, "y": 0, "w": 4, "h": 4}}))
    assert shop.run("shop")["v"]["title"] == "Visits"
    assert shop.client.get("/api/insights/saved/visits").json()["boards"] == ["shop"]
    refused = shop.client.delete("/api/insights/saved/visits")
    assert (refused.status_code, refused.json()["code"]) == (409, "insight_in_use")
    shop.client.delete("/api/boards/shop")
    assert shop.client.delete("/api/insights/saved/visits").status_code == 200
    assert shop.client.get("/api/insights/saved/visits").json()["code"] == "insight_not_found"


def test_files_say_the_same_numbers(shop: Shop) -> None:
    spec = {**VISITS, "range": RANGE}
    text = shop.client.post("/api/insights/export", json=spec).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["at"], row["value"]) for row in rows] == [("2026-03-02", "2"), ("2026-03-03", "1")]
    written = shop.client.post("/api/insights/export", json=spec, params={"format": "parquet"})
    table = pq.read_table(io.BytesIO(written.content))
    assert table.column("value").to_pylist() == [2.0, 1.0]
    shop.save(board(tile("a", VISITS), tile("none", {"kind": "stickiness", "event": "refunded"}, x=6)))
    whole = shop.client.post("/api/boards/shop/export", json={}, params={"format": "parquet"})
    found = pq.read_table(io.BytesIO(whole.content)).to_pylist()
    assert [(one["tile"], one["measure"], one["value"], one["missing"]) for one in found] == [
        ("a", "value", 2.0, None),
        ("a", "value", 1.0, None),
        ("none", None, None, "refunded"),
    ]


def test_every_template_is_a_board_in_both_languages(shop: Shop) -> None:
    for language in ("en", "zh-CN"):
        listed = shop.client.get("/api/boards/templates", params={"language": language}).json()["templates"]
        assert [one["id"] for one in listed] == list(TEMPLATES)
        for one in listed:
            assert shop.save(one["board"]).status_code == 200
            for found in shop.run(one["id"]).values():
                assert (found["state"] == "missing") == bool(
                    found["missing_events"] or found["missing_properties"]
                )
                assert found["state"] != "failed", found["problem"]


def test_a_template_takes_other_names_of_events(shop: Shop) -> None:
    asked = {"events": {"product_viewed": "visit"}}
    found = shop.client.post("/api/boards/templates/ecommerce", json=asked).json()
    assert "visit" in found["events"]
    assert "product_viewed" not in json.dumps(found["board"])
    wrong = shop.client.post("/api/boards/templates/ecommerce", json={"events": {"prodct_viewed": "visit"}})
    assert wrong.json()["problems"][0]["hint"] == "Did you mean 'product_viewed'?"


def test_a_link_shows_numbers_and_nobody(shop: Shop) -> None:
    shop.save(board(tile("visits", VISITS), tile("city", BY_CITY, x=6)))
    made = shop.client.post("/api/boards/shop/shares", json={"days": 3}).json()
    seen = shop.look(made["url"])
    assert seen.status_code == 200, seen.text
    assert seen.headers["cache-control"] == "no-store"
    tiles = {one["id"]: one for one in seen.json()["tiles"]}
    assert values(tiles["visits"]) == [2, 1]
    assert (tiles["city"]["state"], tiles["city"]["answer"]) == ("hidden", None)
    for word in ("Lima", "anna", "cell", "spec", "prf_"):
        assert word not in seen.text


def test_a_shared_tile_that_names_somebody_is_left_out(shop: Shop) -> None:
    shop.save(board(tile("by", {**VISITS, "breakdown": "from"}), tile("plain", VISITS, x=6)))
    made = shop.client.post("/api/boards/shop/shares", json={}).json()
    seen = {one["id"]: one["state"] for one in shop.look(made["url"]).json()["tiles"]}
    assert seen == {"by": "hidden", "plain": "answered"}


def test_a_link_ends_and_is_taken_back(shop: Shop) -> None:
    shop.save(board(tile("visits", VISITS)))
    links = [shop.client.post("/api/boards/shop/shares", json={"days": 1}).json() for _ in range(2)]
    assert shop.client.delete(f"/api/shares/{links[0]['id']}").json()["open"] is False
    refused = [
        shop.look(links[0]["url"]),
        shop.look(links[1]["url"][:-1]),
        shop.look("#"),
        shop.look("#shr_x"),
    ]
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(404, "unknown_share")}
    assert shop.look(links[1]["url"]).status_code == 200
    shop.clock.advance(timedelta(days=1))
    assert shop.look(links[1]["url"]).json()["code"] == "unknown_share"
    listed = shop.client.get("/api/boards/shop/shares")
    assert [one["open"] for one in listed.json()["shares"][:2]] == [False, False]
    assert links[1]["url"].partition("#")[2] not in listed.text


def test_looking_too_often_is_refused(shop: Shop) -> None:
    found = [shop.look("#nothing").status_code for _ in range(40)]
    assert (found[0], found[-1]) == (404, 429)
    shop.clock.advance(timedelta(minutes=5))
    assert shop.look("#nothing").status_code == 404


def test_the_link_stands_in_no_audit_entry(shop: Shop) -> None:
    shop.save(board(tile("visits", VISITS)))
    made = shop.client.post("/api/boards/shop/shares", json={}).json()
    told = shop.client.get("/api/audit").text
    assert "share_board" in told
    assert made["url"].partition("#")[2] not in told
